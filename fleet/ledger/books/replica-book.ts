/**
 * What replicas said of themselves, merged. A life of a replica is worth its statement with the highest sequence, so that the book does
 * not depend on the order in which statements came, on those that never came, and on those that came twice. The last word of one that
 * died stays.
 */
import { COUNTER_INDEX, COUNTERS, type Counter, type Counts, newCounts } from "../../../ledger/counts.ts";
import { LatencySum } from "../../../ledger/latency-sum.ts";
import { type AnswerCount, addAnswer, type TargetCounts } from "../../../ledger/snapshot.ts";
import type { Statement } from "../../../ledger/statement-schema.ts";
import { type PerSignal, perSignal, SIGNALS, type Signal } from "../../../otlp/signal.ts";
import {
  addBetween,
  CPU_INDEX,
  newReplicaNumbers,
  numberIndex,
  numbersOf,
  type Reading,
  type ReplicaNumbers,
} from "./replica-numbers.ts";

/** Lives that are kept; whoever comes after them is turned away, so that a hostile sender fills no memory. */
export const MAX_LIVES = 10_000;

/** Of all statements together, as they came; those of a thousand replicas have some 5 MB. */
export const MAX_STATEMENTS_BYTES = 256 * 1024 * 1024;

/** One that says nothing for so long is lost, until it speaks again. */
export const LOST_AFTER_MS = 10_000;

export interface ReplicaEntry {
  statement: Statement;
  /** When it came, by the service's clock, ms. */
  heardAtMs: number;
  /** The statement's numbers, and those of an earlier one, long enough before it for rates. Not after a restart of the service. */
  now: Reading;
  before: Reading | undefined;
  bytes: number;
}

/** How a statement came, besides when. */
interface Coming {
  /** When it was told, where it was heard from a file later. */
  toldAtMs?: number;
  /** As it came; absent: not worth counting. */
  bytes?: number;
}

/** Two statements that are closer than this give no rate. */
const RATE_MS = 250;

/** One that says so soon after its start for the first time began at zero; of others nobody knows when they sent what. */
export const NEW_WITHIN_MS = 5000;

/** What a replica says that it is, and lost: silent without having ended. */
export type ReplicaStanding = Statement["state"] | "lost";

/** The sums of one signal. */
export interface ReplicaSums {
  counts: Counts;
  /** Sent and without a result: of replicas that live, in flight; of lost ones, nobody will ever know. */
  inFlight: number;
  unanswered: number;
}

/** The sums of all replicas. */
export interface FleetSums {
  signals: PerSignal<ReplicaSums>;
  /** Signals that any replica sends. */
  sent: Signal[];
  standings: Record<ReplicaStanding, number>;
  lagMs: number;
  worstLagMs: number;
  /** From the first one's start to the last one's last word. */
  elapsedMs: number;
  processes: number;
  cpuSeconds: number;
  rssBytes: number;
  maxRssBytes: number;
  targets: Map<string, TargetCounts>;
  answers: AnswerCount[];
}

export class ReplicaBook {
  readonly #lives = new Map<string, ReplicaEntry>();
  #bytes = 0;
  #lateComers: Statement[] = [];
  /** Of the statements so far. Never changed, only made anew. */
  #latencies: PerSignal<LatencySum> | undefined;

  get size(): number {
    return this.#lives.size;
  }

