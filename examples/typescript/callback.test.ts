import { strictEqual, throws } from "node:assert";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { verifyCallback } from "./callback";

interface Vector {
    name: string;
    body: string;
    headers: Record<string, string>;
    secrets: string[];
    now: number;
    matches: number | null;
}

const file = process.env.VECTORS ?? "../../docs/callback-vectors.json";
const vectors: Vector[] = JSON.parse(readFileSync(file, "utf8")).vectors;

for (const vector of vectors) {
    test(vector.name, () => {
        const verify = () =>
            verifyCallback(Buffer.from(vector.body, "base64"), vector.headers, vector.secrets, vector.now);
        if (vector.matches === null) {
            throws(verify);
        } else {
            strictEqual(verify(), vector.matches);
        }
    });
}
