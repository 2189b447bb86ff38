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

/** How something stands. idle: nothing to say of it. */
export type Tone = "good" | "warn" | "bad" | "idle";
