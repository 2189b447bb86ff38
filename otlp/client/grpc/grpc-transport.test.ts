import { readFileSync, rmSync } from "node:fs";
import http2, { type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import net, { type AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import * as grpc from "@grpc/grpc-js";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import type { Answer } from "../../answer.ts";
import { parseEndpoint } from "../../endpoint.ts";
import { GRPC_PATHS, SIGNALS, type Signal } from "../../signal.ts";
import { makeCertificates } from "../../test-certificates.ts";
import { readTlsFiles } from "../../tls.ts";
import type { TargetSettings, Transport } from "../contract.ts";
import { openGrpcTransport } from "./grpc-transport.ts";

describe("a request", () => {
  test("arrives unchanged at the signal's method, with the headers as metadata", async () => {
    const seen: { path: string; body: Buffer; metadata: grpc.Metadata }[] = [];
    const url = await serveGrpc((call, respond, path) => {
      seen.push({ path, body: call.request, metadata: call.metadata });
      respond(null, Buffer.alloc(0));
    });
    const headers = { "X-Team": `a=b, "c" ; ''`, "trace-bin": Buffer.from([1, 255]).toString("base64") };
    const transport = open(url, { headers });
    for (const signal of SIGNALS) {
      const answer = await send(transport, Buffer.from(`body of ${signal}`), signal);
      const wireBytes = `body of ${signal}`.length + 5;
      expect(answer).toEqual({ kind: "accepted", address: url.slice("http://".length), wireBytes });
    }
    expect(seen.map(({ path }) => path)).toEqual(SIGNALS.map((signal) => GRPC_PATHS[signal]));
    expect(seen.map(({ body }) => body.toString())).toEqual(SIGNALS.map((signal) => `body of ${signal}`));
    expect(seen[0]!.metadata.get("x-team")).toEqual([headers["X-Team"]]);
    expect(seen[0]!.metadata.get("trace-bin")).toEqual([Buffer.from([1, 255])]);
    expect(seen[0]!.metadata.get("user-agent")[0]).toMatch(/^stampede/);
  });

  test("larger than gRPC's usual limit is sent: limits are the target's to set", async () => {
    const url = await serveGrpc((_call, respond) => respond(null, Buffer.alloc(0)));
    const body = Buffer.alloc(6 * 1024 * 1024);
    expect(await send(open(url), body)).toMatchObject({ kind: "accepted", wireBytes: body.length + 5 });
  });

  test("in gzip has the wire bytes that the server gets, per signal, with many at once", async () => {
    const received: Record<string, number> = {};
    const url = await serveHttp2(async (stream, headers) => {
      const frame = await buffer(stream);
      expect(headers["grpc-encoding"]).toBe("gzip");
      expect(gunzipSync(frame.subarray(5)).length).toBeGreaterThan(0);
      received[headers[":path"]!] = (received[headers[":path"]!] ?? 0) + frame.length;
      succeed(stream);
    });
    const transport = open(url, { compression: "gzip" });
    const sent: Record<string, number> = {};
    const requests = Array.from({ length: 60 }, async (_, index) => {
      const signal = SIGNALS[index % 3]!;
      const answer = await send(transport, Buffer.alloc(300_000, `span ${index} `), signal);
      expect(answer.kind).toBe("accepted");
      sent[GRPC_PATHS[signal]] = (sent[GRPC_PATHS[signal]] ?? 0) + answer.wireBytes;
    });
    await Promise.all(requests);
    expect(Object.keys(sent)).toHaveLength(3);
    expect(sent).toEqual(received);
  });

  test("in zstd is compressed on its way", async () => {
    const seen: Buffer[] = [];
    const url = await serveHttp2(async (stream, headers) => {
      const frame = await buffer(stream);
      expect(headers["grpc-encoding"]).toBe("zstd");
      seen.push(frame);
      succeed(stream);
    });
    const body = Buffer.alloc(300_000, "span ");
    const answer = await send(open(url, { compression: "zstd" }), body);
    expect(answer).toMatchObject({ kind: "accepted", wireBytes: seen[0]!.length });
    expect(zstdDecompressSync(seen[0]!.subarray(5)).equals(body)).toBe(true);
  });

  test.for([
    ["none", (body: Buffer) => body],
    ["gzip", (body: Buffer) => gzipSync(body)],
    ["zstd", (body: Buffer) => zstdCompressSync(body)],
  ] as const)("that is ready in %s leaves as it is, flagged and named", async ([encoding, pack]) => {
    const seen: { frame: Buffer; headers: IncomingHttpHeaders }[] = [];
    const url = await serveHttp2(async (stream, headers) => {
      seen.push({ frame: await buffer(stream), headers });
      succeed(stream);
    });
    const body = pack(Buffer.alloc(100_000, "span "));
    const transport = open(url, { compression: "gzip", timeoutMs: 2500 });
    const answer = await new Promise<Answer>((resolve) =>
      transport.send("logs", body, resolve, undefined, encoding),
    );
    expect(answer).toMatchObject({ kind: "accepted", wireBytes: body.length + 5 });
    const { frame, headers } = seen[0]!;
    expect(headers["grpc-encoding"]).toBe(encoding === "none" ? undefined : encoding);
    expect(headers).toMatchObject({
      te: "trailers",
      "content-type": "application/grpc",
      "grpc-timeout": "2500m",
    });
    expect([frame[0], frame.readUInt32BE(1)]).toEqual([encoding === "none" ? 0 : 1, body.length]);
    expect(frame.subarray(5).equals(body)).toBe(true);
  });

  test.for([1, 3])("goes over %i connection(s) when that many are asked for", async (connections) => {
    const sessions = new Set<unknown>();
    const url = await serveHttp2((stream) => {
      sessions.add(stream.session);
      succeed(stream);
    });
    const transport = open(url, { connections });
    for (let i = 0; i < 9; i++) expect(await send(transport)).toMatchObject({ kind: "accepted" });
    expect(sessions.size).toBe(connections);
  });
});

describe("a status decides", () => {
  test.for([
    ["CANCELLED", "retryable"],
    ["UNKNOWN", "permanent"],
    ["INVALID_ARGUMENT", "permanent"],
    ["DEADLINE_EXCEEDED", "retryable"],
    ["NOT_FOUND", "permanent"],
    ["ALREADY_EXISTS", "permanent"],
    ["PERMISSION_DENIED", "permanent"],
    ["RESOURCE_EXHAUSTED", "permanent"],
    ["FAILED_PRECONDITION", "permanent"],
    ["ABORTED", "retryable"],
    ["OUT_OF_RANGE", "retryable"],
    ["UNIMPLEMENTED", "permanent"],
    ["INTERNAL", "permanent"],
    ["UNAVAILABLE", "retryable"],
    ["DATA_LOSS", "retryable"],
    ["UNAUTHENTICATED", "permanent"],
  ] as const)("%s is %s", async ([name, kind]) => {
    const url = await serveGrpc((_call, respond) =>
      respond({ code: grpc.status[name], details: "too\nbad" }),
    );
    const answer = await send(open(url));
    const code = `grpc_${name.toLowerCase()}`;
    expect(answer).toMatchObject({ kind, code, message: `${name}: too bad`, wireBytes: 10 });
    expect(answer).not.toHaveProperty("retryAfterMs");
  });

  test.for([
    ["UNAVAILABLE", "retryable"],
    ["RESOURCE_EXHAUSTED", "retryable"],
    ["INVALID_ARGUMENT", "permanent"],
  ] as const)("%s with RetryInfo is %s", async ([name, kind]) => {
    const url = await serveGrpc((_call, respond) => {
      const metadata = new grpc.Metadata();
      metadata.set("grpc-status-details-bin", RETRY_IN_3_S);
      respond({ code: grpc.status[name], details: "busy", metadata });
    });
    const answer = await send(open(url));
    expect(answer).toMatchObject({ kind, ...(kind === "retryable" ? { retryAfterMs: 3000 } : {}) });
  });

  test("that comes before the body was read counts all the same", async () => {
    const url = await serveHttp2((stream) => refuse(stream, 14, "early"));
    const answer = await send(open(url), Buffer.alloc(3 * 1024 * 1024));
    expect(answer).toMatchObject({
      kind: "retryable",
      code: "grpc_unavailable",
      message: "UNAVAILABLE: early",
    });
  });

  test("in trailers that come before the body was read counts all the same", async () => {
    const url = await serveHttp2((stream) => {
      stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "8", "grpc-message": "full" }));
      stream.end();
    });
    const answer = await send(open(url), Buffer.alloc(3 * 1024 * 1024));
    expect(answer).toMatchObject({ kind: "permanent", message: "RESOURCE_EXHAUSTED: full" });
  });

  test.for([
    ["sp%C3%A4ter: 100 %25", "später: 100 %"],
    ["100 % sure", "100 % sure"],
    ["%ff%0a", "\ufffd"],
  ] as const)("may come with the reason %s", async ([written, read]) => {
    const url = await serveHttp2((stream) => refuse(stream, 14, written));
    expect(await send(open(url))).toHaveProperty("message", `UNAVAILABLE: ${read}`);
  });

  test("of HTTP, from something in between, counts as gRPC says", async () => {
    const url = await serveHttp2((stream) => {
      stream.respond({ ":status": 502, "content-type": "text/html" });
      stream.end("<h1>Bad Gateway</h1>");
    });
    expect(await send(open(url))).toMatchObject({ kind: "retryable", code: "grpc_unavailable" });
  });
});

