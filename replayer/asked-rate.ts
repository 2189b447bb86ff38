/**
 * The rate that a run was asked for, of the whole fleet and all signals: its law, and the figures that follow from it.
 */

import type { PerSignal } from "../otlp/signal.ts";
import { type LawShape, lawOf } from "./pace/law-settings.ts";
import { constant } from "./pace/laws/constant.ts";
import { meanRate, type RateLaw } from "./pace/rate-law.ts";

/** What decides it. */
export interface RateSettings {
  /** Of the whole fleet, all signals; 0: as fast as the target takes it. Without meaning where there is a shape. */
  eventsPerSecond: number;
  /** How the fleet's rate changes; undefined: it is constant. */
  shape: LawShape | undefined;
  /** Shares or rates per signal; undefined: by items per pass. */
  mix: Partial<PerSignal<number>> | undefined;
  /** Infinity: no limit. Likewise events. */
  durationMs: number;
  totalEvents: number;
}

/** Events per second: `peak` at the most, `mean` over the run, but at most its first hour. Both 0: as many as the target takes. */
export interface AskedRate {
  peak: number;
  mean: number;
}

/** A run may have no end, and what people pay for is said by the hour. */
const HOUR_MS = 3_600_000;

/** The law of the fleet's rate; undefined: as fast as the target takes it. Rates in a mix replace the limit, but not another law. */
export function fleetLaw({ eventsPerSecond, shape, mix }: RateSettings): RateLaw | undefined {
  if (shape) return lawOf(shape);
  if (eventsPerSecond === 0) return undefined;
  const parts = Object.values(mix ?? {});
  return constant(hasRates(mix) ? parts.reduce((sum, part) => sum + part, 0) : eventsPerSecond);
}

/** Whether a mix gives rates: any part is above 1. */
export function hasRates(mix: RateSettings["mix"]): boolean {
  return Object.values(mix ?? {}).some((part) => part > 1);
}

/** The figures. */
export function askedRate(settings: RateSettings): AskedRate {
  const law = fleetLaw(settings);
  if (!law) return { peak: 0, mean: 0 };
  const { durationMs, totalEvents } = settings;
  const endMs = Math.min(durationMs, law.momentMs(totalEvents), HOUR_MS);
  const mean = meanRate(law, 0, endMs);
  // A run so short, or so slow, that nothing happens in it: as if it were at its peak.
  return { peak: law.peak, mean: mean > 0 ? mean : law.peak };
}
