/** Jobs and runs in this process, for tests: real templates, a real sink or server at the other end. */

import type { z } from "zod";
import { type Counter, namedCounts } from "../ledger/counts.ts";
import { imbalance } from "../ledger/report.ts";
import type { Snapshot } from "../ledger/snapshot.ts";
import type { Transport } from "../otlp/client/transport.ts";
import { type PerSignal, perSignal, SIGNALS, type Signal } from "../otlp/signal.ts";
import { replayerConfigSchema } from "./config.ts";
import { findInputs, type InputPaths, prepareInputs } from "./inputs.ts";
import type { ReplayJob } from "./job.ts";
import { openReplay } from "./open-replay.ts";
import { type Replica, resolveSettings } from "./settings.ts";

type Input = z.input<typeof replayerConfigSchema>;

export interface TestRun {
  /** `host:port` of the target. */
  address: string;
  protocol?: "grpc" | "http/protobuf";
  /** Directory of templates, or the files themselves. */
  inputs: string | InputPaths;
  /** Config besides otlp. */
  config?: Input;
  otlp?: Input["otlp"];
  replica?: Replica;
  isIndexLasting?: boolean;
}

/** The job that the command would hand over for this config. */
export async function jobOf(run: TestRun): Promise<ReplayJob> {
  const { address, protocol = "grpc", inputs, replica = { index: 0, count: 1 } } = run;
  const config = replayerConfigSchema.parse({
    ...run.config,
    otlp: { endpoint: `http://${address}`, protocol, ...run.otlp },
  });
  const settings = resolveSettings(config, {});
  const paths = typeof inputs === "string" ? findInputs(inputs) : inputs;
  const prepared = await prepareInputs(paths, settings);
  return { settings, ...prepared, replica, isIndexLasting: run.isIndexLasting ?? false };
}

export interface Outcome {
  snapshot: Snapshot;
  counts: PerSignal<Record<Counter, number>>;
}

/** Run a job to its end, or until `until` is kept, and then stop it. */
export async function runJob(job: ReplayJob, until?: Promise<unknown>): Promise<Outcome> {
  const { replay, transport } = await openReplay(job);
  const ended = replay.run();
  void until?.then(() => replay.stop());
  await ended;
  await transport.close();
  return outcomeOf(replay.snapshot());
}

export function outcomeOf(snapshot: Snapshot): Outcome {
  return { snapshot, counts: perSignal((signal) => namedCounts(snapshot.counts[signal])) };
}

/** A target in this process that takes every request at once: time passes only where a test's clock lets it. The body is lent for the call. */
export function takingAll(onRequest: (signal: Signal, body: Buffer) => void): Transport {
  return {
    send(signal, body, done, released) {
      onRequest(signal, body);
      released?.();
      queueMicrotask(() => done({ kind: "accepted", address: "", wireBytes: 0 }));
    },
    setCompression() {},
    close: async () => {},
  };
}

/** Differences of the two identities over all signals; all 0 when they hold. */
export function imbalances({ counts }: Outcome): number[] {
  return SIGNALS.flatMap((signal) => Object.values(imbalance(counts[signal])));
}
