import { rmSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import net, { type AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import type { Answer } from "../../answer.ts";
import { parseEndpoint } from "../../endpoint.ts";
import { COMPRESSIONS, type Compression } from "../../protocol.ts";
import type { ExportRequest } from "../../server/handler.ts";
import { startHttpServer } from "../../server/http/server.ts";
import { HTTP_PATHS, SIGNALS, type Signal } from "../../signal.ts";
import { makeCertificates } from "../../test-certificates.ts";
import { readTlsFiles } from "../../tls.ts";
import type { TargetSettings, Transport } from "../contract.ts";
import { parseRetryAfter } from "./http-answer.ts";
import { openHttpTransport } from "./http-transport.ts";

describe("a request", () => {
  test("arrives as OTLP/HTTP has it: path, type, length, headers byte for byte", async () => {
    const seen: { request: http.IncomingMessage; body: Buffer }[] = [];
    const url = await serve(async (request, response) => {
      seen.push({ request, body: await buffer(request) });
      response.end();
    });
    const secret = `a=b, "c" ; ü  ''`;
    const transport = open(`${url}/base/`, { headers: { "X-Team": secret, "user-agent": "mine" } });
    for (const signal of SIGNALS) {
      const body = Buffer.from(`body of ${signal}`);
      expect(await send(transport, body, signal)).toMatchObject({ kind: "accepted", wireBytes: body.length });
    }
    for (const [index, signal] of SIGNALS.entries()) {
      const { request, body } = seen[index]!;
      expect([request.method, request.url]).toEqual(["POST", `/base${HTTP_PATHS[signal]}`]);
      expect(body.toString()).toBe(`body of ${signal}`);
      expect(request.headers).toMatchObject({
        "content-type": "application/x-protobuf",
        "content-length": `${body.length}`,
        "user-agent": "mine",
      });
      expect(request.headers["transfer-encoding"]).toBeUndefined();
      expect(request.headers["content-encoding"]).toBeUndefined();
      expect(Buffer.from(request.headers["x-team"] as string, "latin1").toString("utf8")).toBe(secret);
    }
  });

  test.for([
    ["gzip", gunzipSync],
    ["zstd", zstdDecompressSync],
  ] as const)(
    "in %s unpacks to the same bytes, and its wire bytes are those that came",
    async ([compression, unpack]) => {
      let packed = Buffer.alloc(0);
      const url = await serve(async (request, response) => {
        expect(request.headers["content-encoding"]).toBe(compression);
        packed = await buffer(request);
        response.end();
      });
      const body = Buffer.alloc(460_000, "span ");
      const answer = await send(open(url, { compression }), body);
      expect(answer).toMatchObject({ kind: "accepted", wireBytes: packed.length });
      expect(unpack(packed).equals(body)).toBe(true);
      expect(packed.length).toBeLessThan(body.length / 10);
    },
  );

  test("keeps its connection for the next one, and the answer names it", async () => {
    const ports = new Set<number>();
    const url = await serve((request, response) => {
      ports.add(request.socket.remotePort!);
      request.resume().on("end", () => response.end("{}"));
    });
    const transport = open(url.replace("127.0.0.1", "localhost"));
    const addresses = new Set<string>();
    for (let i = 0; i < 20; i++) addresses.add((await send(transport)).address);
    expect(ports.size).toBe(1);
    expect([...addresses]).toEqual([url.slice("http://".length)]);
  });
});

describe("ready bytes", () => {
  const plain = Buffer.alloc(460_000, "span ");
  const ready: Record<Compression, Buffer> = {
    none: plain,
    gzip: gzipSync(plain),
    zstd: zstdCompressSync(plain),
  };
  const pairs = COMPRESSIONS.flatMap((encoding) => COMPRESSIONS.map((own) => [encoding, own] as const));

  test.for(pairs)("in %s go out as they are where plain bodies go out in %s", async ([encoding, own]) => {
    const seen: { headers: http.IncomingHttpHeaders; body: Buffer }[] = [];
    const url = await serve(async (request, response) => {
      seen.push({ headers: request.headers, body: await buffer(request) });
      response.end();
    });
    const transport = open(url, { compression: own });
    const body = Buffer.from(ready[encoding]);
    const answer = await sendReady(transport, body, encoding);
    expect(answer).toMatchObject({ kind: "accepted", wireBytes: body.length });
    expect(await send(transport)).toMatchObject({ kind: "accepted" });
    const header = (name: Compression) => (name === "none" ? undefined : name);
    expect(seen.map(({ headers }) => headers["content-encoding"])).toEqual([header(encoding), header(own)]);
    expect(seen[0]!.headers["content-length"]).toBe(`${body.length}`);
    expect(seen[0]!.body.equals(ready[encoding])).toBe(true);
  });

  test.for(COMPRESSIONS)("in %s unpack at Stampede's own receiver", async (encoding) => {
    let seen: ExportRequest | undefined;
    const server = await startHttpServer({
      host: "127.0.0.1",
      port: 0,
      handle: (request) => {
        seen = request;
        return { kind: "accepted" };
      },
      onFault: (fault) => {
        throw fault;
      },
    });
    onTestFinished(() => server.close(0));
    const body = Buffer.from(ready[encoding]);
    const answer = await sendReady(open(`http://${server.address}`), body, encoding, "metrics");
    expect(answer).toMatchObject({ kind: "accepted", wireBytes: body.length });
    expect(seen).toMatchObject({ signal: "metrics", compression: encoding, wireBytes: body.length });
    expect(Buffer.from(seen!.body).equals(plain)).toBe(true);
  });

  test("are released once they are written, before a slow answer", async () => {
    const released = Promise.withResolvers<void>();
    const url = await serve(async (request, response) => {
      await buffer(request);
      await released.promise;
      response.end();
    });
    let releases = 0;
    const answer = await sendReady(open(url), Buffer.from(ready.zstd), "zstd", "traces", () => {
      releases++;
      released.resolve();
    });
    expect(answer).toMatchObject({ kind: "accepted" });
    expect(releases).toBe(1);
  });

  test("are released and answered as closed by a closed transport, whatever they are in", async () => {
    const transport = open("http://127.0.0.1:1", { compression: "gzip" });
    await transport.close();
    let releases = 0;
    const answer = await sendReady(transport, Buffer.from(ready.zstd), "zstd", "logs", () => releases++);
    expect(answer).toMatchObject({ kind: "lost", sent: false, code: "closed", wireBytes: 0 });
    expect(releases).toBe(1);
  });
});

describe("a response's status decides", () => {
  test.for([
    [200, "accepted"],
    [204, "accepted"],
    [302, "permanent"],
    [400, "permanent"],
    [401, "permanent"],
    [404, "permanent"],
    [408, "permanent"],
    [413, "permanent"],
    [429, "retryable"],
    [500, "permanent"],
    [501, "permanent"],
    [502, "retryable"],
    [503, "retryable"],
    [504, "retryable"],
  ] as const)("%i is %s", async ([status, kind]) => {
    const url = await serve(answering(status));
    const answer = await send(open(url));
    expect(answer).toMatchObject({ kind, wireBytes: 5 });
    if (kind !== "accepted") expect(answer).toMatchObject({ code: `http_${status}` });
    expect(answer).not.toHaveProperty("retryAfterMs");
  });

  test("and what the target says is told", async () => {
    const plain = await serve(answering(400, { "content-type": "text/plain" }, "no\nsuch dataset"));
    expect(await send(open(plain))).toMatchObject({ message: "400 Bad Request: no such dataset" });
    const challenge = await serve(answering(401, { "www-authenticate": "Bearer" }));
    expect(await send(open(challenge))).toMatchObject({ message: "401 Unauthorized: Bearer" });
    const moved = await serve(answering(308, { location: "/" }));
    expect(await send(open(moved))).toMatchObject({
      message: "308 Permanent Redirect: redirects are not followed; use the address behind it",
    });
  });

  test("Retry-After is passed on for refusals that may be retried", async () => {
    const throttled = await serve(answering(429, { "retry-after": "7" }));
    expect(await send(open(throttled))).toMatchObject({ kind: "retryable", retryAfterMs: 7000 });
  });

  test("partial success is read from the body", async () => {
    const body = Buffer.from([0x0a, 0x06, 0x08, 0x02, 0x12, 0x02, 0x6e, 0x6f]);
    const url = await serve(answering(200, { "content-type": "application/x-protobuf" }, body));
    expect(await send(open(url))).toMatchObject({ kind: "partial", rejected: 2, message: "no" });
    const json = '{"partialSuccess":{"rejectedSpans":"3"}}';
    const jsonUrl = await serve(answering(200, { "content-type": "application/json" }, json));
    expect(await send(open(jsonUrl))).toMatchObject({ kind: "partial", rejected: 3 });
  });

  test("a reply longer than anybody needs is not kept", async () => {
    const url = await serve(answering(200, {}, Buffer.alloc(1024 * 1024)));
    expect(await send(open(url))).toMatchObject({
      kind: "accepted",
      warning: "the reply is too long to be read",
    });
  });
});

test.for([
  ["120", 120_000],
  ["0", 0],
  ["1.5", 1500],
  ["Wed, 21 Oct 2026 07:28:10 GMT", 10_000],
  ["Wed, 21 Oct 2026 07:27:00 GMT", 0],
  ["Wednesday, 21-Oct-26 07:28:10 GMT", 10_000],
  ["Wed Oct 21 07:28:10 2026", 10_000],
  ["Tue Oct  6 07:28:10 2026", 0],
  ["Thu, 21 Oct 2027 07:28:00 GMT", 86_400_000],
  ["Wed, 21 Oct 2026 77:28:10 GMT", undefined],
  ["Monday 2099", undefined],
  ["2026-10-21T07:28:10Z", undefined],
  ["7 seconds", undefined],
  ["1e9", undefined],
  ["soon", undefined],
  ["-1", undefined],
  ["", undefined],
  [undefined, undefined],
] as const)("Retry-After %s is %s ms", ([text, ms]) => {
  expect(parseRetryAfter(text, Date.parse("2026-10-21T07:28:00Z"))).toBe(ms);
});

describe("without an answer the request is lost", () => {
  test("and certainly not delivered when nobody listens", async () => {
    const answer = await send(open(`http://127.0.0.1:${await unusedPort()}`));
    expect(answer).toMatchObject({ kind: "lost", sent: false, code: "unreachable", wireBytes: 0 });
    expect(answer).toHaveProperty("message", expect.stringContaining("ECONNREFUSED"));
  });

  test("and certainly not delivered when the name does not exist", async () => {
    const answer = await send(open("http://no-such-host.invalid:1"));
    expect(answer).toMatchObject({ kind: "lost", sent: false, address: "no-such-host.invalid:1" });
  });

  test("and in doubt when the connection breaks after the body was read", async () => {
    const url = await serve((request) => request.resume().on("end", () => request.socket.resetAndDestroy()));
    const answer = await send(open(url));
    expect(answer).toMatchObject({ kind: "lost", sent: true, code: "connection_lost", wireBytes: 5 });
  });

  test("and in doubt when the answer is cut", async () => {
    const url = await serveRaw((socket) => {
      socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf"));
    });
    expect(await send(open(url))).toMatchObject({ kind: "lost", sent: true, code: "connection_lost" });
  });

  test.for([
    ["HTTP/1.1 400 X\r\ncontent-length: 100\r\n\r\nno such", "permanent", "400 Bad Request: no such"],
    [
      "HTTP/1.1 503 X\r\ntransfer-encoding: chunked\r\n\r\n64\r\nbusy",
      "retryable",
      "503 Service Unavailable: busy",
    ],
    [
      "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n",
      "permanent",
      "400 Bad Request: write https://; the target says: Client sent an HTTP request to an HTTPS server.",
    ],
  ] as const)("and known by its status when a refusal is cut: %j", async ([text, kind, message]) => {
    const url = await serveRaw((socket) => socket.once("data", () => socket.end(text)));
    expect(await send(open(url))).toMatchObject({ kind, message });
  });

  test("and in doubt when the answer is not HTTP", async () => {
    const url = await serveRaw((socket) => socket.once("data", () => socket.end("SSH-2.0-OpenSSH_9.9\r\n")));
    expect(await send(open(url))).toMatchObject({ kind: "lost", sent: true, code: "connection_lost" });
  });

  test("and in doubt when none comes in time", async () => {
    const url = await serve((request) => request.resume());
    const answer = await send(open(url, { timeoutMs: 50 }));
    expect(answer).toMatchObject({
      kind: "lost",
      sent: true,
      code: "timeout",
      message: "no answer within 0.05 s",
    });
  });

  test("and the next one gets a new connection", async () => {
    let first = true;
    const url = await serve((request, response) => {
      if (first) request.socket.destroy();
      else request.resume().on("end", () => response.end());
      first = false;
    });
    const transport = open(url);
    expect(await send(transport)).toMatchObject({ kind: "lost", sent: true });
    expect(await send(transport)).toMatchObject({ kind: "accepted" });
  });
});

describe("the body belongs to the transport until done", () => {
  test("an early answer does not free a body that is still being written", async () => {
    // More than the socket buffers of both ends hold, so that part of it is still with the sender.
    const body = Buffer.alloc(48 * 1024 * 1024, "x");
    let received = 0;
    let foreign = 0;
    let readOn = (): void => undefined;
    const answered = Promise.withResolvers<void>();
    const url = await serveRaw((socket) => {
      socket.once("data", () => {
        socket.pause();
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", () => answered.resolve());
        readOn = () => socket.resume();
        socket.on("data", (chunk: Buffer) => {
          received += chunk.length;
          for (const byte of chunk) if (byte !== 0x78) foreign++;
        });
      });
    });
    const transport = open(url);
    let isDone = false;
    const done = send(transport, body).then((answer) => {
      isDone = true;
      body.fill("y"); // what an owner may do from now on
      return answer;
    });
    await answered.promise;
    // The answer takes a few turns of the loop to be read; none of them may free the body.
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(isDone).toBe(false);
    readOn();
    expect(await done).toMatchObject({ kind: "accepted", wireBytes: body.length });
    await expect.poll(() => received, { timeout: 10_000 }).toBeGreaterThan(body.length - 64 * 1024);
    expect(foreign).toBe(0);
  });

  test("a refusal that comes early and closes counts as the answer", async () => {
    const url = await serveRaw((socket) => {
      socket.once("data", () => {
        socket.write("HTTP/1.1 413 Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
        socket.resume().on("end", () => socket.end());
      });
    });
    const answer = await send(open(url), Buffer.alloc(4 * 1024 * 1024));
    expect(answer).toMatchObject({ kind: "permanent", code: "http_413" });
  });

  test("a target that answers but never reads on costs the timeout, and its answer counts", async () => {
    const url = await serveRaw((socket) => {
      socket.once("data", () => {
        socket.pause();
        socket.write("HTTP/1.1 429 Slow Down\r\ncontent-length: 0\r\n\r\n");
      });
    });
    const answer = await send(open(url, { timeoutMs: 200 }), Buffer.alloc(48 * 1024 * 1024));
    expect(answer).toMatchObject({ kind: "retryable", code: "http_429" });
  });
});

describe("a transport", () => {
  test("never answers before send has returned, not even when it is closed", async () => {
    const url = await serve(answering(200));
    const transport = open(url);
    await transport.close();
    let isDone = false;
    const answer = new Promise<Answer>((resolve) => {
      transport.send("logs", Buffer.alloc(1), (a) => {
        isDone = true;
        resolve(a);
      });
    });
    expect(isDone).toBe(false);
    expect(await answer).toMatchObject({ kind: "lost", sent: false, code: "closed" });
  });

  test("answers what is in flight when it is closed", async () => {
    const arrived = Promise.withResolvers<void>();
    const url = await serve((request) => request.resume().on("end", arrived.resolve));
    const transport = open(url);
    const answer = send(transport);
    await arrived.promise;
    await transport.close();
    expect(await answer).toMatchObject({ kind: "lost", sent: true });
  });

  test("answers each of many at once exactly once", async () => {
    const url = await serve((request, response) => {
      request.resume().on("end", () => (Math.random() < 0.3 ? request.socket.destroy() : response.end()));
    });
    const transport = open(url, { compression: "gzip" });
    let answers = 0;
    const all = Array.from({ length: 200 }, () => {
      return new Promise<void>((resolve) => {
        transport.send("metrics", Buffer.alloc(1000), () => {
          answers++;
          resolve();
        });
      });
    });
    await Promise.all(all);
    expect(answers).toBe(200);
  });

  test.for([
    ["gzip", 10, "compression level of gzip must be 1 to 9, got 10"],
    ["zstd", 0, "compression level of zstd must be 1 to 22, got 0"],
  ] as const)("refuses %s at level %i", ([compression, compressionLevel, message]) => {
    expect(() => open("http://h", { compression, compressionLevel })).toThrow(
      expect.objectContaining({ code: "bad_compression", message }),
    );
  });

  test.for([
    ["content-length", "1", 'header "content-length" is set by the protocol itself; leave it out'],
    ["x key", "s3cret", 'header "x key": the name has characters that no header may have'],
    ["x-key", "s3\ncret", 'header "x-key": the value has characters that cannot be sent (a line break?)'],
  ] as const)("refuses the header %s without telling its value", ([name, value, message]) => {
    expect(() => open("http://h", { headers: { [name]: value } })).toThrow(
      expect.objectContaining({ name: "TargetError", code: "bad_header", message }),
    );
  });
});

describe("over TLS", () => {
  const made = makeCertificates();
  const server = https.createServer(
    {
      ...readTlsFiles({ ca: made.ca, cert: made.serverCert, key: made.serverKey }),
      requestCert: true,
      rejectUnauthorized: false,
    },
    (request, response) => {
      const { authorized } = request.socket as unknown as { authorized: boolean };
      request.resume().on("end", () => response.writeHead(authorized ? 200 : 401).end());
    },
  );
  const listening = new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  afterAll(() => {
    server.close();
    rmSync(made.directory, { recursive: true });
  });
  const openTls = async (files: Parameters<typeof readTlsFiles>[0]): Promise<Transport> => {
    await listening;
    return open(`https://localhost:${(server.address() as AddressInfo).port}`, { tls: readTlsFiles(files) });
  };

  test("a client with the right certificate is let in", async () => {
    const transport = await openTls({ ca: made.ca, cert: made.clientCert, key: made.clientKey });
    expect(await send(transport, Buffer.alloc(500_000))).toMatchObject({
      kind: "accepted",
      wireBytes: 500_000,
    });
  });

  test("a client without one gets the server's refusal", async () => {
    expect(await send(await openTls({ ca: made.ca }))).toMatchObject({ kind: "permanent", code: "http_401" });
  });

  test("a server that nobody vouches for gets nothing", async () => {
    const answer = await send(await openTls({}));
    expect(answer).toMatchObject({ kind: "lost", sent: false, code: "unreachable", wireBytes: 0 });
    expect(answer).toHaveProperty(
      "message",
      expect.stringMatching(/^TLS: the target's certificate is from /),
    );
  });

  test("a server that nobody vouches for is taken when told so", async () => {
    expect(await send(await openTls({ skipVerify: true }))).toMatchObject({ code: "http_401" });
  });

  test("a server without TLS is recognised", async () => {
    const url = await serve(answering(200));
    const answer = await send(open(url.replace("http:", "https:")));
    expect(answer).toMatchObject({ kind: "lost", sent: false });
    expect(answer).toHaveProperty(
      "message",
      "the target does not speak TLS here; write http:// or set insecure",
    );
  });
});

function open(url: string, settings: Partial<TargetSettings> = {}): Transport {
  const endpoint = parseEndpoint(url, { protocol: "http/protobuf" });
  const transport = openHttpTransport({ endpoint, protocol: "http/protobuf", ...settings });
  onTestFinished(() => transport.close());
  return transport;
}

function send(transport: Transport, body = Buffer.from("hello"), signal: Signal = "traces"): Promise<Answer> {
  return new Promise((resolve) => transport.send(signal, body, resolve));
}

function sendReady(
  transport: Transport,
  body: Buffer,
  ready: Compression,
  signal: Signal = "traces",
  released?: () => void,
): Promise<Answer> {
  return new Promise((resolve) => transport.send(signal, body, resolve, released, ready));
}

function answering(
  status: number,
  headers: http.OutgoingHttpHeaders = {},
  body: string | Buffer = "",
): Handler {
  return (request, response) => {
    request.resume().on("end", () => response.writeHead(status, headers).end(body));
  };
}

type Handler = (request: http.IncomingMessage, response: http.ServerResponse) => unknown;

function serve(handler: Handler): Promise<string> {
  const server = http.createServer(handler);
  return listen(server, () => server.closeAllConnections());
}

function serveRaw(onConnection: (socket: net.Socket) => void): Promise<string> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket.on("error", () => undefined));
    onConnection(socket);
  });
  return listen(server, () => {
    for (const socket of sockets) socket.destroy();
  });
}

async function listen(server: net.Server, cut: () => void): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    cut();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function unusedPort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
