/** A run against receivers that refuse, go away or are gone: what the ledger says of it. */
import { mkdtempSync, rmSync } from "node:fs";
import http2, { type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { makeTemplates } from "../generator/test-templates.ts";
import { PROTOCOLS, type Protocol } from "../otlp/protocol.ts";
import { startGrpcServer } from "../otlp/server/grpc/server.ts";
import type { ExportAnswer } from "../otlp/server/handler.ts";
import { startHttpServer } from "../otlp/server/http/server.ts";
import { imbalances, jobOf, type Outcome, runJob } from "./test-run.ts";

const directory = mkdtempSync(join(tmpdir(), "stampede-several-"));
beforeAll(async () => {
  await makeTemplates(directory, {
    seed: 12,
    traces: { count: 100, spans: { avg_per_trace: 5 }, services: { count: 3 } },
    metrics: { metric_count: 0 },
    logs: { count: 0 },
  });
});
afterAll(() => rmSync(directory, { recursive: true }));

describe.for(PROTOCOLS)("over %s, with several targets", (protocol) => {
  test("a request that one of them refuses for now is accepted by another at the next try", async () => {
    const busy = await receiver(protocol, { kind: "refused", code: "UNAVAILABLE", message: "full" });
    const free = await receiver(protocol, { kind: "accepted" });
    const outcome = await replay(protocol, [busy.address, free.address]);
    const { sent, accepted, requests, retriedRequests } = outcome.counts.traces;
    expect({ accepted, requests }).toEqual({ accepted: sent, requests: 20 });
    // Nobody came to the busy one twice.
    expect(retriedRequests).toBeGreaterThan(5);
    expect([busy.arrivals(), free.arrivals()]).toEqual([retriedRequests, requests]);
  });

  test("one that was never there costs neither a retry nor doubt, and nothing stands in the ledger for it", async () => {
    const here = await receiver(protocol, { kind: "accepted" });
    const outcome = await replay(protocol, ["127.0.0.1:1", here.address]);
    const { sent, accepted, retriedRequests, inDoubt } = outcome.counts.traces;
    expect({ accepted, retriedRequests, inDoubt }).toEqual({
      accepted: sent,
      retriedRequests: 0,
      inDoubt: 0,
    });
    expect(Object.keys(outcome.snapshot.targets)).toEqual([here.address]);
    expect(outcome.snapshot.answers).toEqual([]);
  });
});

test("what a GOAWAY says was not looked at is retried without doubt: refused later on, it failed", async () => {
  const sessions: ServerHttp2Session[] = [];
  const server = http2.createServer().on("session", (session) => sessions.push(session));
  server.on("stream", (stream: ServerHttp2Stream) => {
    stream.on("error", () => undefined).resume();
    if (stream.session !== sessions[0]) answer(stream, 3);
    else if (stream.id === 1) answer(stream, 0);
    else stream.session!.goaway(0, 1);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  const outcome = await replay("grpc", [`127.0.0.1:${(server.address() as AddressInfo).port}`]);
  const { sent, accepted, failed, inDoubt } = outcome.counts.traces;
  expect(accepted).toBeGreaterThan(0);
  expect(failed).toBeGreaterThan(0);
  expect({ failed, inDoubt }).toEqual({ failed: sent - accepted, inDoubt: 0 });
  expect(outcome.counts.traces.retriedRequests).toBeGreaterThan(0);
});

async function replay(protocol: Protocol, addresses: readonly string[]): Promise<Outcome> {
  const job = await jobOf({
    address: addresses[0]!,
    protocol,
    inputs: directory,
    otlp: { endpoint: [...addresses], insecure: true },
    config: {
      sending: {
        rate_limit: { events_per_second: 0 },
        batch_size: { traces: 5 },
        multiplier: 1,
        duration: "0",
        retry: { initial: "5ms", max: "20ms" },
      },
    },
  });
  const outcome = await runJob(job);
  expect(imbalances(outcome)).toEqual([0, 0, 0, 0, 0, 0]);
  return outcome;
}

async function receiver(protocol: Protocol, answerAll: ExportAnswer) {
  let arrivals = 0;
  const start = protocol === "grpc" ? startGrpcServer : startHttpServer;
  const server = await start({
    host: "127.0.0.1",
    port: 0,
    handle: () => {
      arrivals++;
      return answerAll;
    },
    onFault: (fault) => {
      throw fault;
    },
  });
  onTestFinished(() => server.close(0));
  return { address: server.address, arrivals: () => arrivals };
}

function answer(stream: ServerHttp2Stream, status: number): void {
  const headers = { ":status": 200, "content-type": "application/grpc", "grpc-status": `${status}` };
  stream.respond(headers, { endStream: true });
}
