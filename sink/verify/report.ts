import type { Signal } from "../../otlp/signal.ts";
import type { Finding, FindingName } from "./findings.ts";
import type { Loss } from "./losses.ts";

/** What one incarnation (one life of one replica) sent, as far as spans tell. */
export interface IncarnationReport {
  /** 12 hex digits. */
  incarnation: string;
  /** When the first and the last item came; ISO 8601. */
  firstSeen: string;
  lastSeen: string;
  /** Passes begun. */
  passes: number;
  /** Spans that came, duplicates included. */
  spans: number;
  completeTraces: number;
  /** Traces of a pass, as far as seen. */
  tracesPerPass: number;
  /** What certainly did not arrive. */
  missing: Loss;
  /** What did not arrive and may have been in flight when the incarnation fell silent. */
  doubtful: Loss;
}

/** Ages of items on arrival, milliseconds; null when there was none. */
export interface AgeRange {
  youngest: number | null;
  oldest: number | null;
}

/** The outcome of verification. */
export interface VerificationReport {
  /** Nothing found, nothing missing. What is doubtful does not count against it. */
  ok: boolean;
  /** Only kinds that were found; FINDINGS explains each. */
  findings: Partial<Record<FindingName, Finding>>;
  missing: Omit<Loss, "passes">;
  doubtful: Omit<Loss, "passes">;
  traces: {
    complete: number;
    roots: number;
    /** Spans whose parent is never sent, by design of the template. */
    neverSentParents: number;
    /** Spans that came for traces which had been given up to save memory. */
    unverifiableSpans: number;
  };
  logs: {
    /** Records with the ids of one of our traces. */
    linked: number;
    unlinked: number;
    /** Linked records of whose trace nothing has come. */
    dangling: number;
  };
  metrics: {
    series: number;
    /** Points of series above the number that is tracked: not compared with their predecessors. */
    untrackedPoints: number;
    /** Points that a later point of their series overtook. */
    latePoints: number;
    /** Series that began again with a later start time. */
    restarts: number;
  };
  agesMs: Record<Signal, AgeRange>;
  /** What to try when nearly everything looks wrong. */
  hint?: string;
  /** Senders of spans, at most 1,000 of them. */
  incarnations: IncarnationReport[];
}
