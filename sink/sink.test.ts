import http from "node:http";
import { setImmediate as nextTurn } from "node:timers/promises";
import zlib from "node:zlib";
import grpc from "@grpc/grpc-js";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { decodeRequest } from "../otlp/message/decode.ts";
import { toOtlpJson } from "../otlp/message/json.ts";
import { GRPC_PATHS, SIGNALS, type Signal } from "../otlp/signal.ts";
import { parseFaults } from "./faults.ts";
import { logsBody, metricsBody, tracesBody, wholeTrace } from "./sample-bodies.ts";
import { type Sink, type SinkOptions, startSink } from "./sink.ts";

/** How long a client waits for an answer that there will be, and for one that there may never be. */
const PATIENCE_MS = 20_000;
const SHORT_PATIENCE_MS = 1000;

async function start(options: SinkOptions = {}): Promise<Sink> {
  const sink = await startSink({ grpc: "127.0.0.1:0", http: "127.0.0.1:0", doubtMs: 0, ...options });
  onTestFinished(() => sink.close(0));
  return sink;
}

async function post(
  sink: Sink,
  signal: Signal,
  body: Uint8Array,
  headers: Record<string, string> = {},
  patienceMs = PATIENCE_MS,
) {
  const response = await fetch(`http://${sink.httpAddress}/v1/${signal}`, {
    method: "POST",
    body: new Uint8Array(body),
    headers: { "content-type": "application/x-protobuf", ...headers },
    signal: AbortSignal.timeout(patienceMs),
  });
  await response.arrayBuffer();
  return response.status;
}

/** Status code of one gRPC call. */
function call(
  sink: Sink,
  signal: Signal,
  body: Buffer,
  compression = 0,
  patienceMs = PATIENCE_MS,
): Promise<number> {
  const client = new grpc.Client(sink.grpcAddress, grpc.credentials.createInsecure(), {
    "grpc.default_compression_algorithm": compression,
    "grpc.enable_retries": 0,
  });
  onTestFinished(() => client.close());
  const raw = (bytes: Buffer) => bytes;
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      GRPC_PATHS[signal],
      raw,
      raw,
      body,
      new grpc.Metadata(),
      { deadline: Date.now() + patienceMs },
      (error) => resolve(error?.code ?? 0),
    );
  });
}

/** Whether one try got an answer soon, over a connection of its own. */
async function isAnswered(sink: Sink, protocol: "grpc" | "http", body: Buffer): Promise<boolean> {
  const code = await (protocol === "grpc"
    ? call(sink, "traces", body, 0, SHORT_PATIENCE_MS)
    : post(sink, "traces", body, {}, SHORT_PATIENCE_MS).catch(() => undefined));
  if (code === 0 || code === 200) return true;
  // The sink lives in this process: within some turns it has noticed that the connection is gone.
  for (let turn = 0; turn < 5; turn++) await nextTurn();
  return false;
}

const samples = () => ({
  traces: tracesBody(wholeTrace(0, 3)),
  logs: logsBody(["unlinked", { trace: 0, span: 1, of: 3 }]),
  metrics: metricsBody([{ kind: "gauge", timeMs: Date.now(), value: 5 }]),
});

