import http2 from "node:http2";
import zlib from "node:zlib";
import grpc from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { GRPC_PATHS, type Signal } from "../../signal.ts";
import type { ExportAnswer, ExportRequest, OtlpServer } from "../handler.ts";
import { frameMessage } from "./message.ts";
import { startGrpcServer } from "./server.ts";

const LIMIT = 8 << 20;
const BODY = Buffer.from("0a060a04deadbeef", "hex");
/** grpc.compression_algorithm of the channel option. */
const IDENTITY = 0;
const DEFLATE = 1;
const GZIP = 2;

let seen: ExportRequest[] = [];
let answer: ExportAnswer = { kind: "accepted" };
let server: OtlpServer;

beforeEach(async () => {
  seen = [];
  answer = { kind: "accepted" };
  server = await startGrpcServer({
    host: "127.0.0.1",
    port: 0,
    maxBodyBytes: LIMIT,
    onFault: () => {},
    handle: (request) => {
      seen.push(request);
      if (request.body.toString() === "boom") throw new Error("boom");
      return answer;
    },
  });
});

afterEach(async () => {
  await server.close(0);
});

interface Reply {
  code: number;
  message: string;
  body?: Buffer;
  details?: Buffer;
}

function connect(compression: number): grpc.Client {
  const client = new grpc.Client(server.address, grpc.credentials.createInsecure(), {
    "grpc.default_compression_algorithm": compression,
    "grpc.enable_retries": 0,
    "grpc.max_send_message_length": -1,
  });
  onTestFinished(() => client.close());
  return client;
}

/** One call by grpc-js: a client that is none of ours. */
function call(
  path: string,
  body: Buffer,
  compression = IDENTITY,
  client = connect(compression),
): Promise<Reply> {
  return new Promise((resolve) => {
    const raw = (bytes: Buffer) => bytes;
    const options = { deadline: Date.now() + 5000 };
    client.makeUnaryRequest(path, raw, raw, body, new grpc.Metadata(), options, (error, reply) => {
      if (error === null) return resolve({ code: 0, message: "", body: reply! });
      const details = error.metadata.get("grpc-status-details-bin")[0];
      resolve({ code: error.code, message: error.details, ...(Buffer.isBuffer(details) ? { details } : {}) });
    });
  });
}

/** One call by bare HTTP/2, for what grpc-js cannot say. */
function bareCall(headers: Record<string, string>, payload: Buffer): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const session = http2.connect(`http://${server.address}`);
    session.on("error", reject);
    const stream = session.request({
      ":method": "POST",
      ":path": GRPC_PATHS.traces,
      "content-type": "application/grpc",
      te: "trailers",
      ...headers,
    });
    let fields: Record<string, unknown> = {};
    const note = (more: object) => {
      fields = { ...fields, ...more };
    };
    stream.on("response", note);
    stream.on("trailers", note);
    stream.on("error", reject);
    stream.on("close", () => {
      session.close();
      resolve(fields);
    });
    stream.resume();
    stream.end(payload);
  });
}

function compressedMessage(bytes: Buffer): Buffer {
  const framed = frameMessage(bytes);
  framed[0] = 1;
  return framed;
}

