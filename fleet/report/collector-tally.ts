/**
 * Items counted by collectors during one run, although their counters run since each one's start, vanish with a collector,
 * and begin again at zero after a restart: what counts is by how much they grew between readings.
 */
import { type PerSignal, perSignal } from "../../otlp/signal.ts";
import type { ItemCounter, SelfMetrics } from "../ledger/self-metrics.ts";

/** What all collectors together did with the items of one signal. */
export interface CollectorItems {
  accepted: number;
  /** Refused or failed at a receiver. A refused request is tried again, so these are no losses by themselves. */
  refused: number;
  /** Per exporter; an exporter without counters (nop) is not in it. */
  exporters: Map<string, { sent: number; lost: number }>;
}

export class CollectorTally {
  readonly #last = new Map<string, number>();
  readonly #grown = new Map<string, ItemCounter>();
  readonly #seen = new Set<string>();
  readonly #baselineTaken: () => boolean;

  /** baselineTaken  from when on a collector that was never read before counts from zero, not from its first reading */
  constructor(baselineTaken: () => boolean) {
    this.#baselineTaken = baselineTaken;
  }

  /** How many collectors were read at least once. */
  get collectors(): number {
    return this.#seen.size;
  }

  /** Take in one reading of the collector at `address`. */
  add(address: string, reading: SelfMetrics): void {
    const isBaseline = !this.#seen.has(address) && !this.#baselineTaken();
    this.#seen.add(address);
    for (const counter of merged(reading.counters)) {
      const name = nameOf(counter);
      const key = `${address} ${name}`;
      const last = this.#last.get(key) ?? 0;
      this.#last.set(key, counter.items);
      const grown = this.#grown.get(name) ?? { ...counter, items: 0 };
      this.#grown.set(name, grown);
      // A counter that shrank belongs to a collector that began again.
      if (!isBaseline) grown.items += counter.items < last ? counter.items : counter.items - last;
    }
  }

  /** The sums so far. */
  items(): PerSignal<CollectorItems> {
    const sums = perSignal((): CollectorItems => ({ accepted: 0, refused: 0, exporters: new Map() }));
    for (const { kind, outcome, signal, component, items } of this.#grown.values()) {
      const sum = sums[signal];
      if (kind === "receiver") {
        if (outcome === "accepted") sum.accepted += items;
        else sum.refused += items;
        continue;
      }
      const exporter = sum.exporters.get(component) ?? { sent: 0, lost: 0 };
      sum.exporters.set(component, exporter);
      if (outcome === "sent") exporter.sent += items;
      else exporter.lost += items;
    }
    return sums;
  }
}

const nameOf = ({ kind, outcome, signal, component }: ItemCounter) =>
  `${kind} ${outcome} ${signal} ${component}`;

/** One counter per name: a receiver has one per transport, an exporter one per server. */
function merged(counters: readonly ItemCounter[]): Iterable<ItemCounter> {
  const byName = new Map<string, ItemCounter>();
  for (const counter of counters) {
    const known = byName.get(nameOf(counter));
    if (known) known.items += counter.items;
    else byName.set(nameOf(counter), { ...counter });
  }
  return byName.values();
}
