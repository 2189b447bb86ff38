/**
 * Calibration: what sending costs on this machine, with the templates, the protocol and the compression that are planned, and what a real
 * Collector costs behind it. Everything runs on loopback: replays as they are, a receiver that discards, and the Collector with the
 * backend's own file, whose address is that receiver. A minute and a half.
 */
import { parseEndpoints } from "../../../otlp/endpoint.ts";
import type { Compression } from "../../../otlp/protocol.ts";
import type { PerSignal } from "../../../otlp/signal.ts";
import type { ReplayJob } from "../../../replayer/job.ts";
import { startReceiver } from "../../../sink/discard/start-receiver.ts";
import type { Backend } from "../../backends/backend-file.ts";
import { scrapeSelfMetrics } from "../../ledger/watch/self-metrics.ts";
import { type LocalCollector, startLocalCollector } from "../../local-collectors/collector.ts";
import { startGuard } from "../../up/guard.ts";
import { type CostCurve, type CostPoint, curveOf, medianOf } from "../cost-curve.ts";
import { formText, type SenderForm } from "../costs.ts";
import { type ExporterForm, exporterFormOf } from "../exporter-form.ts";
import { CalibrationError } from "./calibration-error.ts";
import { climb, type Times } from "./climb.ts";
import type { SenderMark } from "./sender-process.ts";

export interface CalibrationTask {
  /** What is sent: settings and frozen files; where to, how fast and in which form is up to the calibration. */
  job: ReplayJob;
  /** Compiled files, by the compressions that are wanted. */
  compiled: Partial<Record<Compression, Partial<PerSignal<string>>>>;
  toCollectors: SenderForm;
  toBackend: SenderForm;
  /** Undefined: there is no Collector to measure. */
  collector: { binary: string; backend: Backend } | undefined;
  environment: NodeJS.ProcessEnv;
  times: Times;
  /** Events a second. */
  senderRates: readonly number[];
  collectorRates: readonly number[];
}

/** How long and how fast, for a run of a minute and a half that a small machine can keep up with. */
export const USUAL_CALIBRATION = {
  times: { warmMs: 5000, settleMs: 400, measureMs: 1500, rounds: 3 },
  senderRates: [10_000, 50_000, 250_000, 1_500_000],
  collectorRates: [10_000, 40_000, 120_000],
} as const satisfies Partial<CalibrationTask>;

export interface Calibration {
  toCollectors: CostCurve;
  toBackend: CostCurve;
  collector?: CostCurve;
  /** What left the Collector, bytes an event. */
  forwardedBytes?: number;
}

/** How long the Collector's page may take, on a machine that has other things to do. */
const PAGE_MS = 20_000;
/** In place of keys that the backend's file wants: they go to this machine's own receiver, and nowhere else. */
const NO_KEY = "calibration";
/** Rates that are closer than that are one. */
const CLEARLY = 1.5;
/** More than this part of what was sent must not be lost where everybody takes everything. */
const LOST_SHARE = 0.001;

/**
 * Measure. note: told what is done, a line a step. Throws CalibrationError, and the signal's reason when it is aborted; nothing is left
 * running.
 */
export async function calibrate(
  task: CalibrationTask,
  note: (text: string) => void,
  signal: AbortSignal,
): Promise<Calibration> {
  const { toCollectors, toBackend } = task;
  note(`calibrating: replayers, ${formText(toCollectors)}`);
  const collectors = await senderCurve(task, toCollectors, signal);
  const isSame =
    toBackend.protocol === toCollectors.protocol && toBackend.compression === toCollectors.compression;
  if (!isSame) note(`calibrating: replayers, ${formText(toBackend)}`);
  const backend = isSame ? collectors : await senderCurve(task, toBackend, signal);
  if (!task.collector) return { toCollectors: collectors, toBackend: backend };
  note(`calibrating: a Collector that hands on to ${task.collector.backend.name}`);
  const { senders, ...measured } = await measureCollector(task, task.collector, signal);
  return { toCollectors: curveOf([joined(senders, collectors)]), toBackend: backend, ...measured };
}

/**
 * A sender's curve before a real Collector, as far as one keeps up, and before a receiver that answers at once for what is above. At small
 * rates an answer that comes later is one more thing to wake up for.
 */
function joined(real: CostCurve, discarded: CostCurve): CostPoint[] {
  const highest = real.at(-1)!.eventsPerSecond;
  return [...real, ...discarded.filter(({ eventsPerSecond }) => eventsPerSecond > highest * CLEARLY)];
}

