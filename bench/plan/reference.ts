/**
 * The costs that `stampede plan` goes by where nobody has calibrated: all forms of sending and handing on, with the default templates.
 *
 *   scripts/node bench/plan/reference.ts [rounds]
 *
 * Writes fleet/plan/reference-figures.json. Some ten minutes; leave the machine alone meanwhile.
 */
import { writeFileSync } from "node:fs";
import { cachedTemplates } from "../../cli/default-templates.ts";
import { readBackend } from "../../fleet/backends/backend-file.ts";
import { builtCollector, COLLECTOR_CONFIG } from "../../fleet/local-collectors/backends.ts";
import {
  type CalibrationTask,
  measureCollector,
  senderCurve,
  USUAL_CALIBRATION,
} from "../../fleet/plan/calibrate/calibrate.ts";
import { thisMachine } from "../../fleet/plan/calibrate/stored-calibration.ts";
import { type CostCurve, medianOf } from "../../fleet/plan/cost-curve.ts";
import type { Reference } from "../../fleet/plan/reference-costs.ts";
import { measureTraffic } from "../../fleet/plan/traffic.ts";
import { COMPRESSIONS, PROTOCOLS } from "../../otlp/protocol.ts";
import { SIGNALS } from "../../otlp/signal.ts";
import { compileOnce } from "../../replayer/compile/compile-once.ts";
import { compiledName, formToMake } from "../../replayer/compile/compiled-files.ts";
import { replayerConfigSchema } from "../../replayer/config.ts";
import { findInputs, prepareInputs } from "../../replayer/inputs.ts";
import { planOf } from "../../replayer/open-replay.ts";
import { resolveSettings } from "../../replayer/settings.ts";

const FILE = new URL("../../fleet/plan/reference-figures.json", import.meta.url);
const rounds = Number(process.argv[2] ?? 3);
const config = replayerConfigSchema.parse({ sending: { rate_limit: { events_per_second: 15_000_000 } } });
const settings = resolveSettings(config, {});
const inputs = findInputs(await cachedTemplates((to) => `generating a default set into ${to}`));
const { frozen } = await prepareInputs(inputs, settings);
const compiled: CalibrationTask["compiled"] = {};
for (const compression of COMPRESSIONS) {
  const form = formToMake(compression, "fast");
  compiled[compression] = {};
  for (const signal of SIGNALS) {
    if (form === undefined) continue;
    await compileOnce(frozen[signal]!, form);
    compiled[compression][signal] = compiledName(frozen[signal]!, form);
  }
}
const job = {
  settings,
  frozen,
  compiled: {},
  replica: { index: 0, count: 1 },
  isIndexLasting: false,
  notes: [],
};
const plan = planOf(job);
const shares = Object.fromEntries(
  SIGNALS.map((signal) => [signal, plan.lanes[signal]!.law!.peak / plan.law!.peak]),
);
const { eventsPerRequest, plainBytes, frozenBytes } = measureTraffic(frozen, shares).all;
const base = {
  job,
  compiled,
  environment: process.env,
  ...USUAL_CALIBRATION,
  times: { ...USUAL_CALIBRATION.times, rounds },
};
const { signal } = new AbortController();

const senders: Record<string, { wireBytes: number; curve: CostCurve }> = {};
for (const protocol of PROTOCOLS) {
  for (const compression of COMPRESSIONS) {
    const curve = await senderCurve(base, { protocol, compression }, signal);
    senders[`${protocol} ${compression}`] = {
      wireBytes: digits(frozenBytes[compression]),
      curve: curve.map(({ eventsPerSecond, cores, memoryBytes }) => ({
        eventsPerSecond: Math.round(eventsPerSecond),
        cores: digits(cores),
        memoryBytes: digits(memoryBytes),
      })),
    };
    tell(`${protocol} ${compression}`, curve.map(({ cores }) => cores.toFixed(4)).join(" "));
  }
}

interface CollectorCost {
  /** CPU nanoseconds for each byte that it takes in, before compression. */
  ns: number;
  memoryBytes: number;
}

async function nsPerByte(
  toCollectors: CalibrationTask["toCollectors"],
  backend: string,
  environment: NodeJS.ProcessEnv,
): Promise<CollectorCost> {
  const file = readBackend(COLLECTOR_CONFIG, backend);
  const task = { ...base, toCollectors, environment: { ...process.env, ...environment } };
  const measured = await measureCollector(task, { binary: builtCollector()!, backend: file }, signal);
  const each = measured.collector.map(({ cores, eventsPerSecond }) => cores / eventsPerSecond / plainBytes);
  const result = { ns: medianOf(each) * 1e9, memoryBytes: measured.collector.at(-1)!.memoryBytes };
  tell(`${backend} ${JSON.stringify(environment)} ${JSON.stringify(toCollectors)}`, JSON.stringify(result));
  return result;
}

const receive: Record<string, CollectorCost> = {};
for (const protocol of PROTOCOLS) {
  for (const compression of COMPRESSIONS) {
    receive[`${protocol} ${compression}`] = await nsPerByte({ protocol, compression }, "nop", {});
  }
}
// Over HTTP; over gRPC, not compressed, it is a fifth less.
const forward: Record<string, CollectorCost> = {};
const plain = { protocol: "grpc", compression: "none" } as const;
for (const compression of COMPRESSIONS) {
  forward[compression] = await nsPerByte(plain, "otlp", { OTLP_COMPRESSION: compression });
}
const received = receive["grpc none"]!;
const reference: Reference = {
  measured: { at: new Date().toISOString(), machine: thisMachine() },
  eventsPerRequest: digits(eventsPerRequest),
  plainBytes: digits(plainBytes),
  senders: senders as Reference["senders"],
  receiveNs: inEach(receive, ({ ns }) => digits(ns)) as Reference["receiveNs"],
  forwardNs: inEach(forward, ({ ns }) => digits(ns - received.ns)) as Reference["forwardNs"],
  collectorMemoryBytes: Math.max(
    ...[...Object.values(receive), ...Object.values(forward)].map(({ memoryBytes }) => memoryBytes),
  ),
};
writeFileSync(FILE, `${JSON.stringify(reference, null, 2)}\n`);

/** Four of them: more would be noise. */
function digits(value: number): number {
  return Number(value.toPrecision(4));
}

function inEach<T, U>(values: Record<string, T>, of: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, of(value)]));
}

function tell(what: string, figures: string): void {
  process.stderr.write(`${what}: ${figures}\n`);
}
