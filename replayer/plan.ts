/**
 * The plan: how the fleet's rate and limits become the work of one replica, signal by signal.
 *
 * The rate is split by items per pass, so that the signals finish a pass together; a mix overrides that. Metrics reach their
 * share by adding instances of their series, so that no series is sent more often than the interval asks. Whatever the rate's law is,
 * it holds for the fleet: a lane has a constant share of it.
 */
import { type PerSignal, SIGNALS, type Signal } from "../otlp/signal.ts";
import { mix } from "../template/mix.ts";
import { askedRate, fleetLaw, hasRates } from "./asked-rate.ts";
import type { FrozenSummary } from "./freeze/frozen-file.ts";
import { constant } from "./pace/laws/constant.ts";
import { poisson } from "./pace/laws/poisson.ts";
import { shareOf } from "./pace/laws/share-of.ts";
import { since } from "./pace/laws/since.ts";
import type { RateLaw } from "./pace/rate-law.ts";
import { momentItems } from "./request-size.ts";
import type { ReplayerSettings, Replica } from "./settings.ts";
import type { SteeredRate } from "./steering.ts";

/** What one lane of this replica does. */
export interface LanePlan {
  /** When its items are due; undefined: as fast as the target takes them. */
  law: RateLaw | undefined;
  /** The same from a moment on, counting from 0 there. */
  lawFrom: (elapsedMs: number) => RateLaw | undefined;
  /** Items by which its turn comes later. */
  laterByItems: number;
  /** Infinity: no limit. */
  passes: number;
  items: number;
  /** Whether the lane ends with the last of its items; else it has no more of them than its duration asks for. */
  endsWithItems: boolean;
  /** Its part of the total, which the duration may come before; Infinity: no limit. */
  totalItems: number;
  /** Metrics: instances; undefined: added as the interval asks for them. 1 for other signals. */
  instances: number | undefined;
}

