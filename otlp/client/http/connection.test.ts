import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import net, { type AddressInfo } from "node:net";
import tls from "node:tls";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { Answer } from "../../answer.ts";
import { parseEndpoint } from "../../endpoint.ts";
import { makeCertificates } from "../../test-certificates.ts";
import { readTlsFiles, type TlsMaterial } from "../../tls.ts";
import type { Transport } from "../contract.ts";
import { openHttpTransport } from "./http-transport.ts";

const OK = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

describe("a connection", () => {
  test("carries a request as HTTP/1.1 has it", async () => {
    const target = await serve((_, socket) => socket.write(OK));
    const transport = open(`${target.url}/base`, { "X-Key": "ü" });
    await send(transport);
    expect(target.requests[0]).toBe(
      `POST /base/v1/traces HTTP/1.1\r\nhost: ${target.url.slice("http://".length)}\r\nuser-agent: stampede\r\n` +
        `content-type: application/x-protobuf\r\nx-key: ${Buffer.from("ü").toString("latin1")}\r\n` +
        "connection: keep-alive\r\ncontent-length: 5\r\n\r\nhello",
    );
  });

  const ways = [
    ["a length", OK, 1],
    ["chunks", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", 1],
    ["interim answers before", `HTTP/1.1 100 Continue\r\n\r\n${OK}`, 1],
    ["HTTP/1.0", "HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n", 3],
    ["connection: close", "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n", 3],
    ["no time left", "HTTP/1.1 200 OK\r\nkeep-alive: timeout=1\r\ncontent-length: 0\r\n\r\n", 3],
    ["more behind it", `${OK}HTTP/1.1 500 X\r\n`, 3],
  ] as const;
  test.for(ways)("is kept or not as the answer asks: %s", async ([, answer, connections]) => {
    const target = await serve((_, socket) => socket.write(answer));
    const transport = open(target.url);
    for (let i = 0; i < 3; i++) expect(await send(transport)).toMatchObject({ kind: "accepted" });
    expect(target.sockets.length).toBe(connections);
    expect(target.requests.length).toBe(3);
  });

  test("ends with an answer that has no length", async () => {
    const target = await serve((_, socket) => socket.end("HTTP/1.1 400 X\r\n\r\nno such dataset"));
    const transport = open(target.url);
    for (let i = 0; i < 2; i++) {
      expect(await send(transport)).toMatchObject({
        code: "http_400",
        message: "400 Bad Request: no such dataset",
      });
    }
    expect(target.sockets.length).toBe(2);
  });

  test("that the target closes while it is idle is not used again", async () => {
    const target = await serve((_, socket) => socket.write(OK));
    const transport = open(target.url);
    await send(transport);
    const closed = new Promise((resolve) => target.sockets[0]!.once("close", resolve));
    target.sockets[0]!.end();
    await closed;
    expect(await send(transport)).toMatchObject({ kind: "accepted" });
    expect(target.sockets.length).toBe(2);
  });

  test("is used for as long as the target promises to keep it, less a second", async () => {
    const target = await serve((_, socket) =>
      socket.write("HTTP/1.1 200 OK\r\nkeep-alive: timeout=5\r\ncontent-length: 0\r\n\r\n"),
    );
    vi.useFakeTimers({ toFake: ["performance"] });
    onTestFinished(() => void vi.useRealTimers());
    const transport = open(target.url);
    for (const [ms, connections] of [
      [0, 1],
      [3999, 1],
      [4001, 2],
    ] as const) {
      vi.advanceTimersByTime(ms);
      expect(await send(transport)).toMatchObject({ kind: "accepted" });
      expect(target.sockets.length).toBe(connections);
    }
  });

  test("gives each of its requests the whole time", async () => {
    const target = await serve((_, socket) => setTimeout(() => socket.write(OK), 100));
    const transport = open(target.url, {}, {}, 350);
    for (let i = 0; i < 4; i++) expect(await send(transport)).toMatchObject({ kind: "accepted" });
    expect(target.sockets.length).toBe(1);
  });

  test("on which something comes that nobody asked for is closed", async () => {
    const target = await serve((_, socket) => socket.write(OK));
    const transport = open(target.url);
    await send(transport);
    const closed = new Promise((resolve) => target.sockets[0]!.once("close", resolve));
    target.sockets[0]!.write("HTTP/1.1 503 X\r\ncontent-length: 0\r\n\r\n");
    await closed;
    expect(await send(transport)).toMatchObject({ kind: "accepted" });
    expect(target.sockets.length).toBe(2);
  });

  test("with a malformed answer is closed, and its request in doubt, in one clear line", async () => {
    const target = await serve((_, socket) => socket.write("220 mail ready\r\n"));
    const transport = open(target.url);
    for (let i = 0; i < 2; i++) {
      expect(await send(transport)).toMatchObject({
        kind: "lost",
        sent: true,
        code: "connection_lost",
        message: 'the answer is not HTTP/1.1, it begins with "220 mail ready"',
      });
    }
    expect(target.sockets.length).toBe(2);
  });

  test("keeps its requests' answers apart", async () => {
    const target = await serve((request, socket) => {
      const body = request.slice(-1);
      setImmediate(() => socket.write(`HTTP/1.1 400 X\r\ncontent-length: 1\r\n\r\n${body}`));
    });
    const transport = open(target.url);
    const answers = "abcdefghij"
      .repeat(20)
      .split("")
      .map(async (letter) => {
        const answer = await send(transport, Buffer.from(letter));
        expect(answer).toHaveProperty("message", `400 Bad Request: ${letter}`);
      });
    await Promise.all(answers);
  });

  test("keeps no process alive when it is idle, and one with a request until the deadline", async () => {
    const target = await serve((request, socket) => request.endsWith("hello") && socket.write(OK));
    const program = `
      import { openHttpTransport } from ${JSON.stringify(new URL("./http-transport.ts", import.meta.url).href)};
      import { parseEndpoint } from ${JSON.stringify(new URL("../../endpoint.ts", import.meta.url).href)};
      const endpoint = parseEndpoint(${JSON.stringify(target.url)}, { protocol: "http/protobuf" });
      const transport = openHttpTransport({ endpoint, protocol: "http/protobuf", timeoutMs: 300 });
      const send = (text, next) => transport.send("logs", Buffer.from(text), (answer) => {
        process.stdout.write((answer.code ?? answer.kind) + " ");
        next?.();
      });
      send("hello", () => send("silence", () => send("hello")));
      process.on("exit", () => process.stdout.write("end"));
    `;
    const output = await new Promise<string>((resolve, reject) => {
      const args = ["--input-type=module", "-e", program];
      execFile(process.execPath, args, { timeout: 10_000 }, (error, stdout) =>
        error ? reject(error) : resolve(stdout),
      );
    });
    expect(output).toBe("accepted timeout accepted end");
  });
});

test("over TLS a connection is kept too, speaks http/1.1 and names the host", async () => {
  const made = makeCertificates();
  onTestFinished(() => rmSync(made.directory, { recursive: true }));
  const names: unknown[] = [];
  const material = readTlsFiles({ cert: made.serverCert, key: made.serverKey });
  const target = await serve(
    (_, socket) => {
      names.push((socket as tls.TLSSocket).servername, (socket as tls.TLSSocket).alpnProtocol);
      socket.write(OK);
    },
    (onConnection) => tls.createServer({ ...material, ALPNProtocols: ["http/1.1"] }, onConnection),
  );
  const url = target.url.replace("http://127.0.0.1", "https://localhost");
  const transport = open(url, {}, readTlsFiles({ ca: made.ca }));
  const answers = [];
  for (let i = 0; i < 3; i++) answers.push(await send(transport, Buffer.alloc(300_000, "x")));
  expect(answers.map(({ kind, wireBytes }) => [kind, wireBytes])).toEqual(
    Array(3).fill(["accepted", 300_000]),
  );
  expect(target.sockets.length).toBe(1);
  expect(names.slice(0, 2)).toEqual(["localhost", "http/1.1"]);
});

function open(
  url: string,
  headers: Record<string, string> = {},
  material: TlsMaterial = {},
  timeoutMs = 10_000,
): Transport {
  const endpoint = parseEndpoint(url, { protocol: "http/protobuf" });
  const transport = openHttpTransport({
    endpoint,
    protocol: "http/protobuf",
    headers,
    tls: material,
    timeoutMs,
  });
  onTestFinished(() => transport.close());
  return transport;
}

function send(transport: Transport, body = Buffer.from("hello")): Promise<Answer> {
  return new Promise((resolve) => transport.send("traces", body, resolve));
}

/** A target that hands each whole request, as text, to `onRequest`. */
async function serve(
  onRequest: (request: string, socket: net.Socket) => unknown,
  create: (onConnection: (socket: net.Socket) => void) => net.Server = (onConnection) =>
    net.createServer(onConnection),
) {
  const sockets: net.Socket[] = [];
  const requests: string[] = [];
  const server = create((socket) => {
    sockets.push(socket.on("error", () => undefined));
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      const length = /content-length: (\d+)\r\n\r\n/.exec(text);
      if (!length || text.length < length.index + length[0].length + Number(length[1])) return;
      requests.push(text);
      onRequest(text, socket);
      text = "";
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, sockets, requests };
}
