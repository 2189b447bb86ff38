/**
 * Where items stop on their way in the flow picture: replicas, each Collector, and what is behind them, with what each of them took and sent
 * on. Pure.
 */
import type { Account } from "../../ledger/account-schema.ts";
import type { Signal } from "../../otlp/signal.ts";

/** Items by signal. */
export type Items = Partial<Record<Signal, number>>;

export interface Stop {
  key: string;
  /** Empty: not labelled. */
  label: string;
  /** What belongs to the label. */
  detail: string;
  isGone: boolean;
  items: Items;
}

export interface CollectorStop extends Stop {
  /** What it sent on, by the key of the stop behind it. */
  sent: Record<string, Items>;
}

/** Collectors beyond these are drawn as one. */
const MAX_COLLECTORS = 8;

/** The Collectors, in the order of their rows; the last one may stand for several. */
export function collectorStops(account: Account, signals: readonly Signal[]): CollectorStop[] {
  const stops = account.collectorRows.map((row): CollectorStop => {
    const stop: CollectorStop = {
      key: `collector ${row.address}`,
      label: row.address,
      detail: row.state === "gone" ? "gone" : "",
      isGone: row.state === "gone",
      items: {},
      sent: {},
    };
    for (const signal of signals) add(stop, signal, row.signals[signal]);
    return stop;
  });
  if (stops.length <= MAX_COLLECTORS) return stops;
  const others = stops.slice(MAX_COLLECTORS - 1);
  const gone = others.filter(({ isGone }) => isGone).length;
  const merged: CollectorStop = {
    key: "collector others",
    label: `${others.length} more`,
    detail: gone > 0 ? `${gone} gone` : "",
    isGone: false,
    items: {},
    sent: {},
  };
  for (const { items, sent } of others) {
    for (const signal of signals) {
      merged.items[signal] = (merged.items[signal] ?? 0) + (items[signal] ?? 0);
      for (const [exporter, one] of Object.entries(sent)) {
        const all = merged.sent[exporter] ?? {};
        all[signal] = (all[signal] ?? 0) + (one[signal] ?? 0);
        merged.sent[exporter] = all;
      }
    }
  }
  return [...stops.slice(0, MAX_COLLECTORS - 1), merged];
}

function add(
  stop: CollectorStop,
  signal: Signal,
  items: Account["collectorRows"][number]["signals"][Signal],
): void {
  stop.items[signal] = items?.accepted ?? 0;
  for (const [exporter, { sent }] of Object.entries(items?.exporters ?? {})) {
    const key = `behind ${exporter}`;
    stop.sent[key] = { ...stop.sent[key], [signal]: sent };
  }
}

/** What is behind: exporters of Collectors; without these what replicas send to. */
export function lastStops(account: Account, signals: readonly Signal[], accepted: Items): Stop[] {
  if (!account.collectors) {
    const label = account.sink ? "sink" : "target";
    return [{ key: "behind target", label, detail: "", isGone: false, items: accepted }];
  }
  const stops = new Map<string, Stop>();
  for (const signal of signals) {
    for (const [exporter, { sent }] of Object.entries(account.collectors.signals[signal]?.exporters ?? {})) {
      const key = `behind ${exporter}`;
      const stop = stops.get(key) ?? { key, label: exporter, detail: "", isGone: false, items: {} };
      stop.items[signal] = sent;
      stops.set(key, stop);
    }
  }
  return [...stops.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}
