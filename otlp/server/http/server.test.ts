import { once } from "node:events";
import net from "node:net";
import zlib from "node:zlib";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ExportAnswer, ExportRequest, OtlpServer } from "../handler.ts";
import { startHttpServer } from "./server.ts";

const LIMIT = 100_000;
const PROTOBUF = "application/x-protobuf";
const BODY = Buffer.from("0a060a04deadbeef", "hex");

let seen: ExportRequest[] = [];
let answer: ExportAnswer = { kind: "accepted" };
let faults: unknown[] = [];
let server: OtlpServer;

beforeEach(async () => {
  seen = [];
  faults = [];
  answer = { kind: "accepted" };
  server = await startHttpServer({
    host: "127.0.0.1",
    port: 0,
    maxBodyBytes: LIMIT,
    onFault: (fault) => faults.push(fault),
    handle: (request) => {
      seen.push(request);
      if (request.body.toString() === "boom") throw new Error("boom");
      return answer;
    },
  });
});

afterEach(() => server.close(0));

function post(path: string, body: Buffer | string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`http://${server.address}${path}`, {
    method: "POST",
    body: typeof body === "string" ? body : new Uint8Array(body),
    headers: { "content-type": PROTOBUF, ...headers },
  });
}

describe("an OTLP/HTTP server", () => {
  test.each([
    ["none", BODY],
    ["identity", BODY],
    ["gzip", zlib.gzipSync(BODY)],
    ["deflate", zlib.deflateSync(BODY)],
    ["zstd", zlib.zstdCompressSync(BODY)],
  ])("hands over a body that came with encoding %s", async (encoding, wire) => {
    const response = await post(
      "/v1/traces",
      wire,
      encoding === "none" ? {} : { "content-encoding": encoding },
    );
    expect([response.status, response.headers.get("content-type")]).toEqual([200, PROTOBUF]);
    expect((await response.arrayBuffer()).byteLength).toBe(0);
    expect(seen[0]).toMatchObject({
      signal: "traces",
      protocol: "http",
      contentType: "protobuf",
      compression: encoding === "identity" ? "none" : encoding,
      wireBytes: wire.length,
    });
    expect(seen[0]!.body).toEqual(BODY);
  });

  test("answers JSON with JSON", async () => {
    const response = await post("/v1/logs", "{}", { "content-type": "application/json; charset=utf-8" });
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(await response.json()).toEqual({});
    expect(seen[0]).toMatchObject({ signal: "logs", contentType: "json" });
  });

  test("tells a partial success in the request's own type", async () => {
    answer = { kind: "partial", rejected: 7, message: "no" };
    const json = await post("/v1/metrics", "{}", { "content-type": "application/json" });
    expect(await json.json()).toEqual({ partialSuccess: { rejectedDataPoints: "7", errorMessage: "no" } });
    const protobuf = await post("/v1/metrics", BODY);
    expect(Buffer.from(await protobuf.arrayBuffer()).toString("hex")).toBe("0a06080712026e6f");
  });

  test.each([
    ["UNAVAILABLE", 503, 14],
    ["RESOURCE_EXHAUSTED", 429, 8],
    ["INVALID_ARGUMENT", 400, 3],
    ["INTERNAL", 500, 13],
  ] as const)("says %s as %i with a google.rpc.Status", async (code, status, number) => {
    answer = { kind: "refused", code, message: "why", retryAfterMs: 1500 };
    const response = await post("/v1/traces", "{}", { "content-type": "application/json" });
    expect([response.status, response.headers.get("retry-after")]).toEqual([status, "2"]);
    expect(await response.json()).toEqual({
      code: number,
      message: "why",
      details: [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "1.5s" }],
    });
  });

  test("cuts the connection when told so", async () => {
    answer = { kind: "cut" };
    await expect(post("/v1/traces", BODY)).rejects.toThrow();
  });

  test("keeps silent when told so, until the client gives up", async () => {
    answer = { kind: "silence" };
    const signal = AbortSignal.timeout(100);
    const options = { method: "POST", body: "{}", headers: { "content-type": "application/json" }, signal };
    await expect(fetch(`http://${server.address}/v1/traces`, options)).rejects.toThrow(/timeout/);
    expect(seen).toHaveLength(1);
  });

  test.each([
    ["another path", "/v1/profiles", PROTOBUF, "", 404],
    ["another content type", "/v1/traces", "text/plain", "", 415],
    ["another encoding", "/v1/traces", PROTOBUF, "br", 415],
    ["a body that is not what its encoding says", "/v1/traces", PROTOBUF, "gzip", 400],
    ["a body that is not what its encoding says (zstd)", "/v1/traces", PROTOBUF, "zstd", 400],
  ])("refuses %s", async (_what, path, type, encoding, status) => {
    const headers = { "content-type": type, ...(encoding ? { "content-encoding": encoding } : {}) };
    expect((await post(path, BODY, headers)).status).toBe(status);
    expect(seen).toHaveLength(0);
  });

  test("takes POST only", async () => {
    const response = await fetch(`http://${server.address}/v1/traces`);
    expect([response.status, response.headers.get("allow")]).toEqual([405, "POST"]);
  });

  test.each([
    ["none", Buffer.alloc(LIMIT + 1)],
    ["gzip", zlib.gzipSync(Buffer.alloc(LIMIT * 50))],
    ["deflate", zlib.deflateSync(Buffer.alloc(LIMIT * 50))],
    ["zstd", zlib.zstdCompressSync(Buffer.alloc(LIMIT * 50))],
  ])("refuses a body above its limit, whatever it is packed in: %s", async (encoding, wire) => {
    const headers: Record<string, string> = encoding === "none" ? {} : { "content-encoding": encoding };
    expect((await post("/v1/traces", wire, headers)).status).toBe(413);
  });

  test.each([
    ["gzip", zlib.gzipSync(Buffer.alloc(5000, "abc"))],
    ["zstd", zlib.zstdCompressSync(Buffer.alloc(5000, "abc"))],
  ])("refuses %s that is cut short", async (encoding, wire) => {
    const response = await post("/v1/traces", wire.subarray(0, -6), { "content-encoding": encoding });
    expect(response.status).toBe(400);
  });

  test("reports its own fault and answers 500", async () => {
    expect((await post("/v1/traces", "boom")).status).toBe(500);
    expect(String(faults[0])).toContain("boom");
  });

  test("survives bytes that are no HTTP", async () => {
    const port = Number(server.address.split(":")[1]);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        const socket = net.connect(port, "127.0.0.1");
        socket.on("error", () => {});
        socket.resume();
        socket.end(bytes);
        await once(socket, "close");
      }),
      { numRuns: 30 },
    );
    expect((await post("/v1/traces", BODY)).status).toBe(200);
  });
});
