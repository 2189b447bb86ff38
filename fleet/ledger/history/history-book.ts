/**
 * The history of a run: each second, by how much everything grew since the second before.
 *
 * Replicas speak once a second, each at its own moment. What all had counted at one moment is therefore taken from the two statements around
 * it, as if everything between them had grown evenly, for a moment that is a second ago: by then all have spoken of it. So no rate
 * goes up and down with who spoke when, and the steps add up to what was counted, to the item.
 */
import type { Account } from "../../../ledger/account-schema.ts";
import { COUNTERS } from "../../../ledger/counts.ts";
import type { CollectorsStep, History, HistoryPoint, SignalStep } from "../../../ledger/history.ts";
import { LatencySum } from "../../../ledger/latency-sum.ts";
import { type PerSignal, perSignal, SIGNALS } from "../../../otlp/signal.ts";
import type { ReplicaBook } from "../books/replica-book.ts";
import { CPU_INDEX, newReplicaNumbers, numberIndex, numbersOf } from "../books/replica-numbers.ts";
import { addedAnswers, answersOf, HistorySteps, latencyOf, type Step } from "./history-steps.ts";

const COLLECTOR_COUNTERS = ["accepted", "refused", "exported", "failed", "notQueued"] as const;
type CollectorCounts = Record<(typeof COLLECTOR_COUNTERS)[number], number>;

/** All that was counted up to a moment. Plain data. */
interface Totals {
  /** ms by the service's clock. */
  atMs: number;
  /** As in ReplicaNumbers, rounded. */
  replicas: number[];
  answers: Record<string, number>;
  collectors: CollectorCounts;
  received: number;
}

/** What Collectors and sinks say at one moment; null: none are read. */
interface Behind {
  counts: CollectorCounts;
  collectors: Omit<CollectorsStep, keyof CollectorCounts> | null;
  received: number | null;
}

/** What replicas say at one moment besides what they count. */
type Plan = Pick<HistoryPoint, "plannedPerSecond" | "rssBytes">;

/** A step as it is written down: the latest has the sums that the next one begins with. */
export interface WrittenStep extends Step {
  totals?: Totals;
}

/** How long ago a point ends: replicas keep silent for so long between two statements. */
const DELAY_MS = 1000;

/** A first step is no longer, whatever a statement says. */
const FIRST_STEP_MS = 10_000;

/** Those of a SignalStep: all but how requests came to be compressed. */
const STEP_COUNTERS = COUNTERS.filter((name) => name !== "compressedRequests" && name !== "compiledRequests");

export class HistoryBook {
  readonly #steps = new HistorySteps();
  #totals: Totals | undefined;
  #latencies: PerSignal<LatencySum> = perSignal(() => new LatencySum());
  /** As it was at the look before: a second ago. */
  #behind: Behind | undefined;
  #plan: Plan | undefined;
  #lastId = 0;

  /** Go on with what was written down, oldest first. replicas: as they were then. */
  resume(written: readonly WrittenStep[], replicas: ReplicaBook): void {
    replicas.takeLateComers();
    for (const { totals, ...step } of written) {
      this.#steps.append(step);
      this.#lastId = step.point.id;
      this.#totals = totals ?? this.#totals;
    }
    this.#latencies = replicas.latencies();
  }

  /** What has to be written down to go on. */
  *written(): Iterable<WrittenStep> {
    const steps = this.#steps.all();
    for (const step of steps)
      yield step === steps.at(-1) && this.#totals ? { ...step, totals: this.#totals } : step;
  }

