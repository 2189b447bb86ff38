/** What a row of the fault table is, and what a run of it came to. */
import type { Counter } from "../../ledger/counts.ts";
import type { AnswerCount } from "../../ledger/snapshot.ts";
import type { TestCertificates } from "../../otlp/test-certificates.ts";
import type { Toxiproxy } from "../toxiproxy.ts";

export const PROTOCOLS = ["grpc", "http/protobuf"] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** frozen: batches that were compressed ahead, to zstd. */
export const MODES = ["plain", "frozen"] as const;
export type Mode = (typeof MODES)[number];

/** What everything is tried over and in. */
export interface Cell {
  protocol: Protocol;
  mode: Mode;
}

/** Something that may be different over the two protocols. */
export type Per<T> = T | { grpc: T; http: T };

/** What can become of sent items besides being accepted. */
export type Fate = "rejected" | "failed" | "inDoubt";

/** What a run tells while it is under way. */
export interface Running {
  answers(): AnswerCount[];
  accepted(): number;
}

/** What a run is sent to: made anew for each, closed after it. */
export interface Target {
  /** `host:port`. */
  address: string;
  /** Over TLS: certificates to trust, the system's where none are given. */
  tls?: { ca?: string };
  /** Items that it took, each counted once, however often they came. Asked when the run is over. */
  received(): number | Promise<number>;
  /** Items that it turned away in partial successes, where it knows. */
  rejected?(): number;
  /** What it must have counted of what was injected. */
  injected?(): Record<string, number>;
  /** What came and is wrong, where that is verified. */
  findings?(): object;
  /** Goes on beside the run. */
  during?(running: Running): Promise<unknown>;
  close(): Promise<unknown>;
}

/** What several targets share. */
export interface Surroundings {
  toxiproxy: Toxiproxy;
  certificates: TestCertificates;
}

/** One fault. */
export interface Row {
  what: string;
  target(cell: Cell, surroundings: Surroundings): Promise<Target>;
  /** Events; 2,400 unless said. */
  total?: number;
  /** Events a second; unless said as fast as it goes. */
  rate?: number;
  /** Requests of megabytes instead of some kilobytes. */
  isLarge?: boolean;
  /** Of one try; long enough for any machine unless said. */
  timeout?: string;
  /** `sending.retry`, on top of short pauses and ten seconds in all. */
  retry?: { initial?: string; max?: string; max_elapsed?: string };
  /** The codes among the report's answers: these must be there, and none besides but those of `mayAnswer`. */
  answers: Per<readonly string[]>;
  mayAnswer?: readonly string[];
  /** What must become of some items; of none may become anything besides, but accepted and what `mayEnd` says. */
  ends: Per<readonly Fate[]>;
  mayEnd?: readonly Fate[];
  /** Nothing can be accepted. */
  isHopeless?: boolean;
  /** Some answer of `mayAnswer` must come: else nothing was done to the run. */
  mustTrouble?: boolean;
  /** Run by the command, not in this process. */
  isByCommand?: boolean;
  /** Run before a sink in a network of its own, which loses this share of all packets; `target` is not used. */
  lostPackets?: number;
}

/** What a run came to. */
export interface Result {
  sums: Record<Counter, number>;
  /** Differences of the two identities, signal by signal; all 0 when they hold. */
  imbalances: number[];
  answers: AnswerCount[];
  received: number;
  rssBytes: number;
}

/** What holds over this protocol. */
export function over<T>(protocol: Protocol, value: Per<T>): T {
  const isPer = typeof value === "object" && value !== null && "grpc" in value;
  if (!isPer) return value as T;
  return protocol === "grpc" ? value.grpc : value.http;
}
