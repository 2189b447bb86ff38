/**
 * The plan: how the fleet's rate and limits become the work of one replica, signal by signal.
 *
 * The rate is split by items per pass, so that the signals finish a pass together; a mix overrides that. Metrics reach their
 * share by adding instances of their series, so that no series is sent more often than the interval asks.
 */
import { type PerSignal, SIGNALS, type Signal } from "../otlp/signal.ts";
import type { FrozenSummary } from "./freeze/frozen-file.ts";
import type { ReplayerSettings, Replica } from "./settings.ts";

/** What one lane of this replica does. */
export interface LanePlan {
  /** Items per second; undefined: as fast as the target takes it. */
  itemsPerSecond: number | undefined;
  /** Infinity: no limit. */
  passes: number;
  items: number;
  /** Whether the lane ends with the last of its items; else it has no more of them than its duration asks for. */
  endsWithItems: boolean;
  /** Metrics: instances; undefined: added as the interval asks for them. 1 for other signals. */
  instances: number | undefined;
}

export interface Plan {
  lanes: Partial<PerSignal<LanePlan>>;
  /** Events per second of this replica; 0: as fast as the target takes it. */
  eventsPerSecond: number;
  /** When the first limit will be reached if the target keeps up; Infinity: never, or not known ahead. */
  endMs: number;
  /** Which limit that is, in words. */
  endsBy: string;
  notes: string[];
}

/** A mix whose rates or shares cannot be met. */
export class PlanError extends Error {
  override readonly name = "PlanError";
  readonly code = "bad_plan";
}

/** The plan of one replica. `summaries` has the signals that there are templates of. */
export function makePlan(
  settings: ReplayerSettings,
  summaries: Partial<PerSignal<FrozenSummary>>,
  replica: Replica,
): Plan {
  const notes: string[] = [];
  const shares = shareRate(settings, summaries);
  const lanes: Plan["lanes"] = {};
  // What the rate asks for within the duration, to the item, is dealt out like a total: the last requests are cut to it.
  const dueEvents =
    shares.eventsPerSecond > 0 && Number.isFinite(settings.durationMs)
      ? Math.round((shares.eventsPerSecond * settings.durationMs) / 1000)
      : Number.POSITIVE_INFINITY;
  const items = dealOut(Math.min(settings.totalEvents, dueEvents), shares, replica);
  const endsWithItems = settings.totalEvents <= dueEvents && Number.isFinite(settings.totalEvents);
  let endMs = settings.durationMs;
  let endsBy = Number.isFinite(settings.durationMs) ? "duration" : "nothing: stop it with Ctrl-C";
  let longestLaneMs = 0;
  for (const signal of SIGNALS) {
    const summary = summaries[signal];
    const share = shares.of[signal];
    if (!summary || !share) continue;
    for (const dropped of summary.dropped) notes.push(`${signal}: dropped ${dropped}`);
    const itemsPerSecond =
      shares.eventsPerSecond === 0 ? undefined : (shares.eventsPerSecond * share) / replica.count;
    const lane: LanePlan = {
      itemsPerSecond,
      passes: dealPasses(settings.passes, replica),
      items: items[signal]!,
      endsWithItems,
      instances: 1,
    };
    if (signal === "metrics") lane.instances = planInstances(settings, summary, itemsPerSecond, notes);
    lanes[signal] = lane;
    const laneItems = Math.min(
      endsWithItems ? lane.items : Number.POSITIVE_INFINITY,
      lane.passes * summary.items,
    );
    longestLaneMs = Math.max(
      longestLaneMs,
      itemsPerSecond === undefined ? Number.POSITIVE_INFINITY : (laneItems / itemsPerSecond) * 1000,
    );
  }
  if (shares.eventsPerSecond === 0) {
    // Nobody knows how fast the target is, so only the duration has a moment.
    const others = [
      ...(Number.isFinite(settings.totalEvents) ? ["total"] : []),
      ...(Number.isFinite(settings.passes) ? ["multiplier"] : []),
    ].join(" or ");
    if (others !== "") endsBy = Number.isFinite(endMs) ? `${others}, at the latest by duration` : others;
  } else if (longestLaneMs < endMs) {
    endMs = longestLaneMs;
    endsBy = endsWithItems ? "total" : "multiplier";
  }
  return { lanes, eventsPerSecond: shares.eventsPerSecond / replica.count, endMs, endsBy, notes };
}

/** Why log records cannot carry the ids of the spans they belong to, or undefined when they can. */
export function whyUnlinked(mix: ReplayerSettings["mix"], hasTraces: boolean): string | undefined {
  if (!hasTraces) return "no traces are sent with them";
  if (mix) return "the mix lets traces and logs finish their passes at different times";
  return undefined;
}