describe("a reply", () => {
  test("of partial success is read", async () => {
    const reply = Buffer.from([0x0a, 0x06, 0x08, 0x02, 0x12, 0x02, 0x6e, 0x6f]);
    const url = await serveGrpc((_call, respond) => respond(null, reply));
    expect(await send(open(url))).toMatchObject({
      kind: "partial",
      rejected: 2,
      message: "no",
      wireBytes: 10,
    });
  });

  test.for([
    ["gzip", gzipSync, 2],
    ["zstd", zstdCompressSync, 2],
    ["snappy", (message: Buffer) => message, undefined],
  ] as const)(
    "packed in %s, as grpc-go does when the request was, is read if it can be",
    async ([encoding, pack, rejected]) => {
      const message = pack(Buffer.from([0x0a, 0x06, 0x08, 0x02, 0x12, 0x02, 0x6e, 0x6f]));
      const url = await serveHttp2((stream) => {
        const headers = { ":status": 200, "content-type": "application/grpc", "grpc-encoding": encoding };
        stream.respond(headers, { waitForTrailers: true });
        stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
        stream.end(Buffer.concat([Buffer.from([1, 0, 0, 0, message.length]), message]));
      });
      const expected =
        rejected === undefined
          ? { kind: "accepted", warning: "the reply cannot be read" }
          : { kind: "partial", rejected, message: "no" };
      expect(await send(open(url))).toMatchObject(expected);
    },
  );

  test("that cannot be read is still a yes", async () => {
    const url = await serveGrpc((_call, respond) => respond(null, Buffer.from([0xff, 0xff])));
    expect(await send(open(url))).toMatchObject({ kind: "accepted", warning: "the reply cannot be read" });
  });
});

