/**
 * What the view is told, several times a second: the state of a run at one moment, summed over its processes.
 */
import type { PerSignal } from "../otlp/signal.ts";

/** Latencies of requests, from the moment they were due to their final answer, in ms; NaN while there is none. */
export interface LatencySample {
  p50: number;
  p90: number;
  p99: number;
}

/** One signal at one moment; counts are items, requests and bytes since the start of the run. */
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
  requests: number;
  /** Requests tried more than once. */
  retriedRequests: number;
  compressedRequests: number;
  compiledRequests: number;
  bodyBytes: number;
  wireBytes: number;
  /** Bytes on the wire per second, over the last second or so. */
  wireRate: number;
  /** Of requests answered in about the last ten seconds. */
  recentMs: LatencySample;
  /** Of all requests since the start. */
  runMs: LatencySample;
}

/** A kind of refusal and how often it came. */
export interface ErrorSample {
  /** `UNAVAILABLE`, `503`, `ECONNREFUSED`. */
  code: string;
  count: number;
  /** Over the last five seconds or so. */
  perSecond: number;
  /** The latest message of the target under this code; shown cut to the width. */
  message: string;
}

/** An address that answered, in items since the start. */
export interface TargetSample {
  /** `127.0.0.1:4317` */
  address: string;
  /** Requests answered per second, over the last second or so. */
  requestRate: number;
  accepted: number;
  rejected: number;
  failed: number;
  inDoubt: number;
}

export interface Sample {
  elapsedMs: number;
  /** How much of the run is over, 0 to 1; absent without a limit that tells. */
  share?: number;
  /** Until the first limit is reached if the target keeps up; absent when nobody can tell. */
  remainingMs?: number;
  /** Which limit ends the run, in words. */
  endsBy: string;
  /** The run has ended: rates are averages over all of it, and so are the latencies. */
  isOver: boolean;
  /** Told to send nothing new until it is told to go on. */
  isPaused: boolean;
  /** Planned events per second of all signals, now; 0 = as fast as the target takes it. */
  targetRate: number;
  /** The signals that this run sends. */
  signals: Partial<PerSignal<SignalSample>>;
  /** Their sum. */
  total: SignalSample;
  /** How far sending is behind its schedule, now and at the worst. */
  lagMs: number;
  worstLagMs: number;
  /** Requests without an answer yet. */
  inFlight: number;
  /** CPU of all processes, 1 = one core. */
  cpuShare: number;
  rssBytes: number;
  /** Kinds of refusal, most frequent first. */
  errors: readonly ErrorSample[];
  /** Addresses that answered, in the order of their names. */
  targets: readonly TargetSample[];
  /** Replayer processes alive; at the end, as many as there were. */
  processes: number;
}