export interface Plan {
  lanes: Partial<PerSignal<LanePlan>>;
  /** Of this replica, all signals; undefined: as fast as the target takes it. */
  law: RateLaw | undefined;
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

/**
 * The plan of one replica.
 *
 * summaries  has the signals that there are templates of
 * rate       what the fleet is to go by; the signals have their parts of it whatever it is
 */
export function makePlan(
  settings: ReplayerSettings,
  summaries: Partial<PerSignal<FrozenSummary>>,
  replica: Replica,
  rate: SteeredRate = "config",
): Plan {
  const notes: string[] = [];
  const shares = shareRate(settings, summaries, notes);
  if (rate !== "config") shares.law = lawOfRate(rate.eventsPerSecond);
  const { law } = shares;
  const lanes: Plan["lanes"] = {};
  const { durationMs, totalEvents } = settings;
  // What the rate asks for within the duration, to the item, is dealt out like a total: the last requests are cut to it. Of random
  // arrivals nobody knows how many there will be.
  const dueEvents =
    law && Number.isFinite(durationMs) ? Math.round(law.dueItems(durationMs)) : Number.POSITIVE_INFINITY;
  const endsWithItems = totalEvents <= dueEvents && Number.isFinite(totalEvents);
  const limit = endsWithItems ? totalEvents : settings.poisson ? Number.POSITIVE_INFINITY : dueEvents;
  const items = dealOut(limit, shares, replica);
  const total = endsWithItems ? items : dealOut(totalEvents, shares, replica);
  let endMs = durationMs;
  let endsBy = Number.isFinite(durationMs) ? "duration" : "nothing: stop it with Ctrl-C";
  let longestLaneMs = 0;
  let shareBefore = 0;
  for (const signal of SIGNALS) {
    const summary = summaries[signal];
    const share = shares.of[signal];
    if (!summary || !share) continue;
    for (const dropped of summary.dropped) notes.push(`${signal}: dropped ${dropped}`);
    const part = share / replica.count;
    const turn = ((replica.index + shareBefore) / replica.count) * turnItems(settings, summary);
    const laterByItems = settings.poisson ? 0 : turn;
    const lawFrom = (elapsedMs: number) => {
      const rest = law && shareOf(since(law, elapsedMs), part);
      return rest && settings.poisson
        ? poisson(rest, arrivalSeed(settings, replica, signal, elapsedMs))
        : rest;
    };
    const lane: LanePlan = {
      law: law && (settings.poisson ? lawFrom(0) : shareOf(law, part, laterByItems)),
      lawFrom,
      laterByItems,
      passes: dealPasses(settings.passes, replica),
      items: items[signal]!,
      endsWithItems,
      totalItems: total[signal]!,
      instances: 1,
    };
    shareBefore += share;
    if (signal === "metrics") lane.instances = planInstances(settings, summary, lane.law?.peak, notes);
    lanes[signal] = lane;
    const laneItems = Math.min(
      endsWithItems ? lane.items : Number.POSITIVE_INFINITY,
      lane.passes * summary.items,
    );
    longestLaneMs = Math.max(longestLaneMs, law?.momentMs(laneItems / part) ?? Number.POSITIVE_INFINITY);
  }
  if (!law) {
    // Nobody knows how fast the target is, so only the duration has a moment.
    const others = [
      ...(Number.isFinite(totalEvents) ? ["total"] : []),
      ...(Number.isFinite(settings.passes) ? ["multiplier"] : []),
    ].join(" or ");
    if (others !== "") endsBy = Number.isFinite(endMs) ? `${others}, at the latest by duration` : others;
  } else if (longestLaneMs < endMs) {
    endMs = longestLaneMs;
    endsBy = endsWithItems ? "total" : "multiplier";
  } else if (endsWithItems && endMs === Number.POSITIVE_INFINITY) {
    endsBy = "nothing: the rate comes to 0 before the total is reached; stop it with Ctrl-C";
  }
  return { lanes, law: law && shareOf(law, 1 / replica.count), endMs, endsBy, notes };
}

/**
 * Items of a lane between two of its requests, as far as they are small ones. The fleet's lanes and replicas take turns within that:
 * what begins at one moment would otherwise send at the same moments for ever. Where requests are large on purpose, nobody waits for
 * the first of them.
 */
function turnItems(settings: ReplayerSettings, { signal, items, traces }: FrozenSummary): number {
  // Traces stay whole, as long as they are not large.
  const least = signal === "traces" ? items / Math.max(1, traces) : 1;
  return Math.min(settings.batchSize[signal] * least, Math.max(least, momentItems(askedRate(settings))));
}

/** Lanes with one seed would send at the same moments; no two of a fleet have this one. Who takes over goes on with the same arrivals. */
function arrivalSeed(
  { seed }: ReplayerSettings,
  { index }: Replica,
  signal: Signal,
  sinceMs: number,
): number {
  return (mix(mix(seed | 0) ^ index) + SIGNALS.indexOf(signal)) ^ Math.floor(sinceMs);
}

/** The law of a rate that somebody asks for on the way. */
function lawOfRate(eventsPerSecond: number): RateLaw | undefined {
  return eventsPerSecond > 0 ? constant(eventsPerSecond) : undefined;
}

/** Why log records cannot carry the ids of the spans they belong to, or undefined when they can. */
export function whyUnlinked(mix: ReplayerSettings["mix"], hasTraces: boolean): string | undefined {
  if (!hasTraces) return "no traces are sent with them";
  if (mix) return "the mix lets traces and logs finish their passes at different times";
  return undefined;
}

interface Shares {
  /** Of the fleet; undefined: as fast as the target takes it. */
  law: RateLaw | undefined;
  /** Parts of it, summing to 1. */
  of: Partial<PerSignal<number>>;
}

function shareRate(
  settings: ReplayerSettings,
  summaries: Partial<PerSignal<FrozenSummary>>,
  notes: string[],
): Shares {
  const signals = SIGNALS.filter((signal) => summaries[signal]);
  const { mix } = settings;
  if (!mix) {
    const fixed = metricsShare(settings, summaries);
    const rest = signals.filter((signal) => fixed === undefined || signal !== "metrics");
    const total = sum(rest.map((signal) => summaries[signal]!.items));
    const of: Partial<PerSignal<number>> = {};
    if (fixed !== undefined) of.metrics = fixed;
    for (const signal of rest) of[signal] = ((1 - (fixed ?? 0)) * summaries[signal]!.items) / total;
    return { law: fleetLaw(settings), of };
  }
  const parts = signals.map((signal) => mix[signal] ?? 0);
  const total = sum(parts);
  if (total === 0) {
    throw new PlanError(
      `sending.mix: names no signal that there are templates of (${signals.join(", ")}); add one of them`,
    );
  }
  const sent = Object.fromEntries(signals.map((signal, i) => [signal, parts[i]!]));
  const of = Object.fromEntries(signals.map((signal, i) => [signal, parts[i]! / total]));
  if (settings.shape && hasRates(mix)) {
    notes.push("sending.mix: its rates count as shares, for sending.rate_limit.law says how fast it goes");
  }
  // Rates of signals that there are no templates of are nobody's.
  return { law: fleetLaw({ ...settings, mix: hasRates(sent) ? sent : undefined }), of };
}

/** The share of data points when their rate is given per metric, of the mean rate; undefined when it follows from the templates. */
function metricsShare(
  settings: ReplayerSettings,
  { metrics }: Partial<PerSignal<FrozenSummary>>,
): number | undefined {
  const perMinute = settings.dataPointsPerMetricPerMinute;
  const { mean } = askedRate(settings);
  if (perMinute === 0 || !metrics || mean === 0) return undefined;
  const rate = (perMinute * Math.max(1, metrics.metricNames)) / 60;
  if (rate > mean) {
    throw new PlanError(
      `metrics.datapoints_per_metric_per_minute: ${perMinute} for ${metrics.metricNames} metrics are ${Math.ceil(rate)} events a second, more than sending.rate_limit (${Math.round(mean)}); raise the limit or lower the points`,
    );
  }
  return rate / mean;
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
      `metrics: ${summary.items} series at ${settings.shape ? "no more than " : ""}${readable(pointsPerSecond)} points a second come around every ${readable(periodSeconds)} s, not every ${intervalSeconds} s`,
    );
  }
  return instances;
}

