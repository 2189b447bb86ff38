/**
 * The signals and fates of items as the page names and colours them, the same in charts, flow and tables. Colours are variables of style.css.
 */
import type { Account } from "../../ledger/account-schema.ts";
import type { Signal } from "../../otlp/signal.ts";

export const SIGNALS: readonly Signal[] = ["traces", "metrics", "logs"];

/** Signals that this run sends. */
export function sentSignals(account: Account): Signal[] {
  return SIGNALS.filter((signal) => account.signals[signal]);
}

type Items = NonNullable<Account["signals"][Signal]>;

/** Items of all signals. */
export function total(account: Account, counter: keyof Items): number {
  return SIGNALS.reduce((sum, signal) => sum + (account.signals[signal]?.[counter] ?? 0), 0);
}

/** Accepted, of the items of these signals that were due and are not under way any more: 0 to 1. Undefined: none are. */
export function acceptedShare(account: Account, signals: readonly Signal[]): number | undefined {
  let [accepted, due] = [0, 0];
  for (const signal of signals) {
    const items = account.signals[signal];
    accepted += items?.accepted ?? 0;
    due += items ? items.intended - items.inFlight : 0;
  }
  return due > 0 ? accepted / due : undefined;
}

/** How something stands. idle: nothing to say of it. */
export type Tone = "good" | "warn" | "bad" | "idle";