interface Shares {
  /** Of the fleet; 0: as fast as the target takes it. */
  eventsPerSecond: number;
  /** Parts of it, summing to 1. */
  of: Partial<PerSignal<number>>;
}

function shareRate(settings: ReplayerSettings, summaries: Partial<PerSignal<FrozenSummary>>): Shares {
  const signals = SIGNALS.filter((signal) => summaries[signal]);
  const { mix, eventsPerSecond } = settings;
  if (!mix) {
    const fixed = metricsRate(settings, summaries);
    const rest = signals.filter((signal) => fixed === undefined || signal !== "metrics");
    const total = sum(rest.map((signal) => summaries[signal]!.items));
    const of: Partial<PerSignal<number>> = {};
    const free = fixed === undefined ? 1 : 1 - fixed / eventsPerSecond;
    if (fixed !== undefined) of.metrics = fixed / eventsPerSecond;
    for (const signal of rest) of[signal] = (free * summaries[signal]!.items) / total;
    return { eventsPerSecond, of };
  }
  const parts = signals.map((signal) => mix[signal] ?? 0);
  const total = sum(parts);
  if (total === 0) {
    throw new PlanError(
      `sending.mix: names no signal that there are templates of (${signals.join(", ")}); add one of them`,
    );
  }
  // Parts above 1 are rates: the mix then says what the fleet's rate is.
  const areRates = parts.some((part) => part > 1);
  const of = Object.fromEntries(signals.map((signal, i) => [signal, parts[i]! / total]));
  return { eventsPerSecond: areRates && eventsPerSecond > 0 ? total : eventsPerSecond, of };
}

/** The fleet's rate of data points when it is given per metric; undefined when it follows from the rate of events. */
function metricsRate(
  settings: ReplayerSettings,
  { metrics }: Partial<PerSignal<FrozenSummary>>,
): number | undefined {
  const perMinute = settings.dataPointsPerMetricPerMinute;
  if (perMinute === 0 || !metrics || settings.eventsPerSecond === 0) return undefined;
  const rate = (perMinute * Math.max(1, metrics.metricNames)) / 60;
  if (rate > settings.eventsPerSecond) {
    throw new PlanError(
      `metrics.datapoints_per_metric_per_minute: ${perMinute} for ${metrics.metricNames} metrics are ${Math.ceil(rate)} events a second, more than sending.rate_limit (${settings.eventsPerSecond}); raise the limit or lower the points`,
    );
  }
  return rate;
}

/**
 * Instances of this replica. With R points a second and S series in the template, each series comes around every
 * instances * S / R seconds, which is not to be less than the interval.
 */
function planInstances(
  settings: ReplayerSettings,
  summary: FrozenSummary,
  pointsPerSecond: number | undefined,
  notes: string[],
): number | undefined {
  if (pointsPerSecond === undefined) return undefined;
  const intervalSeconds = settings.metricsIntervalMs / 1000;
  const instances = Math.max(1, Math.ceil((pointsPerSecond * intervalSeconds) / summary.items));
  const periodSeconds = (instances * summary.items) / pointsPerSecond;
  if (instances === 1 && periodSeconds > intervalSeconds * 1.01) {
    notes.push(
      `metrics: ${summary.items} series at ${Math.round(pointsPerSecond)} points a second come around every ${periodSeconds.toFixed(0)} s, not every ${intervalSeconds} s`,
    );
  }
  return instances;
}

/** Passes of a replica when they are dealt out one by one. */
function dealPasses(passes: number, { index, count }: Replica): number {
  if (!Number.isFinite(passes)) return passes;
  return Math.floor(passes / count) + (index < passes % count ? 1 : 0);
}

/** Events of this replica per signal, so that all of them over all replicas are exactly the total. */
function dealOut(total: number, { of }: Shares, { index, count }: Replica): Partial<PerSignal<number>> {
  const signals = SIGNALS.filter((signal) => of[signal]);
  if (!Number.isFinite(total)) return Object.fromEntries(signals.map((signal) => [signal, total]));
  const items: Partial<Record<Signal, number>> = {};
  let before = 0;
  let share = 0;
  for (const signal of signals) {
    share += of[signal]!;
    const upTo = signal === signals.at(-1) ? total : Math.round(total * share);
    const ofSignal = upTo - before;
    before = upTo;
    items[signal] = Math.floor(ofSignal / count) + (index < ofSignal % count ? 1 : 0);
  }
  return items;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}