/** Passes of a replica when they are dealt out one by one. */
function dealPasses(passes: number, { index, count }: Replica): number {
  if (!Number.isFinite(passes)) return passes;
  return Math.floor(passes / count) + (index < passes % count ? 1 : 0);
}

/**
 * Events of this replica per signal, so that all of them over all replicas are exactly the total: the first so many of all signals'
 * items, in the order of their turns. Item n of a signal with the share s comes at (n + before) / s, counted in events of the whole, where
 * `before` is the share of the signals before it.
 */
function dealOut(total: number, { of }: Shares, { index, count }: Replica): Partial<PerSignal<number>> {
  const signals = SIGNALS.filter((signal) => of[signal]);
  if (!Number.isFinite(total)) return Object.fromEntries(signals.map((signal) => [signal, total]));
  let before = 0;
  const lanes = signals.map((signal) => {
    const share = of[signal]!;
    const lane = { signal, share, before, items: Math.max(0, Math.ceil(total * share - before)) };
    before += share;
    return lane;
  });
  const placeOf = ({ share, before }: (typeof lanes)[number], n: number) => (n + before) / share;
  const byPlace = (plus: number) =>
    lanes.toSorted((a, b) => placeOf(a, a.items + plus) - placeOf(b, b.items + plus));
  // Each signal rounds on its own: one more or less of the signals whose items lie next to the end.
  let missing = total - sum(lanes.map(({ items }) => items));
  for (; missing > 0; missing--) byPlace(0)[0]!.items++;
  for (; missing < 0; missing++) byPlace(-1).findLast(({ items }) => items > 0)!.items--;
  return Object.fromEntries(
    lanes.map(({ signal, items }) => [signal, Math.floor(items / count) + (index < items % count ? 1 : 0)]),
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}

/** Three digits of what is small, all of what is not. */
function readable(value: number): number {
  return value < 100 ? Number(value.toPrecision(3)) : Math.round(value);
}
