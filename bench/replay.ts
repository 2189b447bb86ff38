/**
 * What the whole sender costs: reading, stamping and sending batches of 1,000 items, to a receiver that discards them.
 *
 *   node bench/replay.ts [NAME] [--seconds N]
 *
 * Figures are million items per CPU-second of this process alone, and by the clock: the median of three rounds and their
 * spread. Templates come from the generator; the receiver is a process of its own. bench/stamp.ts and bench/transports.ts
 * measure the parts.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { generatorConfigSchema } from "../generator/config.ts";
import { generate } from "../generator/generate.ts";
import { COUNTER_INDEX } from "../ledger/counts.ts";
import type { Compression, Protocol } from "../otlp/protocol.ts";
import { SIGNALS, type Signal } from "../otlp/signal.ts";
import { replayerConfigSchema } from "../replayer/config.ts";
import { findInputs, prepareInputs } from "../replayer/inputs.ts";
import { openReplay } from "../replayer/open-replay.ts";
import { resolveSettings } from "../replayer/settings.ts";
import type { ReceiverPorts } from "./discard-receiver.ts";

const WAYS: readonly [Protocol, Compression][] = [
  ["http/protobuf", "none"],
  ["grpc", "none"],
  ["http/protobuf", "zstd"],
  ["http/protobuf", "gzip"],
  ["grpc", "gzip"],
];
const ROUNDS = 3;
/** Spans of some 460 bytes with their share of the resources; TRACES_PER_REQUEST of these traces are some 1,000 of them. */
const CONFIG = generatorConfigSchema.parse({
  traces: {
    count: 2000,
    spans: { avg_per_trace: 20, std_dev: 3, high_span_traces: { enabled: false } },
    services: { count: 2 },
    custom_attributes: { count: 0, probability: 0 },
  },
  metrics: { metric_count: 300, timeseries_per_metric: { min: 100, max: 400, default: 200 } },
  logs: { count: 40_000 },
});

const TRACES_PER_REQUEST = 50;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: "string", default: "3" } },
});
const wanted = positionals.join(" ");
const directory = mkdtempSync(join(tmpdir(), "stampede-bench-"));
const receiver = fork(new URL("./discard-receiver.ts", import.meta.url));
const [ports] = (await once(receiver, "message")) as [ReceiverPorts];
try {
  await generate(CONFIG, { outputDir: directory, createdAt: new Date(0).toISOString() });
  process.stdout.write(`Node ${process.version}, ${process.arch}, ${cpus()[0]?.model ?? "unknown CPU"}\n\n`);
  for (const [protocol, compression] of WAYS) {
    for (const signal of SIGNALS) {
      const name = `replay ${signal} ${protocol} ${compression}`;
      if (!name.includes(wanted)) continue;
      const rounds: Round[] = [];
      for (let n = 0; n < ROUNDS; n++) rounds.push(await round(signal, protocol, compression));
      process.stdout.write(`${name.padEnd(36)} ${row(rounds)}\n`);
    }
  }
} finally {
  receiver.disconnect();
  rmSync(directory, { recursive: true });
}

interface Round {
  /** Million items. */
  perCpuSecond: number;
  perSecond: number;
  bytesPerItem: number;
  itemsPerRequest: number;
}

async function round(signal: Signal, protocol: Protocol, compression: Compression): Promise<Round> {
  const port = protocol === "grpc" ? ports.grpc : ports.http;
  const config = replayerConfigSchema.parse({
    otlp: { endpoint: `http://127.0.0.1:${port}`, protocol, compression },
    sending: {
      rate_limit: { events_per_second: 0 },
      batch_size: { traces: TRACES_PER_REQUEST },
      duration: `${Number(values.seconds) * 1000}ms`,
      concurrency: 16,
    },
  });
  const settings = resolveSettings(config, {});
  const inputs = { [signal]: findInputs(directory)[signal] };
  const prepared = await prepareInputs(inputs, settings);
  const job = { settings, ...prepared, replica: { index: 0, count: 1 }, isIndexLasting: false };
  const { replay, transport } = await openReplay(job);
  const cpuBefore = process.cpuUsage();
  const began = performance.now();
  await replay.run();
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  await transport.close();
  const counts = replay.snapshot().counts[signal];
  const [accepted, requests, wireBytes] = (["accepted", "requests", "wireBytes"] as const).map(
    (counter) => counts[COUNTER_INDEX[counter]]!,
  ) as [number, number, number];
  return {
    perCpuSecond: accepted / (user + system),
    perSecond: accepted / seconds / 1e6,
    bytesPerItem: wireBytes / accepted,
    itemsPerRequest: accepted / requests,
  };
}

function row(rounds: Round[]): string {
  rounds.sort((a, b) => a.perCpuSecond - b.perCpuSecond);
  const median = rounds[ROUNDS >> 1]!;
  const spread = ((rounds.at(-1)!.perCpuSecond - rounds[0]!.perCpuSecond) / median.perCpuSecond) * 100;
  return (
    `${median.perCpuSecond.toFixed(2).padStart(6)} M/CPU-s +-${spread.toFixed(0).padStart(2)} %  ` +
    `${median.perSecond.toFixed(2).padStart(6)} M/s  ${median.itemsPerRequest.toFixed(0).padStart(5)} a request, ` +
    `${median.bytesPerItem.toFixed(0)} B an item on the wire`
  );
}
