/**
 * The account, made of the books: one document that says what became of everything, and a verdict. A pure function of what was read.
 */
import type { Account } from "../../../ledger/account-schema.ts";
import { COUNTER_INDEX, type Counter, namedCounts } from "../../../ledger/counts.ts";
import type { PerSignal, Signal } from "../../../otlp/signal.ts";
import { burstAt, type ControlState } from "../control.ts";
import {
  acceptedAt,
  type CollectorBook,
  type CollectorEntry,
  type CollectorItems,
  flowOf,
  itemsOf,
} from "./collector-book.ts";
import { judge, namesOf } from "./identities.ts";
import {
  type FleetSums,
  paceOf,
  type ReplicaBook,
  type ReplicaEntry,
  type ReplicaSums,
  standingOf,
} from "./replica-book.ts";
import type { SinkBook } from "./sink-book.ts";

/** All that an account is made of. */
export interface AccountSources {
  release: string;
  startedAtMs: number;
  /** Replicas that are to come; undefined: as many as do. */
  expected: number | undefined;
  replicas: ReplicaBook;
  /** Names that collectors are looked for under; none: no collectors. */
  collectorNames: readonly string[];
  collectors: CollectorBook;
  hasSink: boolean;
  sinks: SinkBook;
  control: ControlState;
  /** Settings of the first replica that told them; null: none has. */
  config: unknown;
  notes: readonly string[];
  /** Nothing is waited for any more. */
  isFinal: boolean;
}

/** What a row shows of a signal. */
const ROW_COUNTERS = [
  "intended",
  "unsent",
  "dropped",
  "sent",
  "accepted",
  "rejected",
  "failed",
  "inDoubt",
  "retriedRequests",
] as const satisfies readonly Counter[];

/** The account at `nowMs`, by the service's clock. */
export function makeAccount(sources: AccountSources, nowMs: number): Account {
  const { replicas, collectors, sinks, isFinal } = sources;
  const fleet = replicas.sums(nowMs);
  const hasCollectors = sources.collectorNames.length > 0;
  const collected = collectors.sums();
  const received = sources.hasSink ? sinks.sums() : undefined;
  const { identities, losses } = judge({
    fleet,
    ...(hasCollectors ? { collectors: collected } : {}),
    shortAtLive: shortAtLive(collectors.entries(), fleet.targets),
    ...(received ? { sink: received } : {}),
    isSinkGone: sinks.entries().some(({ isUp, growth }) => !isUp || growth.earlierLives > 0),
    isFinal,
  });
  const verdict = sinks.entries().find((entry) => entry.verdict !== undefined)?.verdict;
  const problems = isFinal ? problemsOf(sources, fleet, nowMs) : [];
  if (isFinal) {
    problems.push(...identities.filter(({ state }) => state === "broken").map(({ text }) => text));
    problems.push(...losses.map(({ text }) => text));
    if (verdict && !verdict.ok) {
      const found = [
        verdict.missingTraces > 0 ? `${verdict.missingTraces} traces missing` : "",
        ...verdict.findings,
      ];
      problems.push(
        `the sink's verification failed: ${found.filter(Boolean).join(", ") || "see its report"}`,
      );
    }
  }
  const isBroken = identities.some(({ state }) => state === "broken");
  const latencies = replicas.latencies();
  const of = <T>(make: (signal: Signal) => T) =>
    Object.fromEntries(fleet.sent.map((signal) => [signal, make(signal)])) as Partial<PerSignal<T>>;
  return {
    version: 1,
    release: sources.release,
    startedAt: iso(sources.startedAtMs),
    at: iso(nowMs),
    state: stateOf(fleet, replicas.size, isFinal),
    replicas: { expected: sources.expected ?? null, seen: replicas.size, ...fleet.standings },
    signals: of((signal) => signalOf(fleet.signals[signal])),
    latencyMs: of((signal) => latencies[signal].summary()),
    lagMs: fleet.lagMs,
    worstLagMs: fleet.worstLagMs,
    elapsedMs: fleet.elapsedMs,
    processes: fleet.processes,
    cpuSeconds: fleet.cpuSeconds,
    rssBytes: fleet.rssBytes,
    answers: fleet.answers,
    collectors: hasCollectors
      ? {
          names: [...sources.collectorNames],
          seen: collected.count,
          up: collected.up,
          gone: collected.gone,
          queued: collected.queued,
          signals: of((signal) => collectorSignal(collected.all[signal])),
        }
      : null,
    sink: sources.hasSink
      ? {
          up: sinks.entries().some(({ isUp }) => isUp),
          signals: received ? of((signal) => received[signal]) : {},
          verified: verdict ?? null,
        }
      : null,
    identities,
    losses,
    problems,
    notes: [...sources.notes],
    // An account that lacks replicas, or was never begun, may add up and is none.
    balanced: isFinal
      ? !isBroken && fleet.standings.running + fleet.standings.paused === 0
      : isBroken
        ? false
        : null,
    exitCode: isFinal ? (problems.length === 0 ? 0 : 1) : null,
    control: controlOf(sources.control, nowMs),
    config: sources.config,
    replicaRows: replicas.entries().map((entry) => replicaRow(entry, nowMs)),
    collectorRows: collectors.entries().map((entry) => collectorRow(entry, fleet)),
  };
}

