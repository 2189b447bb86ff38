/**
 * What the view is told, several times a second: the state of a run at one moment, summed over its processes.
 */
import type { PerSignal } from "../otlp/signal.ts";

/** One signal at one moment; counts are items since the start of the run. */
export interface SignalSample {
  /** Items sent per second, over the last second or so. */
  rate: number;
  intended: number;
  sent: number;
  accepted: number;
  rejected: number;
  failed: number;
  inDoubt: number;
  unsent: number;
}

/** A kind of refusal and how often it came. */
export interface ErrorSample {
  /** `UNAVAILABLE`, `503`, `ECONNREFUSED`. */
  code: string;
  count: number;
  /** The latest message of the target under this code; shown cut to the width. */
  message: string;
}

export interface Sample {
  elapsedMs: number;
  /** Until the first limit is reached; absent without a limit. */
  remainingMs?: number;
  /** Planned events per second of all signals; 0 = as fast as the target takes it. */
  targetRate: number;
  /** The signals that this run sends. */
  signals: Partial<PerSignal<SignalSample>>;
  /** Since the start, from the intended moment of a request; NaN while there is none. */
  latencyMs: { p50: number; p99: number };
  /** How far sending is behind its schedule. */
  lagMs: number;
  /** Requests without an answer yet. */
  inFlight: number;
  /** CPU of all processes, 1 = one core. */
  cpuShare: number;
  rssBytes: number;
  /** Requests tried more than once. */
  retried: number;
  /** Kinds of refusal, most frequent first. */
  errors: readonly ErrorSample[];
  processes: number;
}
