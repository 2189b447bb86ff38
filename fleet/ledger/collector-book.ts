/**
 * What collectors counted during the account, over all their lives. Their counters run since each one's start, vanish with it, and begin
 * again at zero: what counts is by how much they grew between readings. A life that ended keeps what was read last.
 */
import { type PerSignal, perSignal, SIGNALS, type Signal } from "../../otlp/signal.ts";
import { beginGrowth, currentOf, type Growth, grow, type Numbers, sumOf } from "./growth.ts";
import type { ItemCounter, SelfMetrics } from "./self-metrics.ts";

/** Addresses that are kept: DNS may give out a new one at each start. */
const MAX_COLLECTORS = 2000;

/** One address at which collectors were read. Plain data. */
export interface CollectorEntry {
  /** host:port of its page. */
  address: string;
  /** Its host, and the name that it was found under. */
  hosts: string[];
  growth: Growth;
  queued: number;
  uptimeSeconds: number | null;
  readAtMs: number;
  /** Whether it answered when it was asked last; why not. */
  isUp: boolean;
  trouble: string;
}

/** What an exporter did with the items of a signal. */
export interface ExporterItems {
  sent: number;
  /** Given up after it was tried. */
  failed: number;
  /** That found no room in the queue: refused to the sender, or lost behind a batch processor. */
  notQueued: number;
}

/** What collectors did with the items of one signal. An exporter without counters (nop) is not in it: not reported is not zero. */
export interface CollectorItems {
  accepted: number;
  /** Refused or failed at a receiver. A refused request is tried again, so these are no losses by themselves. */
  refused: number;
  exporters: Map<string, ExporterItems>;
}

/** The sums of all lives, apart for those that are over. */
export interface CollectorSums {
  /** Addresses, and how many of them answer. */
  count: number;
  up: number;
  /** Lives that ended, or do not answer. */
  gone: number;
  queued: number;
  live: PerSignal<CollectorItems>;
  dead: PerSignal<CollectorItems>;
  all: PerSignal<CollectorItems>;
}

/** What of an item counter matters: one per name and signal, over transports and servers. */
const keyOf = ({ kind, outcome, signal, component }: ItemCounter) =>
  `${kind} ${outcome} ${signal} ${component}`;

export class CollectorBook {
  readonly #entries: Map<string, CollectorEntry>;

  /** entries  of a book that was written down */
  constructor(entries: readonly CollectorEntry[] = []) {
    this.#entries = new Map(entries.map((entry) => [entry.address, entry]));
  }

  /** Live: not to be changed. */
  entries(): CollectorEntry[] {
    return [...this.#entries.values()].sort((a, b) => (a.address < b.address ? -1 : 1));
  }

  /**
   * Take in a reading.
   *
   * name          of the collectors that this is one of
   * isFromZero    whether all that a collector counted which was never read before belongs to the account
   */
  read(url: string, name: string, reading: SelfMetrics, nowMs: number, isFromZero: boolean): void {
    const { host: address, hostname } = new URL(url);
    const numbers: Numbers = {};
    for (const counter of reading.counters) {
      const key = keyOf(counter);
      numbers[key] = (numbers[key] ?? 0) + counter.items;
    }
    const uptimeSeconds = reading.uptimeSeconds ?? null;
    let entry = this.#entries.get(address);
    if (!entry) {
      if (this.#entries.size >= MAX_COLLECTORS) return;
      entry = {
        address,
        hosts: [...new Set([hostname, name])],
        growth: beginGrowth(numbers, isFromZero),
        queued: 0,
        uptimeSeconds,
        readAtMs: nowMs,
        isUp: true,
        trouble: "",
      };
      this.#entries.set(address, entry);
    } else grow(entry.growth, numbers, isYounger(entry, uptimeSeconds, nowMs));
    Object.assign(entry, { queued: reading.queued, uptimeSeconds, readAtMs: nowMs, isUp: true, trouble: "" });
  }

  /** Nobody answered there, or DNS knows it no more. */
  miss(address: string, trouble: string): void {
    const entry = this.#entries.get(address);
    if (entry) Object.assign(entry, { isUp: false, trouble: trouble.slice(0, 200) });
  }

  sums(): CollectorSums {
    const sums: CollectorSums = {
      count: this.#entries.size,
      up: 0,
      gone: 0,
      queued: 0,
      live: newItems(),
      dead: newItems(),
      all: newItems(),
    };
    for (const { growth, isUp, queued } of this.#entries.values()) {
      const current = currentOf(growth);
      sums.gone += growth.earlierLives + (isUp ? 0 : 1);
      addItems(sums.dead, growth.earlier);
      addItems(isUp ? sums.live : sums.dead, current);
      addItems(sums.all, sumOf(growth.earlier, current));
      if (!isUp) continue;
      sums.up++;
      sums.queued += queued;
    }
    return sums;
  }
}

/** What one address counted, over all its lives. */
export function itemsOf({ growth }: CollectorEntry): PerSignal<CollectorItems> {
  const items = newItems();
  addItems(items, sumOf(growth.earlier, currentOf(growth)));
  return items;
}

/** Items of all signals that were accepted at one address, over all its lives. */
export function acceptedAt(entry: CollectorEntry): number {
  const items = itemsOf(entry);
  return SIGNALS.reduce((sum, signal) => sum + items[signal].accepted, 0);
}

/** Clocks and requests take their time. */
const UPTIME_SLACK_SECONDS = 5;

/** Whether another life answers than was read last. By the clock only where some readings are missing: clocks are set, too. */
function isYounger(
  { uptimeSeconds: last, readAtMs, isUp }: CollectorEntry,
  next: number | null,
  nowMs: number,
): boolean {
  if (next === null || last === null) return false;
  if (next < last) return true;
  return !isUp && next < last + (nowMs - readAtMs) / 1000 - UPTIME_SLACK_SECONDS;
}

function newItems(): PerSignal<CollectorItems> {
  return perSignal(() => ({ accepted: 0, refused: 0, exporters: new Map() }));
}

function addItems(into: PerSignal<CollectorItems>, numbers: Numbers): void {
  for (const [key, items] of Object.entries(numbers)) {
    const [kind, outcome, signal, ...component] = key.split(" ");
    const sum = into[signal as Signal];
    if (kind === "receiver") {
      if (outcome === "accepted") sum.accepted += items;
      else sum.refused += items;
      continue;
    }
    const name = component.join(" ");
    const exporter = sum.exporters.get(name) ?? { sent: 0, failed: 0, notQueued: 0 };
    sum.exporters.set(name, exporter);
    if (outcome === "sent") exporter.sent += items;
    else if (outcome === "send_failed") exporter.failed += items;
    else exporter.notQueued += items;
  }
}