describe("an OTLP/gRPC server", () => {
  test.each(["traces", "metrics", "logs"] as Signal[])("takes %s from grpc-js", async (signal) => {
    const reply = await call(GRPC_PATHS[signal], BODY);
    expect([reply.code, reply.body]).toEqual([0, Buffer.alloc(0)]);
    expect(seen[0]).toMatchObject({
      signal,
      protocol: "grpc",
      compression: "none",
      wireBytes: BODY.length + 5,
    });
    expect(seen[0]!.body).toEqual(BODY);
  });

  test.each([
    ["gzip", GZIP],
    ["deflate", DEFLATE],
  ])("takes %s from grpc-js", async (compression, algorithm) => {
    const body = Buffer.alloc(300_000, "stampede");
    expect((await call(GRPC_PATHS.traces, body, algorithm)).code).toBe(0);
    expect(seen[0]!.compression).toBe(compression);
    expect(seen[0]!.wireBytes).toBeLessThan(10_000);
    expect(seen[0]!.body.equals(body)).toBe(true);
  });

  test("takes zstd", async () => {
    const fields = await bareCall(
      { "grpc-encoding": "zstd" },
      compressedMessage(zlib.zstdCompressSync(BODY)),
    );
    expect(fields).toMatchObject({ ":status": 200, "grpc-status": "0" });
    expect(seen[0]).toMatchObject({ compression: "zstd", body: BODY });
  });

  test("takes many large messages at once over one connection", async () => {
    const client = connect(IDENTITY);
    const body = Buffer.alloc(3 << 20, 7);
    const replies = await Promise.all(
      Array.from({ length: 16 }, () => call(GRPC_PATHS.logs, body, IDENTITY, client)),
    );
    expect(replies.map((reply) => reply.code)).toEqual(Array(16).fill(0));
    expect(seen.every((request) => request.body.equals(body))).toBe(true);
  });

  test("tells a partial success", async () => {
    answer = { kind: "partial", rejected: 7, message: "no" };
    const reply = await call(GRPC_PATHS.traces, BODY);
    expect(reply.body?.toString("hex")).toBe("0a06080712026e6f");
  });

  test("tells a refusal, its reason in any script, and RetryInfo in the details", async () => {
    answer = { kind: "refused", code: "UNAVAILABLE", message: "später: 100 %", retryAfterMs: 1500 };
    const reply = await call(GRPC_PATHS.traces, BODY);
    expect([reply.code, reply.message]).toEqual([14, "später: 100 %"]);
    const details = reply.details!.toString("latin1");
    expect(details).toContain("type.googleapis.com/google.rpc.RetryInfo");
    // RetryInfo{retry_delay: Duration{seconds: 1, nanos: 500000000}}
    expect(reply.details!.toString("hex")).toContain("08011080cab5ee01");
  });

  test("cuts the connection when told so", async () => {
    answer = { kind: "cut" };
    expect((await call(GRPC_PATHS.traces, BODY)).code).toBe(grpc.status.UNAVAILABLE);
  });

  test("answers UNIMPLEMENTED to other methods", async () => {
    expect(await call("/some.Service/Method", BODY)).toMatchObject({ code: 12, message: /some\.Service/ });
  });

  test("answers UNIMPLEMENTED to other encodings and tells which it takes", async () => {
    const fields = await bareCall({ "grpc-encoding": "snappy" }, compressedMessage(BODY));
    expect(fields).toMatchObject({
      "grpc-status": "12",
      "grpc-accept-encoding": "identity,gzip,deflate,zstd",
    });
  });

  test.each([
    ["a message cut short", frameMessage(BODY).subarray(0, -1)],
    ["two messages", Buffer.concat([frameMessage(BODY), frameMessage(BODY)])],
    ["no message", Buffer.alloc(0)],
    ["a compressed message without an encoding", compressedMessage(BODY)],
    ["a flag that is neither 0 nor 1", Buffer.from([2, 0, 0, 0, 0])],
  ])("answers INTERNAL to %s", async (_what, payload) => {
    expect(await bareCall({}, payload)).toMatchObject({ "grpc-status": "13" });
    expect(seen).toHaveLength(0);
  });

  test("answers INVALID_ARGUMENT to a message that is not what its encoding says", async () => {
    expect(await bareCall({ "grpc-encoding": "gzip" }, compressedMessage(BODY))).toMatchObject({
      "grpc-status": "3",
    });
  });

  test.each([
    ["plain", IDENTITY],
    ["compressed", GZIP],
  ])("answers RESOURCE_EXHAUSTED to a message above its limit: %s", async (_what, algorithm) => {
    expect((await call(GRPC_PATHS.traces, Buffer.alloc(LIMIT + 1), algorithm)).code).toBe(8);
    expect(seen).toHaveLength(0);
  });

  test("speaks HTTP to those who do not speak gRPC", async () => {
    expect(await bareCall({ "content-type": "text/plain" }, BODY)).toMatchObject({ ":status": 415 });
    expect(await bareCall({ ":method": "PUT" }, BODY)).toMatchObject({ ":status": 405 });
  });

  test("reports its own fault as INTERNAL", async () => {
    expect((await call(GRPC_PATHS.traces, Buffer.from("boom"))).code).toBe(13);
  });

  test("lets a call that is in flight finish when it closes", async () => {
    let release: (answer: ExportAnswer) => void = () => {};
    const slow = await startGrpcServer({
      host: "127.0.0.1",
      port: 0,
      onFault: () => {},
      handle: () => new Promise((resolve) => (release = resolve)),
    });
    const client = new grpc.Client(slow.address, grpc.credentials.createInsecure());
    onTestFinished(() => client.close());
    const reply = call(GRPC_PATHS.traces, BODY, IDENTITY, client);
    await expect.poll(() => release.length).toBe(1);
    const closed = slow.close(5000);
    release({ kind: "accepted" });
    expect((await reply).code).toBe(0);
    client.close();
    await closed;
  });
});