describe("without a status the request is lost", () => {
  test("and certainly not delivered when nobody listens", async () => {
    const answer = await send(open(`http://127.0.0.1:${await unusedPort()}`));
    expect(answer).toMatchObject({ kind: "lost", sent: false, code: "unreachable", wireBytes: 0 });
    expect(answer).toHaveProperty(
      "message",
      expect.stringMatching(/^connect ECONNREFUSED 127\.0\.0\.1:\d+$/),
    );
  });

  test("and certainly not delivered when the name does not exist", async () => {
    const answer = await send(open("http://no-such-host.invalid:1"));
    expect(answer).toMatchObject({
      kind: "lost",
      sent: false,
      code: "unreachable",
      address: "no-such-host.invalid:1",
    });
  });

  test("and certainly not delivered when the stream was refused", async () => {
    const url = await serveHttp2((stream) => stream.close(http2.constants.NGHTTP2_REFUSED_STREAM));
    expect(await send(open(url))).toMatchObject({ kind: "lost", sent: false, code: "refused_stream" });
  });

  test("and in doubt when the connection breaks after the body was read", async () => {
    const url = await serveHttp2(async (stream) => {
      await buffer(stream);
      stream.session?.destroy();
    });
    expect(await send(open(url))).toMatchObject({
      kind: "lost",
      sent: true,
      code: "connection_lost",
      wireBytes: 10,
    });
  });

  test("and in doubt when the connection breaks between headers and status", async () => {
    const url = await serveHttp2(async (stream) => {
      await buffer(stream);
      stream.respond({ ":status": 200, "content-type": "application/grpc" });
      stream.write(Buffer.alloc(5), () => stream.session?.destroy());
    });
    expect(await send(open(url))).toMatchObject({ kind: "lost", sent: true, code: "connection_lost" });
  });

  test("and in doubt when the stream is reset", async () => {
    const url = await serveHttp2(async (stream) => {
      await buffer(stream);
      stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
    });
    expect(await send(open(url))).toMatchObject({ kind: "lost", sent: true, code: "connection_lost" });
  });

  test.for([
    ["application/grpc", "the answer ended without a status"],
    ["text/html", 'the answer is not gRPC, its content type is "text/html"'],
  ] as const)("and in doubt when an answer of %s has none", async ([contentType, message]) => {
    const url = await serveHttp2(async (stream) => {
      await buffer(stream);
      stream.respond({ ":status": 200, "content-type": contentType });
      stream.end("<html>");
    });
    const lost = { kind: "lost", sent: true, code: "connection_lost", message };
    expect(await send(open(url))).toMatchObject(lost);
  });

  test("and in doubt when what comes back is not HTTP/2 any more", async () => {
    let socket: net.Socket | undefined;
    const url = await serveHttp2(async (stream) => {
      await buffer(stream);
      socket!.write(Buffer.alloc(64, 0xff));
    });
    const port = Number(new URL(url).port);
    // Bytes can only be put in below a server that thinks them its own: this one hands on what both sides say.
    const between = net.createServer((client) => {
      socket = client;
      const server = net.connect(port, "127.0.0.1");
      client.pipe(server).on("error", () => undefined);
      server.pipe(client).on("error", () => undefined);
    });
    const transport = open(await listen(between, () => socket?.destroy()));
    const answer = await send(transport);
    expect(answer).toMatchObject({ kind: "lost", sent: true, code: "connection_lost" });
    // The next one does not pay for it: it gets a connection of its own.
    expect(await send(transport)).toMatchObject({ kind: "lost", sent: true, code: "connection_lost" });
    expect(answer).toHaveProperty("message", expect.stringMatching(/^the target does not keep to HTTP\/2: /));
  });

  test("and in doubt when none comes in time", async () => {
    const url = await serveHttp2((stream) => stream.resume());
    const answer = await send(open(url, { timeoutMs: 100 }));
    expect(answer).toMatchObject({
      kind: "lost",
      sent: true,
      code: "timeout",
      message: "no answer within 0.1 s",
    });
  });

  test("and the next one does not go where nothing has come from all the while", async () => {
    const sessions = new Set<ServerHttp2Stream["session"]>();
    const url = await serveHttp2((stream) => {
      sessions.add(stream.session);
      if (sessions.size > 1) succeed(stream);
    });
    const transport = open(url, { timeoutMs: 300 });
    expect(await send(transport)).toMatchObject({ kind: "lost", sent: true, code: "timeout" });
    expect(await send(transport)).toMatchObject({ kind: "accepted" });
    const [silent, other] = sessions;
    await expect.poll(() => silent!.destroyed).toBe(true);
    expect(other!.destroyed).toBe(false);
  });

  test("and the next one stays where others are answered meanwhile", async () => {
    const sessions = new Set<ServerHttp2Stream["session"]>();
    let calls = 0;
    const url = await serveHttp2((stream) => {
      sessions.add(stream.session);
      if (calls++ > 0) succeed(stream);
    });
    const transport = open(url, { timeoutMs: 500 });
    const unanswered = send(transport);
    for (let n = 0; n < 3; n++) expect(await send(transport)).toMatchObject({ kind: "accepted" });
    expect(await unanswered).toMatchObject({ kind: "lost", code: "timeout" });
    expect(await send(transport)).toMatchObject({ kind: "accepted" });
    expect(sessions.size).toBe(1);
  });

  test("and certainly not delivered when the other end does not speak HTTP/2", async () => {
    const url = await listen(
      net.createServer((socket) => socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"))),
      () => undefined,
    );
    const answer = await send(open(url, { timeoutMs: 2000 }));
    expect(answer).toMatchObject({ kind: "lost", sent: false, code: "unreachable" });
    expect(answer).toHaveProperty("message", expect.stringMatching(/does not speak HTTP\/2 here: .*4317/));
  });

  test("and certainly not delivered when the other end hangs up at once, and then TLS is a guess", async () => {
    const url = await listen(
      net.createServer((socket) => socket.end()),
      () => undefined,
    );
    expect(await send(open(url))).toMatchObject({
      sent: false,
      message: "the target hung up at once; if it wants TLS, write https://",
    });
  });

  test("and a target that comes back is found again", async () => {
    const port = await unusedPort();
    const transport = open(`http://127.0.0.1:${port}`);
    expect(await send(transport)).toMatchObject({ kind: "lost", sent: false });
    await serveHttp2(succeed, port);
    await expect
      .poll(async () => (await send(transport)).kind, { timeout: 10_000, interval: 100 })
      .toBe("accepted");
  });
});

describe("a target that goes away", () => {
  test("answers what it has begun, and the next request goes over a new connection", async () => {
    const sessions = new Set<unknown>();
    const url = await serveHttp2(async (stream) => {
      const isFirst = sessions.size === 0;
      sessions.add(stream.session);
      await buffer(stream);
      if (isFirst) {
        stream.session!.goaway(0, stream.id!);
        await sleep(50);
      }
      succeed(stream);
    });
    const transport = open(url);
    const first = send(transport);
    await expect.poll(() => sessions.size).toBe(1);
    await sleep(20);
    expect(await send(transport)).toMatchObject({ kind: "accepted" });
    expect(await first).toMatchObject({ kind: "accepted" });
    expect(sessions.size).toBe(2);
  });

  test.for([0, 11])("with code %i certainly has not what is above its last stream", async (code) => {
    const streams: ServerHttp2Stream[] = [];
    const url = await serveHttp2((stream) => {
      stream.resume();
      if (streams.push(stream) === 3) stream.session!.goaway(code, streams[0]!.id!);
    });
    const transport = open(url, { timeoutMs: 500 });
    const answers = await Promise.all([send(transport), send(transport), send(transport)]);
    expect(answers.map((answer) => answer.kind === "lost" && answer.sent)).toEqual([true, false, false]);
  });
});

describe("a body", () => {
  test("that the target's window holds back is let go of at the deadline, and others go on", async () => {
    let hold = true;
    const url = await serveHttp2((stream) => {
      if (hold) stream.pause();
      else succeed(stream);
    });
    const transport = open(url, { timeoutMs: 200 });
    const order: string[] = [];
    const answer = await new Promise<Answer>((resolve) => {
      const done = (a: Answer): void => {
        order.push("done");
        resolve(a);
      };
      transport.send("traces", Buffer.alloc(4 * 1024 * 1024), done, () => order.push("released"));
    });
    expect(order).toEqual(["released", "done"]);
    expect(answer).toMatchObject({ kind: "lost", sent: true, code: "timeout" });
    hold = false;
    expect(await send(transport)).toMatchObject({ kind: "accepted" });
  });

  test("that a socket is full of is let go of with the connection, soon after the deadline", async () => {
    const sockets: net.Socket[] = [];
    let reads = false;
    const server = http2.createServer({ settings: { initialWindowSize: 2 ** 30 } });
    server.on("connection", (socket: net.Socket) => sockets.push(socket));
    server.on("session", (session) => {
      session.setLocalWindowSize(2 ** 30);
      session.on("error", () => undefined);
    });
    server.on("stream", (stream: ServerHttp2Stream) => {
      stream.on("error", () => undefined);
      stream.pause();
      if (!reads) stopReading(sockets[0]!);
    });
    const url = await listen(server as unknown as net.Server, () => {
      for (const socket of sockets) socket.destroy();
    });
    const transport = open(url, { timeoutMs: 800 });
    const startedAt = performance.now();
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => send(transport, Buffer.alloc(16 * 1024 * 1024))),
    );
    for (const answer of answers) expect(answer).toMatchObject({ kind: "lost", sent: true });
    // Not one second sooner: its bytes would have changed in the socket.
    expect(performance.now() - startedAt).toBeGreaterThan(1800);
    reads = true;
    startReading(sockets[0]!);
    await expect.poll(() => sockets[0]!.destroyed, { timeout: 20_000 }).toBe(true);
  });

  test("is released before the answer, as soon as it is written", async () => {
    let answerIt = (): void => undefined;
    const url = await serveHttp2((stream) => {
      stream.resume();
      answerIt = () => succeed(stream);
    });
    const transport = open(url);
    await new Promise<void>((released, reject) => {
      transport.send(
        "traces",
        Buffer.alloc(1000),
        () => reject(new Error("answered")),
        () => released(),
      );
    }).finally(() => answerIt());
  });
});