/** What keeps an account from being good besides its sums. */
function problemsOf(
  { expected, replicas, hasSink, sinks, collectorNames, collectors }: AccountSources,
  fleet: FleetSums,
  nowMs: number,
): string[] {
  const { running, paused, ended, lost } = fleet.standings;
  const problems: string[] = [];
  const seen = running + paused + ended + lost;
  if (expected !== undefined && seen < expected)
    problems.push(`${expected - seen} of ${replicaWord(expected)} never spoke`);
  if (lost > 0) {
    const silent = replicas.entries().filter((entry) => standingOf(entry, nowMs) === "lost");
    const names = namesOf(silent.map(({ statement }) => statement.name));
    problems.push(`${replicaWord(lost)} fell silent without an end, killed, crashed or cut off: ${names}`);
  }
  if (running + paused > 0) problems.push(`${replicaWord(running + paused)} had not ended`);
  if (fleet.sent.every((signal) => fleet.signals[signal].counts[COUNTER_INDEX.sent] === 0))
    problems.push("nothing was sent");
  if (collectorNames.length > 0 && collectors.entries().length === 0)
    problems.push(`${collectorNames.join(", ")}: no collector's metrics could be read`);
  if (hasSink && sinks.entries().length === 0) problems.push("the sink could not be asked");
  return problems;
}

function stateOf({ standings }: FleetSums, seen: number, isFinal: boolean): Account["state"] {
  if (isFinal) return "ended";
  if (seen === 0) return "waiting";
  return standings.running + standings.paused > 0 ? "running" : "settling";
}

function signalOf({ counts, inFlight, unanswered }: ReplicaSums): NonNullable<Account["signals"]["traces"]> {
  return {
    ...namedCounts(counts),
    inFlight: Math.max(0, inFlight),
    unanswered: Math.max(0, unanswered),
  };
}

function collectorSignal({ accepted, refused, exporters }: CollectorItems) {
  return { accepted, refused, exporters: Object.fromEntries(exporters) };
}

function replicaRow(entry: ReplicaEntry, nowMs: number): Account["replicaRows"][number] {
  const { statement, heardAtMs } = entry;
  const { life, name, share, startedAt, sequence, inFlight, lagMs, cpuSeconds, rssBytes, incarnations } =
    statement;
  const signals = Object.fromEntries(
    Object.entries(statement.signals).map(([signal, said]) => [
      signal,
      Object.fromEntries(ROW_COUNTERS.map((counter) => [counter, said![counter]])),
    ]),
  ) as Account["replicaRows"][number]["signals"];
  return {
    life,
    name,
    state: standingOf(entry, nowMs),
    share,
    startedAt,
    heardAt: iso(heardAtMs),
    sequence,
    signals,
    ...paceOf(entry, nowMs),
    inFlight,
    lagMs,
    cpuSeconds,
    rssBytes,
    incarnations,
  };
}

function collectorRow(entry: CollectorEntry, { sent, targets }: FleetSums): Account["collectorRows"][number] {
  const items = itemsOf(entry);
  const hosts = new Set(entry.hosts.map(plainHost));
  const mine = [...targets].filter(([address]) => hosts.has(hostOf(address)));
  return {
    address: entry.address,
    state: entry.isUp ? "up" : "gone",
    trouble: entry.trouble,
    lives: entry.growth.earlierLives + 1,
    readAt: iso(entry.readAtMs),
    queued: entry.isUp ? entry.queued : 0,
    queueCapacity: entry.process.queueCapacity,
    ...flowOf(entry),
    cores: entry.isUp ? entry.process.cores : null,
    rssBytes: entry.isUp ? entry.process.rssBytes : null,
    signals: Object.fromEntries(sent.map((signal) => [signal, collectorSignal(items[signal])])),
    acceptedByReplicas: mine.length > 0 ? mine.reduce((sum, [, { accepted }]) => sum + accepted, 0) : null,
  };
}

/** See Books.shortAtLive. Collectors that share a host are taken together: nobody knows which port of one belongs to which of the other. */
function shortAtLive(entries: readonly CollectorEntry[], targets: FleetSums["targets"]): number {
  const told = new Map<string, number>();
  for (const [address, { accepted }] of targets) {
    const host = hostOf(address);
    told.set(host, (told.get(host) ?? 0) + accepted);
  }
  const read = new Map<string, { accepted: number; isGone: boolean }>();
  for (const entry of entries) {
    const host = entry.hosts.map(plainHost).find((one) => told.has(one));
    if (host === undefined) continue;
    const sum = read.get(host) ?? { accepted: 0, isGone: false };
    sum.accepted += acceptedAt(entry);
    sum.isGone ||= !entry.isUp || entry.growth.earlierLives > 0;
    read.set(host, sum);
  }
  return [...read].reduce(
    (short, [host, { accepted, isGone }]) => short + (isGone ? 0 : Math.max(0, told.get(host)! - accepted)),
    0,
  );
}

/** Of host:port, without brackets. */
const hostOf = (address: string): string => plainHost(address.replace(/:\d+$/, ""));

/** One spelling of a host. */
function plainHost(host: string): string {
  const bare = host.replace(/^\[(.*)\]$/, "$1");
  return bare === "localhost" || bare === "::1" ? "127.0.0.1" : bare;
}

function controlOf(state: ControlState, nowMs: number): Account["control"] {
  const { isPaused = false, eventsPerSecond, isStopped, uses } = state;
  const burst = burstAt(state, nowMs);
  return {
    isPaused,
    eventsPerSecond: eventsPerSecond ?? null,
    burst: burst ? { eventsPerSecond: burst.eventsPerSecond, until: iso(burst.untilMs) } : null,
    isStopped,
    uses: [...uses],
  };
}

const iso = (ms: number): string => new Date(ms).toISOString();

const replicaWord = (count: number): string => `${count} replica${count === 1 ? "" : "s"}`;
