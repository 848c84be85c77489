import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";

import { verifyCallback } from "./callback";

const secrets = [
    process.env.SINCH_WEBHOOK_SECRET ?? "",
    process.env.SINCH_WEBHOOK_PREVIOUS_SECRET ?? "",
];

async function readBody(request: IncomingMessage): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
        chunks.push(chunk);
    }
    return Buffer.concat(chunks);
}

const server = createServer(async (request, response) => {
    const body = await readBody(request);
    try {
        const which = verifyCallback(body, request.headers, secrets);
        console.log(`accepted ${JSON.parse(body.toString()).type}, signed with secret ${which}`);
        response.statusCode = 204;
    } catch (error) {
        console.log(`rejected a callback: ${error}`);
        response.statusCode = 401;
    }
    response.end();
});

const port = Number(process.env.PORT ?? "8000");
server.listen(port, "127.0.0.1", () => console.log(`listening on http://127.0.0.1:${port}/sinch`));
