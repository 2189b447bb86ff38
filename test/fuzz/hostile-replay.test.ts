/** A whole replay against hostile answers: whatever comes, the books balance and no request is lost from them. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Random } from "../../generator/random.ts";
import { SIGNALS } from "../../otlp/signal.ts";
import { imbalances, jobOf, runJob } from "../../replayer/test-run.ts";
import { generateTemplates } from "../templates.ts";
import { grpcScript } from "./grpc-script.ts";
import { goodScript, HostileServer } from "./hostile-server.ts";
import { httpScript } from "./http-script.ts";

const directory = mkdtempSync(join(tmpdir(), "stampede-hostile-"));
let templates = "";
beforeAll(async () => {
  templates = await generateTemplates(directory);
});
afterAll(() => rmSync(directory, { recursive: true }));

const ROWS = [
  { protocol: "http/protobuf", kind: "http", script: httpScript, compression: "none" },
  { protocol: "http/protobuf", kind: "http", script: httpScript, compression: "zstd" },
  { protocol: "grpc", kind: "grpc", script: grpcScript, compression: "none" },
  { protocol: "grpc", kind: "grpc", script: grpcScript, compression: "gzip" },
] as const;

test.each(ROWS)("over $protocol, compression $compression, the books balance", async (row) => {
  const random = new Random(7).fork(row.protocol + row.compression);
  const server = new HostileServer(row.kind);
  const address = await server.listen();
  server.playAlways(() => (random.chance(0.5) ? row.script(random) : goodScript(row.kind)));
  const job = await jobOf({
    address,
    protocol: row.protocol,
    inputs: templates,
    otlp: { timeout: "200ms", compression: row.compression },
    config: {
      sending: {
        rate_limit: { events_per_second: 0 },
        total: 8_000,
        batch_size: { traces: 5, metrics: 50, logs: 50 },
        concurrency: 8,
        retry: { initial: "5ms", max: "20ms", max_elapsed: "300ms" },
      },
    },
  });
  const outcome = await runJob(job);
  await server.close();
  expect(server.played).toBeGreaterThan(50);
  expect(imbalances(outcome).every((difference) => difference === 0)).toBe(true);
  const intended = SIGNALS.reduce((sum, signal) => sum + outcome.counts[signal].intended, 0);
  expect(intended).toBe(8_000);
  expect(outcome.snapshot.inFlight).toBe(0);
});
