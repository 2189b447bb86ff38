/**
 * A job: all that a replayer process is told about its run. Plain data, for it goes to other processes.
 */
import type { PerSignal } from "../otlp/signal.ts";
import type { SteeredState } from "./send/journal.ts";
import type { ReplayerSettings, Replica } from "./settings.ts";
import type { SteeredRate } from "./steering.ts";

export interface ReplayJob {
  settings: ReplayerSettings;
  /** Frozen files by signal; a signal without one is not sent. */
  frozen: Partial<PerSignal<string>>;
  /** The same files compressed once, in the target's compression, where they are there. */
  compiled: Partial<PerSignal<string>>;
  /** This process's share of the fleet's rate, passes and events. */
  replica: Replica;
  /** Whether the index is this replica's for ever, so that its metric instances may be numbered by it. */
  isIndexLasting: boolean;
  /** What preparing it had to say. */
  notes: string[];
  /** What it was told before it began. */
  begins?: BeginsBy;
  /** Where to go on; absent when the job begins. */
  takeOver?: TakeOver;
}

/** Another share or rate than the configured ones, from the beginning on. */
export interface BeginsBy {
  share: Replica;
  rate: SteeredRate;
}

/** What a job begins by, or goes on by after another process: what it was told last, else what it was made for. */
export function begunBy({ replica, begins, takeOver }: ReplayJob): BeginsBy {
  const { share, rate } = takeOver?.steered ?? begins ?? { share: replica, rate: "config" };
  return { share, rate };
}

/** Where the process stopped that did a job before and died. */
export interface TakeOver {
  /** Of each lane, summed over all lives: items that the schedule is done with, and items of its passes that are through. */
  lanes: PerSignal<{ position: number; through: number }>;
  /** Processes that did this job before. */
  lives: number;
  /** What the last one was told on the way, if anything. */
  steered?: SteeredState;
}