describe("a transport", () => {
  test("never answers before send has returned, not even when it is closed", async () => {
    const transport = open("http://127.0.0.1:1");
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

  test("frees the body: overwriting it after done changes nothing that was received", async () => {
    const wrong: number[] = [];
    const url = await serveHttp2(async (stream) => {
      const frame = await buffer(stream);
      if (frame.subarray(5).some((byte) => byte !== frame[5])) wrong.push(frame.length);
      succeed(stream);
    });
    const transport = open(url);
    const body = Buffer.alloc(1024 * 1024);
    for (let i = 0; i < 10; i++) {
      body.fill(i);
      await send(transport, body);
      body.fill(255);
    }
    expect(wrong).toEqual([]);
  });

  test("sends a header once: the user's own name of the sender, and the last of names that differ in case", async () => {
    const seen: IncomingHttpHeaders[] = [];
    const url = await serveHttp2((stream, headers) => {
      seen.push(headers);
      succeed(stream);
    });
    const transport = open(url, {
      headers: { "User-Agent": "mine", Authorization: "a", authorization: "b" },
    });
    expect(await send(transport)).toMatchObject({ kind: "accepted" });
    expect(seen[0]).toMatchObject({ "user-agent": "mine", authorization: "b" });
  });

  test("that is closed while it connects says so", async () => {
    const silent = await listen(net.createServer(), () => undefined);
    const transport = open(silent);
    const answer = send(transport);
    await transport.close();
    expect(await answer).toMatchObject({ kind: "lost", sent: false, code: "closed" });
  });

  test.for([
    ["grpc-timeout", "1", 'header "grpc-timeout": the name has characters that no header may have'],
    ["proxy-connection", "s3cret", 'header "proxy-connection" is set by the protocol itself; leave it out'],
    ["x key", "s3cret", 'header "x key": the name has characters that no header may have'],
    ["x-key", "s3crét", 'header "x-key": the value has characters that cannot be sent (a line break?)'],
  ] as const)("refuses the header %s without telling its value", ([name, value, message]) => {
    expect(() => open("http://h", { headers: { [name]: value } })).toThrow(
      expect.objectContaining({ name: "TargetError", code: "bad_header", message }),
    );
  });
});

describe("over TLS", () => {
  const made = makeCertificates();
  afterAll(() => rmSync(made.directory, { recursive: true }));
  const serveTls = (): Promise<string> => {
    const pair = { private_key: readFileSync(made.serverKey), cert_chain: readFileSync(made.serverCert) };
    const security = grpc.ServerCredentials.createSsl(readFileSync(made.ca), [pair], true);
    return serveGrpc((_call, respond) => respond(null, Buffer.alloc(0)), security);
  };

  test("a client with the right certificate is let in", async () => {
    const tls = readTlsFiles({ ca: made.ca, cert: made.clientCert, key: made.clientKey });
    const transport = open(await serveTls(), { tls });
    expect(await send(transport, Buffer.alloc(500_000))).toMatchObject({
      kind: "accepted",
      wireBytes: 500_005,
    });
  });

  test("a server that nobody vouches for gets nothing", async () => {
    const answer = await send(open(await serveTls()));
    expect(answer).toMatchObject({ kind: "lost", sent: false, code: "unreachable", wireBytes: 0 });
  });

  test("a server that nobody vouches for is taken when told so", async () => {
    const tls = readTlsFiles({ skipVerify: true, cert: made.clientCert, key: made.clientKey });
    expect(await send(open(await serveTls(), { tls }))).toMatchObject({ kind: "accepted" });
  });

  test("a server without TLS is recognised", async () => {
    const url = await serveGrpc((_call, respond) => respond(null, Buffer.alloc(0)));
    const answer = await send(open(url.replace("http:", "https:")));
    expect(answer).toMatchObject({
      kind: "lost",
      sent: false,
      message: "the target does not speak TLS here; write http:// or set insecure",
    });
  });
});

/** Stop a socket at libuv: HTTP/2 reads below the stream that `pause` would stop. */
function stopReading(socket: net.Socket): void {
  (socket as unknown as { _handle: { readStop(): void } })._handle.readStop();
}

function startReading(socket: net.Socket): void {
  (socket as unknown as { _handle?: { readStart(): void } | null })._handle?.readStart();
}

/** google.rpc.Status {details: RetryInfo {retry_delay: 3 s}}, by hand. */
const RETRY_IN_3_S = Buffer.concat([
  Buffer.from([0x1a, 48, 0x0a, 40]),
  Buffer.from("type.googleapis.com/google.rpc.RetryInfo"),
  Buffer.from([0x12, 4, 0x0a, 2, 0x08, 3]),
]);

function open(url: string, settings: Partial<TargetSettings> = {}): Transport {
  const endpoint = parseEndpoint(url, { protocol: "grpc" });
  const transport = openGrpcTransport({ endpoint, protocol: "grpc", ...settings });
  onTestFinished(() => transport.close());
  return transport;
}

function send(transport: Transport, body = Buffer.from("hello"), signal: Signal = "traces"): Promise<Answer> {
  return new Promise((resolve) => transport.send(signal, body, resolve));
}

type Respond = grpc.sendUnaryData<Buffer>;
type Handler = (call: grpc.ServerUnaryCall<Buffer, Buffer>, respond: Respond, path: string) => void;

/** A grpc-js server with all three Export methods. */
async function serveGrpc(
  handler: Handler,
  security: grpc.ServerCredentials = grpc.ServerCredentials.createInsecure(),
): Promise<string> {
  const server = new grpc.Server({ "grpc.max_receive_message_length": -1 });
  const asItIs = (bytes: Buffer): Buffer => bytes;
  for (const path of Object.values(GRPC_PATHS)) {
    const method = {
      path,
      requestStream: false,
      responseStream: false,
      requestSerialize: asItIs,
      requestDeserialize: asItIs,
      responseSerialize: asItIs,
      responseDeserialize: asItIs,
    } as const;
    server.addService(
      { Export: method },
      {
        Export: (call: grpc.ServerUnaryCall<Buffer, Buffer>, respond: Respond) =>
          handler(call, respond, path),
      },
    );
  }
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", security, (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  onTestFinished(() => server.forceShutdown());
  return `${security._isSecure() ? "https" : "http"}://127.0.0.1:${port}`;
}

/** A bare HTTP/2 server, for what no well-behaved gRPC server would do. */
function serveHttp2(
  onStream: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => unknown,
  port = 0,
): Promise<string> {
  const server = http2.createServer();
  const sessions = new Set<http2.ServerHttp2Session>();
  server.on("session", (session) => {
    session.on("error", () => undefined);
    sessions.add(session);
  });
  server.on("stream", (stream: ServerHttp2Stream, headers) => {
    stream.on("error", () => undefined);
    onStream(stream, headers);
  });
  const cut = (): void => {
    for (const session of sessions) session.destroy();
  };
  return listen(server as unknown as net.Server, cut, port);
}

function succeed(stream: ServerHttp2Stream): void {
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  stream.resume();
  stream.end(Buffer.alloc(5));
}

function refuse(stream: ServerHttp2Stream, code: number, message: string): void {
  const headers = {
    ":status": 200,
    "content-type": "application/grpc",
    "grpc-status": code,
    "grpc-message": message,
  };
  stream.respond(headers, { endStream: true });
}

async function listen(server: net.Server, cut: () => void, port = 0): Promise<string> {
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
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
