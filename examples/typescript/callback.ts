import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

const HEADER = "x-sinch-webhook-signature";

/**
 * Verify that Sinch signed a callback with one of your secrets, within `tolerance` seconds of now.
 *
 * @param body The request's body as it was received, before any JSON parsing.
 * @param headers The request's headers, with names in lower case, as Node.js has them.
 * @param secrets `[secret, previousSecret]` of the webhook. Empty secrets are skipped.
 * @param now The current time in unix seconds.
 * @param tolerance Maximum seconds between the timestamp of the callback and `now`, in either direction.
 * @returns The index of the matching secret.
 * @throws {Error} The callback must not be trusted: respond with 401.
 */
export function verifyCallback(
    body: Buffer,
    headers: IncomingHttpHeaders,
    secrets: string[],
    now = Date.now() / 1000,
    tolerance = 300,
): number {
    const signature = headerOf(headers, HEADER);
    const algorithm = headerOf(headers, `${HEADER}-algorithm`);
    const nonce = headerOf(headers, `${HEADER}-nonce`);
    const timestamp = headerOf(headers, `${HEADER}-timestamp`);
    if (algorithm.toLowerCase() !== "hmacsha256") {
        throw new Error("the algorithm is not HmacSHA256");
    }
    if (!/^[0-9]{1,15}$/.test(timestamp)) {
        throw new Error("the timestamp is not in unix seconds");
    }
    // Dots separate body, nonce and timestamp. Only the body may contain other dots.
    if (nonce.includes(".")) {
        throw new Error("the nonce holds a dot");
    }
    const signed = Buffer.concat([body, Buffer.from(`.${nonce}.${timestamp}`)]);
    // Every secret is compared, so that the time taken does not depend on which one matches.
    const matches = secrets.map(secret => secret !== "" && isSigned(signed, signature, secret));
    const index = matches.indexOf(true);
    if (index < 0) {
        throw new Error("the signature does not match");
    }
    if (Math.abs(now - Number(timestamp)) > tolerance) {
        throw new Error("the timestamp is too old or in the future");
    }
    return index;
}

function headerOf(headers: IncomingHttpHeaders, name: string): string {
    const value = headers[name];
    if (typeof value !== "string" || value === "") {
        throw new Error(`the callback has no ${name} header`);
    }
    return value;
}

function isSigned(signed: Buffer, signature: string, secret: string): boolean {
    const expected = Buffer.from(createHmac("sha256", secret).update(signed).digest("base64"));
    const given = Buffer.from(signature);
    return given.length === expected.length && timingSafeEqual(given, expected);
}