describe("a sink", () => {
  test("counts and verifies what comes over either protocol, in protobuf and JSON, packed in anything", async () => {
    const sink = await start();
    expect(
      await post(sink, "traces", zlib.zstdCompressSync(tracesBody(wholeTrace(0, 3))), {
        "content-encoding": "zstd",
      }),
    ).toBe(200);
    expect(
      await post(sink, "traces", zlib.gzipSync(tracesBody(wholeTrace(1, 3))), { "content-encoding": "gzip" }),
    ).toBe(200);
    const json = toOtlpJson("traces", decodeRequest("traces", tracesBody(wholeTrace(2, 40))));
    expect(await post(sink, "traces", Buffer.from(json), { "content-type": "application/json" })).toBe(200);
    expect(await call(sink, "traces", tracesBody(wholeTrace(3, 3)))).toBe(0);
    expect(await call(sink, "logs", samples().logs, 2)).toBe(0);
    expect(await call(sink, "metrics", samples().metrics)).toBe(0);
    const report = sink.report();
    expect(report.signals.traces).toMatchObject({ received: 49, requests: 4 });
    expect(report.signals.logs.received).toBe(2);
    expect(report.signals.metrics.received).toBe(1);
    expect(Object.keys(report.transports).sort()).toEqual([
      "grpc/protobuf/gzip",
      "grpc/protobuf/none",
      "http/json/none",
      "http/protobuf/gzip",
      "http/protobuf/zstd",
    ]);
    expect(report.verification).toMatchObject({
      ok: true,
      traces: { complete: 4 },
      logs: { linked: 1, dangling: 0 },
    });
    expect(report.exitCode).toBe(0);
  });

  test("fails when something is missing", async () => {
    const sink = await start();
    await post(sink, "traces", tracesBody(wholeTrace(0, 3).slice(1)));
    expect(sink.report()).toMatchObject({
      exitCode: 1,
      verification: { missing: { incompleteTraces: 1, spans: 1 } },
    });
  });

  test("only counts when told so", async () => {
    const sink = await start({ verify: false });
    await post(sink, "traces", tracesBody(wholeTrace(0, 3).slice(1)));
    const report = sink.report();
    expect([report.exitCode, report.verification, report.signals.traces.received]).toEqual([0, undefined, 2]);
  });

  test.each(SIGNALS)("refuses %s that are no OTLP, and counts nothing of them", async (signal) => {
    const sink = await start();
    const cut = samples()[signal].subarray(0, -3);
    expect(await post(sink, signal, cut)).toBe(400);
    expect(await call(sink, signal, cut)).toBe(grpc.status.INVALID_ARGUMENT);
    expect(await post(sink, signal, Buffer.from("{]"), { "content-type": "application/json" })).toBe(400);
    expect(sink.counts().signals[signal]).toMatchObject({ received: 0, malformedRequests: 3 });
  });

  test("survives any bytes", async () => {
    const sink = await start();
    const types = fc.constantFrom("application/json", "application/x-protobuf");
    const property = fc.asyncProperty(
      fc.constantFrom(...SIGNALS),
      types,
      fc.uint8Array(),
      async (signal, type, bytes) => {
        expect([200, 400]).toContain(await post(sink, signal, bytes, { "content-type": type }));
      },
    );
    await fc.assert(property, { numRuns: 200 });
  });

  test("takes an empty request", async () => {
    const sink = await start();
    expect(await post(sink, "traces", Buffer.alloc(0))).toBe(200);
    expect(await call(sink, "traces", Buffer.alloc(0))).toBe(0);
  });

  test("gives the first port back when it cannot have the second", async () => {
    const first = await start();
    await expect(startSink({ grpc: first.httpAddress, http: "127.0.0.1:0" })).rejects.toThrow(/another port/);
  });
});