  /**
   * Take a statement in. Returns whether it says anything new; "full" when it is of one life too many, or too large with all others.
   */
  take(
    statement: Statement,
    heardAtMs: number,
    { toldAtMs = heardAtMs, bytes = 0 }: Coming = {},
  ): "new" | "old" | "full" {
    const known = this.#lives.get(statement.life);
    if (!known && this.#lives.size >= MAX_LIVES) return "full";
    if (known && known.statement.sequence >= statement.sequence) return "old";
    const allBytes = this.#bytes - (known?.bytes ?? 0) + bytes;
    if (allBytes > MAX_STATEMENTS_BYTES) return "full";
    this.#bytes = allBytes;
    const now = { atMs: toldAtMs, numbers: numbersOf(statement) };
    let before: Reading | undefined;
    if (known) before = known.before && now.atMs - known.now.atMs < RATE_MS ? known.before : known.now;
    else if (statement.elapsedMs < NEW_WITHIN_MS)
      before = { atMs: toldAtMs - Math.max(RATE_MS, statement.elapsedMs), numbers: newReplicaNumbers() };
    else this.#lateComers.push(statement);
    this.#lives.set(statement.life, { statement, heardAtMs, now, before, bytes });
    this.#latencies = undefined;
    return "new";
  }

  /** First statements of lives that were not new, since this was asked last: what they tell happened nobody knows when. */
  takeLateComers(): Statement[] {
    const late = this.#lateComers;
    this.#lateComers = [];
    return late;
  }

  /** When the first of them began, as far as anybody knows. ms; Infinity for none. */
  beganAtMs(): number {
    let first = Number.POSITIVE_INFINITY;
    for (const { now, before } of this.#lives.values()) first = Math.min(first, (before ?? now).atMs);
    return first;
  }

  /** Events a second that those who live are to send; null: as fast as it goes, or nobody tells. */
  plannedRate(nowMs: number): number | null {
    let sum = 0;
    let isKnown = false;
    for (const entry of this.#lives.values()) {
      const standing = standingOf(entry, nowMs);
      if (standing === "ended" || standing === "lost") continue;
      const { plannedRate } = entry.statement;
      if (plannedRate === undefined) continue;
      sum += plannedRate;
      // 0 says that it sends nothing only where it is paused.
      isKnown ||= plannedRate > 0 || standing === "paused";
    }
    return isKnown ? sum : null;
  }

  /** Sums of what all had counted at `atMs`, which is not longer ago than their statement before the last. */
  numbersAt(atMs: number): ReplicaNumbers {
    const sum = newReplicaNumbers();
    for (const { now, before } of this.#lives.values()) addBetween(sum, before ?? now, now, atMs);
    return sum;
  }

  entry(life: string): ReplicaEntry | undefined {
    return this.#lives.get(life);
  }

  /** All, by name and start, then by life: an order that does not depend on who came first. */
  entries(): ReplicaEntry[] {
    return [...this.#lives.values()].sort(
      ({ statement: a }, { statement: b }) =>
        order(a.name, b.name) || order(a.startedAt, b.startedAt) || order(a.life, b.life),
    );
  }

  sums(nowMs: number): FleetSums {
    const sums: FleetSums = {
      signals: perSignal(() => ({ counts: newCounts(), inFlight: 0, unanswered: 0 })),
      sent: [],
      standings: { running: 0, paused: 0, ended: 0, lost: 0 },
      lagMs: 0,
      worstLagMs: 0,
      elapsedMs: 0,
      processes: 0,
      cpuSeconds: 0,
      rssBytes: 0,
      maxRssBytes: 0,
      targets: new Map(),
      answers: [],
    };
    const sent = new Set<Signal>();
    let [firstMs, lastMs] = [Number.POSITIVE_INFINITY, 0];
    for (const entry of this.entries()) {
      const { statement, now } = entry;
      const standing = standingOf(entry, nowMs);
      sums.standings[standing]++;
      for (const signal of SIGNALS) {
        const said = statement.signals[signal];
        if (!said) continue;
        sent.add(signal);
        const sum = sums.signals[signal];
        for (let index = 0; index < COUNTERS.length; index++) sum.counts[index]! += said[COUNTERS[index]!];
        sum[standing === "lost" ? "unanswered" : "inFlight"] += unansweredOf(said);
      }
      // What a dead one used is of no more use to know.
      if (standing === "running" || standing === "paused") {
        sums.lagMs = Math.max(sums.lagMs, statement.lagMs);
        sums.rssBytes += statement.rssBytes;
        sums.processes += statement.processes;
      }
      sums.worstLagMs = Math.max(sums.worstLagMs, statement.worstLagMs);
      // By the service's clock, whatever the replicas' say; one that has not begun does not count.
      if (statement.elapsedMs > 0) {
        firstMs = Math.min(firstMs, now.atMs - statement.elapsedMs);
        lastMs = Math.max(lastMs, now.atMs);
      }
      sums.cpuSeconds += statement.cpuSeconds;
      sums.maxRssBytes += statement.maxRssBytes;
      for (const [address, counts] of Object.entries(statement.targets)) addTo(sums.targets, address, counts);
      for (const answer of statement.answers) addAnswer(sums.answers, answer);
    }
    sums.elapsedMs = Math.max(0, lastMs - firstMs);
    sums.sent = SIGNALS.filter((signal) => sent.has(signal));
    sums.answers.sort((a, b) => b.count - a.count || order(a.code, b.code));
    return sums;
  }

  /** Latencies of all; dearer than the sums. */
  latencies(): PerSignal<LatencySum> {
    if (this.#latencies) return this.#latencies;
    const sums = perSignal(() => new LatencySum());
    for (const { statement } of this.#lives.values()) {
      for (const signal of SIGNALS) {
        const said = statement.signals[signal];
        if (said) sums[signal].add(said.latencyUs);
      }
    }
    this.#latencies = sums;
    return sums;
  }
}

/** What a replica is at this moment. */
export function standingOf({ statement, heardAtMs }: ReplicaEntry, nowMs: number): ReplicaStanding {
  if (statement.state === "ended") return "ended";
  return nowMs - heardAtMs > LOST_AFTER_MS ? "lost" : statement.state;
}

/** What it does now: items of all signals that it sends a second, and cores. 0 for one that sends no more. */
export function paceOf(entry: ReplicaEntry, nowMs: number): { sentPerSecond: number; cores: number } {
  const { now, before } = entry;
  const standing = standingOf(entry, nowMs);
  if (!before || standing === "ended" || standing === "lost") return { sentPerSecond: 0, cores: 0 };
  const seconds = Math.max(RATE_MS, now.atMs - before.atMs) / 1000;
  const grown = (index: number) => Math.max(0, now.numbers[index]! - before.numbers[index]!);
  const sent = SIGNALS.reduce((sum, signal) => sum + grown(numberIndex(signal, "sent")), 0);
  return { sentPerSecond: sent / seconds, cores: grown(CPU_INDEX) / seconds };
}

/** Items that were sent and have no result. */
export function unansweredOf(said: Record<Counter, number>): number {
  return said.sent - said.accepted - said.rejected - said.failed - said.inDoubt;
}

/** A counter of the sums. */
export const countOf = ({ counts }: ReplicaSums, counter: Counter): number => counts[COUNTER_INDEX[counter]]!;

function addTo(targets: Map<string, TargetCounts>, address: string, counts: TargetCounts): void {
  const sum = targets.get(address);
  if (!sum) {
    targets.set(address, { ...counts });
    return;
  }
  sum.requests += counts.requests;
  sum.accepted += counts.accepted;
  sum.rejected += counts.rejected;
  sum.failed += counts.failed;
  sum.inDoubt += counts.inDoubt;
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
