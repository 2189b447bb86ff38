/**
 * The books of a replay: what was sent and what became of it, signal by signal, address by address. Nothing in it grows with time.
 */
import { COUNTER_INDEX, type Counter, type Counts, newCounts } from "../../ledger/counts.ts";
import { Latencies } from "../../ledger/latency.ts";
import {
  type AnswerCount,
  addAnswer,
  addTarget,
  type Snapshot,
  type TargetCounts,
} from "../../ledger/snapshot.ts";
import type { Answer } from "../../otlp/answer.ts";
import { type PerSignal, perSignal, type Signal } from "../../otlp/signal.ts";
import { formatIncarnation } from "../incarnation.ts";
import type { Flight } from "./flight.ts";
import type { Lane } from "./lane.ts";

/** What became of the items of a request; refused ones count as failed, or as in doubt where an earlier try may have brought them. */
export interface Outcome {
  accepted: number;
  rejected: number;
  refused: number;
}

export class Books {
  readonly #counts: PerSignal<Counts>;
  readonly #latencies: PerSignal<Latencies> = perSignal(() => new Latencies());
  readonly #targets: Record<string, TargetCounts> = {};
  readonly #answers: AnswerCount[] = [];
  readonly #incarnations = new Set<number>();

  /** counts  where the counters are kept, all 0 */
  constructor(counts: PerSignal<Counts> = perSignal(newCounts)) {
    this.#counts = counts;
  }

  count(signal: Signal, counter: Counter, by: number): void {
    this.#counts[signal][COUNTER_INDEX[counter]]! += by;
  }

  /** A request is sent for the first time. */
  launch({ lane, items, key }: Flight): void {
    const { signal } = lane!;
    this.count(signal, "sent", items);
    this.count(signal, "requests", 1);
    this.#incarnations.add(key.incarnation);
  }

  /** A try has ended. */
  endTry({ lane, bodyBytes }: Flight, answer: Answer): void {
    const { signal } = lane!;
    this.count(signal, "bodyBytes", bodyBytes);
    this.count(signal, "wireBytes", answer.wireBytes);
  }

  /** What was answered besides plain acceptance. */
  noteAnswer(code: string, message: string): void {
    addAnswer(this.#answers, { code, count: 1, message });
  }

  /** A request has its result. What a target refused after a try without answer is in doubt, not failed: it may have that try. */
  finish(flight: Flight, address: string, { accepted, rejected, refused }: Outcome, nowMs: number): void {
    const { signal } = flight.lane!;
    const inDoubt = flight.isInDoubt ? refused : 0;
    const failed = refused - inDoubt;
    if (flight.compression !== "none") this.count(signal, "compressedRequests", 1);
    if (flight.isCompiled) this.count(signal, "compiledRequests", 1);
    this.count(signal, "accepted", accepted);
    this.count(signal, "rejected", rejected);
    this.count(signal, "failed", failed);
    this.count(signal, "inDoubt", inDoubt);
    addTarget(this.#targets, address, { requests: 1, accepted, rejected, failed, inDoubt });
    this.#latencies[signal].record(nowMs - flight.dueMs);
  }

  /** Bring what schedules and late roots tell into the counters: what was intended, and what is unsent. */
  balance(lanes: readonly Lane[]): void {
    for (const { signal, schedule, deferred } of lanes) {
      const counts = this.#counts[signal];
      counts[COUNTER_INDEX.unsent] = schedule.unsent + (deferred?.unsent ?? 0);
      // Roots that wait are intended from the moment that they leave or are given up, so the books balance all the time.
      const waiting = deferred?.pending ?? 0;
      counts[COUNTER_INDEX.intended] = schedule.passed - waiting + counts[COUNTER_INDEX.dropped]!;
    }
  }

  /** Their part of a snapshot; copies. */
  snapshot(): Pick<Snapshot, "counts" | "latencies" | "incarnations" | "targets" | "answers"> {
    return {
      counts: perSignal((signal) => this.#counts[signal].slice()),
      latencies: perSignal((signal) => this.#latencies[signal].counts()),
      incarnations: [...this.#incarnations].map(formatIncarnation),
      targets: structuredClone(this.#targets),
      answers: structuredClone(this.#answers),
    };
  }
}
