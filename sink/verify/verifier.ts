import type { Signal } from "../../otlp/signal.ts";
import { idKeyOf } from "../../template/ids.ts";
import { Findings } from "./findings.ts";
import type { Incarnation } from "./incarnation.ts";
import { LogCheck } from "./log-check.ts";
import { findLosses, type Loss, mergeLosses } from "./losses.ts";
import { PointCheck } from "./point-check.ts";
import type { IncarnationReport, VerificationReport } from "./report.ts";
import { SpanCheck } from "./span-check.ts";
import { TimeCheck } from "./time-check.ts";
import { TraceLedger } from "./trace-ledger.ts";
import { TraceReader } from "./trace-reader.ts";

/** What verification takes as given. */
export interface VerifierOptions {
  /** The senders' seed: the key that ids were made with. */
  seed: number;
  /** What an incarnation sent so long before it fell silent may have been in flight: milliseconds, 0 = nothing. */
  doubtMs: number;
  /** How far in the future a time may lie, in milliseconds: clocks differ. */
  futureMs: number;
  /** How old an item may be on arrival, in milliseconds; 0 = any age. */
  maxAgeMs: number;
  /** Series that are tracked, at most. */
  maxSeries: number;
  /** Milliseconds since the epoch at which verification begins. */
  startedAt: number;
}

/** Incarnations listed in a report; totals are exact beyond that. */
const MAX_INCARNATIONS = 1000;

/** Judges everything that arrives at a sink. Bodies are protobuf and stay the caller's. */
export class Verifier {
  readonly #options: VerifierOptions;
  readonly #findings = new Findings();
  readonly #ledger = new TraceLedger();
  readonly #spanTimes: TimeCheck;
  readonly #logTimes: TimeCheck;
  readonly #pointTimes: TimeCheck;
  readonly #spans: SpanCheck;
  readonly #logs: LogCheck;
  readonly #points: PointCheck;

  constructor(options: VerifierOptions) {
    this.#options = options;
    const reader = new TraceReader(idKeyOf(options.seed));
    this.#spanTimes = new TimeCheck(options, this.#findings);
    this.#logTimes = new TimeCheck(options, this.#findings);
    this.#pointTimes = new TimeCheck(options, this.#findings);
    this.#spans = new SpanCheck(reader, this.#ledger, this.#spanTimes, this.#findings);
    this.#logs = new LogCheck(reader, this.#ledger, this.#logTimes, this.#findings);
    this.#points = new PointCheck(options.maxSeries, this.#pointTimes, this.#findings);
  }

  /** Judge one request that arrived at `now`, milliseconds since the epoch. Throws WireError; then nothing counts. */
  check(signal: Signal, body: Uint8Array, now: number): void {
    const clock = Math.max(0, Math.round(now - this.#options.startedAt));
    if (signal === "traces") this.#spans.check(body, now, clock);
    else if (signal === "logs") this.#logs.check(body, now, clock);
    else this.#points.check(body, now);
  }

  /** What was found so far. Walks everything that is open: for the end of a run, not for every second of it. */
  report(): VerificationReport {
    const senders = [...this.#ledger.incarnations.values()].filter((incarnation) => incarnation.spans > 0);
    const incarnations = senders.map((incarnation) => this.#reportOf(incarnation));
    const missing = mergeLosses(incarnations.map((incarnation) => incarnation.missing));
    const doubtful = mergeLosses(incarnations.map((incarnation) => incarnation.doubtful));
    const findings = this.#findings.toJSON();
    const lost = missing.traces + missing.incompleteTraces;
    const foreign = findings.foreignSpans?.count ?? 0;
    const known = senders.reduce((sum, incarnation) => sum + incarnation.spans, 0);
    return {
      ok: lost === 0 && Object.keys(findings).length === 0,
      findings,
      missing: totalsOf(missing),
      doubtful: totalsOf(doubtful),
      traces: {
        complete: senders.reduce((sum, incarnation) => sum + incarnation.completeTraces, 0),
        roots: this.#spans.roots,
        neverSentParents: this.#spans.neverSentParents,
        unverifiableSpans: this.#spans.unverifiable,
      },
      logs: { linked: this.#logs.linked, unlinked: this.#logs.unlinked, dangling: this.#dangling() },
      metrics: {
        series: this.#points.seriesCount,
        untrackedPoints: this.#points.untracked,
        latePoints: this.#points.late,
        restarts: this.#points.restarts,
      },
      agesMs: {
        traces: this.#spanTimes.range(),
        metrics: this.#pointTimes.range(),
        logs: this.#logTimes.range(),
      },
      incarnations: incarnations.slice(0, MAX_INCARNATIONS),
      ...(foreign > known ? { hint: foreignHint(this.#options.seed) } : {}),
    };
  }

  #reportOf(incarnation: Incarnation): IncarnationReport {
    const { missing, doubtful } = findLosses(incarnation, this.#options.doubtMs);
    const moment = (clock: number) => new Date(this.#options.startedAt + clock).toISOString();
    return {
      incarnation: incarnation.id.toString(16).padStart(12, "0"),
      firstSeen: moment(incarnation.firstAt),
      lastSeen: moment(incarnation.lastAt),
      passes: incarnation.highestPass + 1,
      spans: incarnation.spans,
      completeTraces: incarnation.completeTraces,
      tracesPerPass: incarnation.tracesPerPass,
      missing: mergeLosses([missing, this.#ledger.settledLoss(incarnation)]),
      doubtful,
    };
  }

  /** Log records that point to a trace of which nothing has come (yet). */
  #dangling(): number {
    let records = 0;
    for (const incarnation of this.#ledger.incarnations.values()) {
      for (const pass of incarnation.open.values()) {
        for (const { links, spanCounts } of pass.open.values()) {
          for (let slot = 0; slot < links.length; slot++) if (spanCounts[slot] === 0) records += links[slot]!;
        }
      }
    }
    return records;
  }
}

function totalsOf({ traces, incompleteTraces, spans, parents }: Loss): Omit<Loss, "passes"> {
  return { traces, incompleteTraces, spans, parents };
}

function foreignHint(seed: number): string {
  return `most ids were not made with seed ${seed}: give the sink the senders' --seed, or --no-verify for other senders`;
}