/** One sender of this form at all rates, before a receiver that discards. */
export async function senderCurve(
  task: Omit<CalibrationTask, "toBackend" | "toCollectors" | "collector">,
  form: SenderForm,
  signal: AbortSignal,
): Promise<CostCurve> {
  const receiver = await startReceiver();
  try {
    const { http, grpc } = receiver.ports;
    const job = jobTo(task, form, `http://127.0.0.1:${form.protocol === "grpc" ? grpc : http}`);
    const alone = async () => async () => undefined;
    const rounds = await climb(job, task.senderRates, task.times, alone, signal);
    return curveOf(rounds.map((round) => round.map(({ step }) => pointOf(step, step))));
  } finally {
    receiver.stop();
  }
}

/** A Collector that takes from one sender at all rates, and that sender. */
export async function measureCollector(
  task: Omit<CalibrationTask, "toBackend" | "collector">,
  { binary, backend }: { binary: string; backend: Backend },
  signal: AbortSignal,
): Promise<{ collector: CostCurve; senders: CostCurve; forwardedBytes: number }> {
  const form = exporterFormOf(backend, task.environment);
  const receiver = await startReceiver();
  const guard = startGuard();
  let collector: LocalCollector | undefined;
  try {
    collector = await startLocalCollector({
      binary,
      backend: backend.name,
      environment: { ...task.environment, ...standIns(backend, form, receiver.ports) },
      signal,
    });
    guard.add(collector.pid);
    const { metricsUrl, grpc, http } = collector;
    const around = async () => {
      const [before, sent] = await Promise.all([read(metricsUrl), receiver.received()]);
      return async () => {
        const [after, last] = await Promise.all([read(metricsUrl), receiver.received()]);
        return {
          cpuSeconds: after.cpuSeconds - before.cpuSeconds,
          memoryBytes: after.memoryBytes,
          forwardedBytes: last.bodyBytes - sent.bodyBytes,
        };
      };
    };
    const job = jobTo(task, task.toCollectors, task.toCollectors.protocol === "grpc" ? grpc : http);
    const rounds = await climb(job, task.collectorRates, task.times, around, signal);
    const points = (of: (one: (typeof rounds)[number][number]) => CostPoint) =>
      curveOf(rounds.map((round) => round.map(of)));
    return {
      collector: points(({ step, meanwhile }) => pointOf(step, meanwhile)),
      senders: points(({ step }) => pointOf(step, step)),
      forwardedBytes: medianOf(
        rounds.flat().map(({ step, meanwhile }) => meanwhile.forwardedBytes / step.items),
      ),
    };
  } finally {
    await collector?.stop();
    await guard.release();
    receiver.stop();
  }
}

/** A job to this place, and to nobody else: headers of the settings may hold keys. */
function jobTo(
  { job, compiled }: Pick<CalibrationTask, "job" | "compiled">,
  form: SenderForm,
  url: string,
): ReplayJob {
  const { protocol, compression } = form;
  const endpoints = parseEndpoints(url, { protocol, insecure: true });
  const target = { ...job.settings.target, protocol, compression, endpoints, headers: {} };
  return {
    ...job,
    compiled: compiled[compression] ?? {},
    settings: { ...job.settings, target, maxSteeredRate: Number.POSITIVE_INFINITY },
  };
}

/** The variables with which a backend's file hands on to the receiver. The sink's has no address that may cost somebody money. */
function standIns(
  { header, needed }: Backend,
  { by }: ExporterForm,
  { http, grpc }: { http: number; grpc: number },
): Record<string, string> {
  const keys = Object.fromEntries(needed.map((name) => [name, NO_KEY]));
  const address = by === "grpc" ? `127.0.0.1:${grpc}` : `http://127.0.0.1:${http}`;
  return { ...keys, [header.address ?? "COLLECTOR_SINK_ENDPOINT"]: address };
}

/** What a process spent over what the sender was told is accepted. */
function pointOf(
  { items, seconds, lostItems }: SenderMark,
  spent: { cpuSeconds: number; memoryBytes: number },
): CostPoint {
  if (items === 0 || lostItems > items * LOST_SHARE)
    throw new CalibrationError(
      `${lostItems} of ${items + lostItems} events were not accepted while it was measured; the machine may be too busy for it`,
    );
  return {
    eventsPerSecond: items / seconds,
    cores: spent.cpuSeconds / seconds,
    memoryBytes: spent.memoryBytes,
  };
}

async function read(url: string): Promise<{ cpuSeconds: number; memoryBytes: number }> {
  const page = await scrapeSelfMetrics(url, PAGE_MS).catch((cause: Error) => {
    throw new CalibrationError(`the Collector's metrics could not be read (${cause.message}): ${url}`);
  });
  const { cpuSeconds, rssBytes } = page;
  if (cpuSeconds === undefined || rssBytes === undefined)
    throw new CalibrationError(`${url}: does not tell the Collector's CPU time and memory`);
  return { cpuSeconds, memoryBytes: rssBytes };
}