describe("a sink with faults", () => {
  const body = () => tracesBody(wholeTrace(0, 3));

  test.each([
    ["unavailable=1", 503, 14],
    ["unavailable=1@2s", 503, 14],
    ["throttled=1", 429, 8],
    ["exhausted=1", 429, 8],
    ["invalid=1", 400, 3],
    ["internal=1", 500, 13],
    ["throttled_date=1", 429, 8],
    ["aborted=1", 503, 10],
    ["cancelled=1", 503, 1],
    ["data_loss=1", 503, 15],
    ["out_of_range=1", 503, 11],
    ["gateway_timeout=1", 504, 4],
    ["bad_gateway=1", 502, 14],
    ["unauthenticated=1", 401, 16],
    ["too_large=1", 413, 8],
    ["unknown=1", 599, 2],
  ])("%s answers %i and %i", async (plan, http, code) => {
    const sink = await start({ faults: parseFaults(plan) });
    expect([await post(sink, "traces", body()), await call(sink, "traces", body())]).toEqual([http, code]);
    expect(sink.counts().signals.traces.received).toBe(0);
  });

  test("says when to come again as a date, not before it was asked to", async () => {
    const sink = await start({ faults: parseFaults("throttled_date=1@2s") });
    const before = Date.now();
    const response = await fetch(`http://${sink.httpAddress}/v1/traces`, {
      method: "POST",
      body: new Uint8Array(body()),
      headers: { "content-type": "application/x-protobuf" },
    });
    const date = Date.parse(response.headers.get("retry-after")!);
    expect(date).toBeGreaterThanOrEqual(before + 2000);
    expect(date).toBeLessThan(Date.now() + 3001);
  });

  test.each([
    ["overcount=1", { received: 0, rejected: 3 }],
    ["warning=1", { received: 3, rejected: 0 }],
    ["goodbye=1", { received: 3, rejected: 0 }],
    ["slow_read=1ms", { received: 3, rejected: 0 }],
  ])("%s is a success, and counts what was taken", async (plan, expected) => {
    for (const protocol of ["http", "grpc"] as const) {
      const sink = await start({ faults: parseFaults(plan) });
      const send = protocol === "http" ? post : call;
      expect(await send(sink, "traces", body())).toBe(protocol === "http" ? 200 : 0);
      expect(sink.report()).toMatchObject({ exitCode: 0, signals: { traces: expected } });
      expect(Object.values(sink.report().faults)).toEqual([1]);
    }
  });

  test("ends the connection after an answer when told so, and takes the next request on another", async () => {
    const sink = await start({ faults: parseFaults("goodbye=1") });
    for (let pass = 0; pass < 3; pass++) {
      expect(await post(sink, "traces", tracesBody(wholeTrace(2 * pass, 3)))).toBe(200);
      expect(await call(sink, "traces", tracesBody(wholeTrace(2 * pass + 1, 3)))).toBe(0);
    }
    expect(sink.report()).toMatchObject({ exitCode: 0, signals: { traces: { received: 18, repeated: 0 } } });
  });

  test.each(["truncated", "garbage", "content_type", "endless", "reset_early", "stalled"])(
    "%s tells nobody that a request was taken, and knows it when it comes again",
    async (name) => {
      const isTaken = name !== "reset_early" && name !== "stalled";
      const faults = parseFaults(`${name}=0.6,seed=9`);
      for (const protocol of ["grpc", "http"] as const) {
        if (name === "content_type" && protocol === "http") continue; // 200 is an answer, whatever the page says
        const sink = await start({ faults });
        const bytes = body();
        let tries = 1;
        while (!(await isAnswered(sink, protocol, bytes)) && tries < 20) tries++;
        expect(tries).toBeGreaterThan(1);
        const repeated = isTaken ? 3 * (tries - 1) : 0;
        expect(sink.report()).toMatchObject({ exitCode: 0, signals: { traces: { received: 3, repeated } } });
        expect(sink.report().faults).toEqual({ [name]: tries - 1 });
      }
    },
  );

  test("knows a request again that came while the answer to it was late", async () => {
    const sink = await start({ faults: parseFaults("delay=60s@0.6,seed=9") });
    for (const protocol of ["grpc", "http"] as const) {
      const bytes = tracesBody(wholeTrace(protocol === "grpc" ? 0 : 1, 3));
      while (!(await isAnswered(sink, protocol, bytes)));
    }
    expect(sink.report().faults.delay).toBeGreaterThan(0);
    const { received, repeated } = sink.report().signals.traces;
    expect([received, repeated, sink.report().exitCode]).toEqual([6, 3 * sink.report().faults.delay!, 0]);
  });

  test("does not miss what it refused for good, and finds it when it is sent again", async () => {
    const sink = await start({ faults: parseFaults("invalid=1") });
    await post(sink, "traces", body());
    expect(sink.report()).toMatchObject({ exitCode: 0, signals: { traces: { refused: 3, received: 0 } } });
    await post(sink, "traces", body());
    expect(sink.report().verification?.findings).toMatchObject({ duplicateSpans: { count: 3 } });
  });

  test("waits for what it asked to come again", async () => {
    const sink = await start({ faults: parseFaults("unavailable=0.5,seed=7") });
    let tries = 0;
    while ((await post(sink, "traces", body())) !== 200 && tries < 20) tries++;
    expect(tries).toBeGreaterThan(0);
    expect(sink.report()).toMatchObject({
      exitCode: 0,
      signals: { traces: { received: 3, retryableRequests: tries } },
    });
  });

  test("rejects a part and counts the rest", async () => {
    const sink = await start({ faults: parseFaults("partial=1") });
    await post(sink, "traces", body());
    const { received, rejected } = sink.counts().signals.traces;
    expect(received + rejected).toBe(3);
    expect(rejected).toBeGreaterThan(0);
    expect(sink.report().exitCode).toBe(0);
  });

  test.each<[string, (sink: Sink, body: Buffer) => Promise<unknown>]>([
    ["http", (sink, bytes) => post(sink, "traces", bytes)],
    ["grpc", (sink, bytes) => call(sink, "traces", bytes)],
  ])("knows what comes again because it cut the connection: %s", async (_protocol, send) => {
    const sink = await start({ faults: parseFaults("reset=0.7,seed=7") });
    const bytes = body();
    let tries = 0;
    for (; tries < 20; tries++) {
      const answer = await send(sink, bytes).catch(() => "cut");
      if (answer === 200 || answer === 0) break;
    }
    expect(tries).toBeGreaterThan(0);
    const report = sink.report();
    expect(report).toMatchObject({ exitCode: 0, signals: { traces: { received: 3, repeated: 3 * tries } } });
  });

  test.each([
    { allowRepeats: true, repeated: 6, received: 3, exitCode: 0 },
    { allowRepeats: false, repeated: 0, received: 9, exitCode: 1 },
  ])(
    "a request that comes again after it was answered is double, unless it is allowed: $allowRepeats",
    async ({ allowRepeats, repeated, received, exitCode }) => {
      const sink = await start({ allowRepeats });
      const body = tracesBody(wholeTrace(0, 3));
      for (let times = 0; times < 3; times++) expect(await post(sink, "traces", body)).toBe(200);
      expect(sink.report()).toMatchObject({ exitCode, signals: { traces: { received, repeated } } });
    },
  );

  test("answers late when told so", async () => {
    const sink = await start({ faults: parseFaults("delay=80ms") });
    const before = performance.now();
    expect(await post(sink, "traces", body())).toBe(200);
    expect(performance.now() - before).toBeGreaterThan(75);
  });

  test("never answers what it drops, and takes nothing of it", async () => {
    const sink = await start({ faults: parseFaults("drop=1") });
    const init = { method: "POST", body: "{}", headers: { "content-type": "application/json" } };
    const request = fetch(`http://${sink.httpAddress}/v1/traces`, {
      ...init,
      signal: AbortSignal.timeout(100),
    });
    await expect(request).rejects.toThrow();
    expect(sink.counts().signals.traces).toMatchObject({ received: 0, requests: 1 });
  });
});

