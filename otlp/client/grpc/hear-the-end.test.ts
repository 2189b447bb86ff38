import { once } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import net, { type AddressInfo, type Socket } from "node:net";
import tls from "node:tls";
import { afterAll, expect, test } from "vitest";
import type { Answer } from "../../answer.ts";
import { parseEndpoint } from "../../endpoint.ts";
import { makeCertificates } from "../../test-certificates.ts";
import { readTlsFiles } from "../../tls.ts";
import { openGrpcTransport } from "./grpc-transport.ts";

const made = makeCertificates();
afterAll(() => rmSync(made.directory, { recursive: true }));

const EMPTY_SETTINGS = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
/** What every GOAWAY begins with that carries no text. */
const GOAWAY_HEAD = Buffer.from([0, 0, 8, 7, 0, 0, 0, 0, 0]);
/** Every stream is answered still; NO_ERROR. */
const GOAWAY = Buffer.concat([GOAWAY_HEAD, Buffer.from([0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0])]);
/** A frame longer than any may be. */
const GARBAGE = Buffer.alloc(64, 0xff);
/** Longer than any test may take: who waits for it fails. */
const DEADLINE_MS = 300_000;

test.for([
  { why: "a GOAWAY of the target", scheme: "http", last: GARBAGE },
  { why: "a GOAWAY of the target", scheme: "https", last: GARBAGE },
  { why: "a GOAWAY of the target", scheme: "http", last: Buffer.alloc(0) },
  { why: "the end of its age", scheme: "http", last: GARBAGE },
  { why: "the end of its age", scheme: "https", last: GARBAGE },
])(
  "after $why, a connection over $scheme that gets $last.length bytes and is closed answers its call",
  async ({ why, scheme, last }) => {
    const isAged = why === "the end of its age";
    const serve = (socket: Socket): void => {
      let seen: Buffer = Buffer.alloc(0);
      socket.on("error", () => undefined);
      socket.write(EMPTY_SETTINGS);
      socket.once("data", () => isAged || socket.write(GOAWAY));
      socket.on("data", (chunk: Buffer) => {
        seen = Buffer.concat([seen, chunk]);
        // A client that closes a connection, for whatever reason, says so by a GOAWAY of its own.
        if (seen.includes(GOAWAY_HEAD) && !socket.writableEnded) socket.end(last);
      });
    };
    const secrets = { cert: readFileSync(made.serverCert), key: readFileSync(made.serverKey) };
    const server =
      scheme === "http"
        ? net.createServer(serve)
        : tls.createServer({ ...secrets, ALPNProtocols: ["h2"] }, serve);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const transport = openGrpcTransport({
      endpoint: parseEndpoint(`${scheme}://127.0.0.1:${port}`, { protocol: "grpc" }),
      protocol: "grpc",
      timeoutMs: DEADLINE_MS,
      tls: readTlsFiles({ ca: made.ca }),
      maxConnectionAgeMs: isAged ? 500 : 0,
    });
    const answer = await new Promise<Answer>((resolve) =>
      transport.send("traces", Buffer.from("hello"), resolve),
    );
    expect(answer).toMatchObject({
      kind: "lost",
      sent: true,
      code: "connection_lost",
      message: "the connection was closed before an answer came",
    });
    await transport.close();
    server.close();
  },
);
