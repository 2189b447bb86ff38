/**
 * How the run goes at this moment: the last seconds of its history as rates. Pure.
 */
import type { HistoryPoint, StepLatency } from "../../ledger/history.ts";
import { pointsSince } from "./series.ts";
import { SIGNALS } from "./signals.ts";

/** Long enough that a figure can be read, short enough that it follows. */
const RECENT_MS = 3000;

export interface Recent {
  /** Events a second. */
  sent: number;
  planned: number | null;
  accepted: number;
  /** Of the requests that ended, the part that was answered with something else than plain acceptance first. */
  retriedShare: number;
  wireBytesPerSecond: number;
  bodyBytesPerSecond: number;
  refusedPerSecond: number;
  latencyMs: StepLatency | null;
  lagMs: number;
  cores: number;
  rssBytes: number;
}

/** Undefined: there is no history yet. */
export function recentOf(points: readonly HistoryPoint[]): Recent | undefined {
  const last = points.at(-1);
  if (!last) return undefined;
  const latest = pointsSince(points, last.atMs - RECENT_MS);
  const seconds = latest.reduce((sum, { stepMs }) => sum + stepMs, 0) / 1000 || 1;
  const rate = (of: (point: HistoryPoint) => number) =>
    latest.reduce((sum, point) => sum + of(point), 0) / seconds;
  const steps = (counter: "sent" | "accepted" | "wireBytes" | "bodyBytes" | "requests" | "retriedRequests") =>
    rate(({ signals }) => SIGNALS.reduce((sum, signal) => sum + (signals[signal]?.[counter] ?? 0), 0));
  const requests = steps("requests");
  return {
    sent: steps("sent"),
    planned: last.plannedPerSecond,
    accepted: steps("accepted"),
    retriedShare: requests > 0 ? Math.min(1, steps("retriedRequests") / requests) : 0,
    wireBytesPerSecond: steps("wireBytes"),
    bodyBytesPerSecond: steps("bodyBytes"),
    refusedPerSecond: rate(({ collectors }) => collectors?.refused ?? 0),
    latencyMs: latest.findLast(({ latencyMs }) => latencyMs)?.latencyMs ?? null,
    lagMs: last.lagMs,
    cores: last.cores,
    rssBytes: last.rssBytes,
  };
}