describe("over HTTP", () => {
  /** Status of a request under any name, and from any page. */
  function ask(
    sink: Sink,
    method: "GET" | "POST",
    path: string,
    headers: Record<string, string>,
  ): Promise<number> {
    return new Promise((resolve, reject) => {
      const options = { method, headers: { "content-type": "application/x-protobuf", ...headers } };
      const request = http.request(`http://${sink.httpAddress}${path}`, options, (response) => {
        response.resume().once("end", () => resolve(response.statusCode!));
      });
      request.once("error", reject).end(method === "POST" ? tracesBody([...wholeTrace(0, 3)]) : undefined);
    });
  }

  test.each(["sink:4318", "10.1.2.3:4318", "sink.stampede.svc", "bench.example.org", "otlp.example.com"])(
    "whoever sends to %s is no browser, and is taken",
    async (host) => {
      const sink = await start({ allowedHosts: ["bench.example.org"] });
      expect(await ask(sink, "POST", "/v1/traces", { host })).toBe(200);
      const mayRead = host !== "otlp.example.com";
      expect(await ask(sink, "GET", "/ledger", { host })).toBe(mayRead ? 200 : 403);
      expect(await ask(sink, "GET", "/ledger/verified", { host })).toBe(mayRead ? 200 : 403);
    },
  );

  test.each([
    ["has a name of its own for this address", "evil.example:4318", "http://evil.example:4318"],
    ["is of another origin", "127.0.0.1:4318", "http://evil.example"],
  ])("a page that %s reads nothing and adds nothing", async (_, host, origin) => {
    const sink = await start();
    expect(await ask(sink, "GET", "/ledger", { host, origin })).toBe(403);
    expect(await ask(sink, "POST", "/v1/traces", { host, origin })).toBe(403);
    expect(sink.counts().signals.traces).toMatchObject({ requests: 0, received: 0 });
  });
});
