/**
 * What collectors counted during the account, over all their lives. Their counters run since each one's start, vanish with it, and begin
 * again at zero: what counts is by how much they grew between readings. A life that ended keeps what was read last.
 */
import { type PerSignal, perSignal, SIGNALS, type Signal } from "../../../otlp/signal.ts";
import type { ItemCounter, SelfMetrics } from "../watch/self-metrics.ts";
import { beginGrowth, currentOf, type Growth, grow, type Numbers, sumOf } from "./growth.ts";

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
  process: CollectorProcess;
  /** Its counters one reading before, and when that was; absent after a restart of the service. */
  before?: { numbers: Numbers; atMs: number };
  readAtMs: number;
  /** Whether it answered when it was asked last; why not. */
  isUp: boolean;
  trouble: string;
}

/** What its process and its queues say at the last reading; null: not told. */
export interface CollectorProcess {
  queueCapacity: number | null;
  cpuSeconds: number | null;
  /** Between the last two readings. */
  cores: number | null;
  rssBytes: number | null;
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
  /** Where they were. */
  goneAt: string[];
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
    const queueCapacity = reading.queueCapacity ?? null;
    const cpuSeconds = reading.cpuSeconds ?? null;
    const process: CollectorProcess = {
      queueCapacity,
      cpuSeconds,
      cores: null,
      rssBytes: reading.rssBytes ?? null,
    };
    let entry = this.#entries.get(address);
    if (!entry) {
      if (this.#entries.size >= MAX_COLLECTORS) return;
      entry = {
        address,
        hosts: [...new Set([hostname, name])],
        growth: beginGrowth(numbers, isFromZero),
        queued: 0,
        uptimeSeconds,
        process,
        readAtMs: nowMs,
        isUp: true,
        trouble: "",
      };
      this.#entries.set(address, entry);
    } else {
      const seconds = (nowMs - entry.readAtMs) / 1000;
      const used = (cpuSeconds ?? Number.NaN) - (entry.process.cpuSeconds ?? Number.NaN);
      if (seconds > 0 && used >= 0) process.cores = used / seconds;
      entry.before = { numbers: grownOf(entry), atMs: entry.readAtMs };
      grow(entry.growth, numbers, isYounger(entry, uptimeSeconds, nowMs));
    }
    const { queued } = reading;
    Object.assign(entry, { queued, uptimeSeconds, process, readAtMs: nowMs, isUp: true, trouble: "" });
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
      goneAt: [],
      queued: 0,
      live: newItems(),
      dead: newItems(),
      all: newItems(),
    };
    for (const { address, growth, isUp, queued } of this.entries()) {
      const current = currentOf(growth);
      const gone = growth.earlierLives + (isUp ? 0 : 1);
      sums.gone += gone;
      if (gone > 0) sums.goneAt.push(address);
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
export function itemsOf(entry: CollectorEntry): PerSignal<CollectorItems> {
  const items = newItems();
  addItems(items, grownOf(entry));
  return items;
}

const grownOf = ({ growth }: CollectorEntry): Numbers => sumOf(growth.earlier, currentOf(growth));

/** Items of all signals. */
interface CollectorTotals {
  accepted: number;
  refused: number;
  /** Of all exporters. */
  exported: number;
  failed: number;
  notQueued: number;
}

/** Sums over signals and exporters. */
export function totalsOf(items: PerSignal<CollectorItems>): CollectorTotals {
  const totals = { accepted: 0, refused: 0, exported: 0, failed: 0, notQueued: 0 };
  for (const signal of SIGNALS) {
    const { accepted, refused, exporters } = items[signal];
    totals.accepted += accepted;
    totals.refused += refused;
    for (const { sent, failed, notQueued } of exporters.values()) {
      totals.exported += sent;
      totals.failed += failed;
      totals.notQueued += notQueued;
    }
  }
  return totals;
}

/** What goes through it between its last two readings; 0 for one that is gone. */
export function flowOf(
  entry: CollectorEntry,
): Record<"acceptedPerSecond" | "refusedPerSecond" | "exportedPerSecond", number> {
  const { before, readAtMs, isUp } = entry;
  if (!before || !isUp) return { acceptedPerSecond: 0, refusedPerSecond: 0, exportedPerSecond: 0 };
  const seconds = Math.max(1, readAtMs - before.atMs) / 1000;
  const earlier = newItems();
  addItems(earlier, before.numbers);
  const [then, now] = [totalsOf(earlier), totalsOf(itemsOf(entry))];
  const rate = (name: keyof CollectorTotals) => Math.max(0, now[name] - then[name]) / seconds;
  return {
    acceptedPerSecond: rate("accepted"),
    refusedPerSecond: rate("refused"),
    exportedPerSecond: rate("exported"),
  };
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