  /** startedAt  of the account */
  history(startedAt: string): History {
    return { version: 1, startedAt, points: this.#steps.all().map(({ point }) => point) };
  }

  /** See HistorySteps.since. */
  since(id: number): HistoryPoint[] | undefined {
    return this.#steps.since(id);
  }

  /**
   * Make the step up to a second ago. Undefined as long as there is nothing to tell.
   *
   * account  of this moment, made of the same book
   * isLast   nothing will come after it: it goes up to now
   */
  look(account: Account, replicas: ReplicaBook, nowMs: number, isLast: boolean): WrittenStep | undefined {
    const now = behindOf(account);
    const behind = isLast ? now : (this.#behind ?? now);
    this.#behind = now;
    const plan: Plan = { plannedPerSecond: replicas.plannedRate(nowMs), rssBytes: account.rssBytes };
    const { plannedPerSecond, rssBytes } = this.#plan ?? plan;
    this.#plan = plan;
    if (replicas.size === 0) return undefined;
    this.#totals ??= zeroAt(
      Math.max(nowMs - FIRST_STEP_MS, Math.min(replicas.beganAtMs(), nowMs - DELAY_MS)),
    );
    const earlier = this.#totals;
    this.#passOver(replicas, earlier);
    const atMs = Math.round(isLast ? nowMs : nowMs - DELAY_MS);
    if (atMs <= earlier.atMs) return undefined;

    const numbers = replicas.numbersAt(isLast ? Number.POSITIVE_INFINITY : atMs);
    const totals: Totals = {
      atMs,
      // Nothing shrinks, whatever statements say.
      replicas: Array.from(numbers, (value, index) =>
        Math.max(earlier.replicas[index]!, index === CPU_INDEX ? value : Math.round(value)),
      ),
      answers: Object.fromEntries(account.answers.map(({ code, count }) => [code, count])),
      collectors: behind.counts,
      received: behind.received ?? 0,
    };
    const latencies = replicas.latencies();
    const latencyUs = Object.fromEntries(
      sentIn(account).map((signal) => [signal, latencies[signal].since(this.#latencies[signal]).flat()]),
    );
    const counted = pointOf(++this.#lastId, account, behind, earlier, totals, latencyUs);
    // Replicas that have ended meanwhile were there in the step.
    const point = { ...counted, plannedPerSecond, rssBytes: Math.max(rssBytes, plan.rssBytes) };
    const step: Step = { point, seconds: 1, latencyUs };
    this.#steps.append(step);
    this.#totals = totals;
    this.#latencies = latencies;
    return { ...step, totals };
  }

  /** What happened nobody knows when is in no step. */
  #passOver(replicas: ReplicaBook, earlier: Totals): void {
    for (const statement of replicas.takeLateComers()) {
      for (const [index, value] of numbersOf(statement).entries()) earlier.replicas[index]! += value;
      earlier.answers = addedAnswers(
        earlier.answers,
        Object.fromEntries(statement.answers.map(({ code, count }) => [code, count])),
      );
      this.#latencies = perSignal((signal) => {
        const sum = new LatencySum();
        sum.add(this.#latencies[signal].flat());
        sum.add(statement.signals[signal]?.latencyUs ?? []);
        return sum;
      });
    }
  }
}

function zeroAt(atMs: number): Totals {
  return {
    atMs: Math.round(atMs),
    replicas: [...newReplicaNumbers()],
    answers: {},
    collectors: { accepted: 0, refused: 0, exported: 0, failed: 0, notQueued: 0 },
    received: 0,
  };
}

const sentIn = ({ signals }: Account) => SIGNALS.filter((signal) => signals[signal]);

function pointOf(
  id: number,
  account: Account,
  behind: Behind,
  earlier: Totals,
  totals: Totals,
  latencyUs: Step["latencyUs"],
): Omit<HistoryPoint, keyof Plan> {
  const stepMs = totals.atMs - earlier.atMs;
  const grown = (index: number) => totals.replicas[index]! - earlier.replicas[index]!;
  const signals: HistoryPoint["signals"] = {};
  for (const signal of sentIn(account)) {
    const counts = Object.fromEntries(
      STEP_COUNTERS.map((name) => [name, grown(numberIndex(signal, name))]),
    ) as Omit<SignalStep, "latencyMs">;
    signals[signal] = { ...counts, latencyMs: latencyOf(latencyUs[signal] ?? []) };
  }
  const answers = Object.entries(totals.answers)
    .map(([code, count]) => [code, count - answersOf(earlier.answers, code)] as const)
    .filter(([, count]) => count > 0);
  const { running, paused, ended, lost } = account.replicas;
  return {
    id,
    atMs: totals.atMs,
    stepMs,
    signals,
    latencyMs: latencyOf(...Object.values(latencyUs)),
    answers: Object.fromEntries(answers),
    replicas: { running, paused, ended, lost },
    lagMs: account.lagMs,
    cores: (grown(CPU_INDEX) * 1000) / stepMs,
    collectors: behind.collectors && {
      ...behind.collectors,
      ...(Object.fromEntries(
        COLLECTOR_COUNTERS.map((name) => [
          name,
          Math.max(0, totals.collectors[name] - earlier.collectors[name]),
        ]),
      ) as CollectorCounts),
    },
    received: behind.received === null ? null : Math.max(0, totals.received - earlier.received),
  };
}

function behindOf({ collectors, collectorRows, sink }: Account): Behind {
  const counts: CollectorCounts = { accepted: 0, refused: 0, exported: 0, failed: 0, notQueued: 0 };
  for (const items of Object.values(collectors?.signals ?? {}).filter((one) => one !== undefined)) {
    counts.accepted += items.accepted;
    counts.refused += items.refused;
    for (const exporter of Object.values(items.exporters)) {
      counts.exported += exporter.sent;
      counts.failed += exporter.failed;
      counts.notQueued += exporter.notQueued;
    }
  }
  const live = collectorRows.filter(({ state }) => state === "up");
  return {
    counts,
    collectors: collectors && {
      up: collectors.up,
      gone: collectors.gone,
      queued: collectors.queued,
      queueCapacity: sumOfTold(live.map(({ queueCapacity }) => queueCapacity)),
      cores: sumOfTold(live.map(({ cores }) => cores)),
      rssBytes: sumOfTold(live.map(({ rssBytes }) => rssBytes)),
    },
    received: sink && SIGNALS.reduce((sum, signal) => sum + (sink.signals[signal]?.received ?? 0), 0),
  };
}

/** null where nobody tells. */
function sumOfTold(values: readonly (number | null)[]): number | null {
  const told = values.filter((value) => value !== null);
  return told.length === 0 ? null : told.reduce((sum, value) => sum + value, 0);
}
