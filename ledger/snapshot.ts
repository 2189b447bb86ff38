/**
 * What one replayer process knows of its run at a moment. Plain data: it crosses process borders and merges with others.
 */
import { type PerSignal, perSignal, SIGNALS } from "../otlp/signal.ts";
import { addCounts, type Counts, newCounts } from "./counts.ts";
import type { LatencyCounts } from "./latency.ts";

/** What became of requests at one address, in items. */
export interface TargetCounts {
  requests: number;
  accepted: number;
  rejected: number;
  failed: number;
  inDoubt: number;
}

/** An answer that was not plain acceptance: how often it came, and the latest text with it. */
export interface AnswerCount {
  code: string;
  count: number;
  message: string;
}

export interface Snapshot {
  /** Since the first request was due, ms. */
  elapsedMs: number;
  counts: PerSignal<Counts>;
  latencies: PerSignal<LatencyCounts>;
  /** How far the replayer is behind its schedule now, and was at the worst, ms. */
  lagMs: number;
  worstLagMs: number;
  inFlight: number;
  /** Its part of the fleet's rate, 0 to 1; 0 once it sends nothing new any more. */
  share: number;
  /** Told to send nothing new until it is told to go on. */
  isPaused: boolean;
  /** Events per second that the law asks of it now: 0 while it is paused, and where it goes as fast as the target takes it. */
  plannedRate: number;
  cpuSeconds: number;
  rssBytes: number;
  maxRssBytes: number;
  /** 12 hex digits each: the lives that this process has had. */
  incarnations: string[];
  targets: Record<string, TargetCounts>;
  answers: AnswerCount[];
  /** What the user should know besides the numbers. */
  notes: string[];
}

/** Kinds of answers that are kept apart; the rest is counted under one name, so that a hostile target fills no memory. */
export const MAX_ANSWER_CODES = 50;

/** The fleet's snapshot: sums, except that lag and elapsed time are the worst of all, and it is paused where one is. Latencies stay per process. */
export function mergeSnapshots(
  snapshots: readonly Snapshot[],
): Omit<Snapshot, "latencies"> & { latencies: PerSignal<LatencyCounts[]> } {
  const merged = {
    elapsedMs: 0,
    counts: perSignal(newCounts),
    latencies: perSignal((): LatencyCounts[] => []),
    lagMs: 0,
    worstLagMs: 0,
    inFlight: 0,
    share: 0,
    isPaused: false,
    plannedRate: 0,
    cpuSeconds: 0,
    rssBytes: 0,
    maxRssBytes: 0,
    incarnations: [] as string[],
    targets: {} as Record<string, TargetCounts>,
    answers: [] as AnswerCount[],
    notes: [] as string[],
  };
  for (const snapshot of snapshots) {
    for (const signal of SIGNALS) {
      addCounts(merged.counts[signal], snapshot.counts[signal]);
      merged.latencies[signal].push(snapshot.latencies[signal]);
    }
    merged.elapsedMs = Math.max(merged.elapsedMs, snapshot.elapsedMs);
    merged.lagMs = Math.max(merged.lagMs, snapshot.lagMs);
    merged.worstLagMs = Math.max(merged.worstLagMs, snapshot.worstLagMs);
    merged.inFlight += snapshot.inFlight;
    merged.share += snapshot.share;
    merged.isPaused ||= snapshot.isPaused;
    merged.plannedRate += snapshot.plannedRate;
    merged.cpuSeconds += snapshot.cpuSeconds;
    merged.rssBytes += snapshot.rssBytes;
    merged.maxRssBytes += snapshot.maxRssBytes;
    merged.incarnations.push(...snapshot.incarnations);
    for (const [address, counts] of Object.entries(snapshot.targets))
      addTarget(merged.targets, address, counts);
    for (const answer of snapshot.answers) addAnswer(merged.answers, answer);
    for (const note of snapshot.notes) if (!merged.notes.includes(note)) merged.notes.push(note);
  }
  return merged;
}

/** Add counts to an address, which is there from then on. */
export function addTarget(
  targets: Record<string, TargetCounts>,
  address: string,
  counts: TargetCounts,
): void {
  targets[address] ??= { requests: 0, accepted: 0, rejected: 0, failed: 0, inDoubt: 0 };
  const target = targets[address];
  target.requests += counts.requests;
  target.accepted += counts.accepted;
  target.rejected += counts.rejected;
  target.failed += counts.failed;
  target.inDoubt += counts.inDoubt;
}

/** Add answers to the list under their code, or under `other` when there are too many kinds. */
export function addAnswer(answers: AnswerCount[], answer: AnswerCount): void {
  const find = (code: string) => answers.find((known) => known.code === code);
  const code = find(answer.code) || answers.length < MAX_ANSWER_CODES ? answer.code : "other";
  const known = find(code);
  if (known) {
    known.count += answer.count;
    known.message = answer.message;
  } else answers.push({ ...answer, code });
}
