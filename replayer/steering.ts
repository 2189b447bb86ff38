/**
 * Steering: what a running replay can be told. Plain data: it crosses process borders, and comes from membership or a ledger.
 */
import type { Replica } from "./settings.ts";

/**
 * A change. Every field is optional; what is absent stays as it is, and the latest word on a field wins. Told what it does already, a
 * replay changes nothing, so the same may be told again and again.
 */
export interface Steering {
  /** This replica's part of the fleet's rate: one of `count`. Its identity (ids, instance blocks) stays what it was. */
  share?: Replica;
  /** Of the whole fleet. */
  rate?: SteeredRate;
  /** Begin nothing new. The schedule stands still meanwhile, so that nothing is caught up with afterwards. */
  isPaused?: boolean;
}

/** A constant rate, 0: as fast as the target takes it; or what the run was configured with. */
export type SteeredRate = { eventsPerSecond: number } | "config";
