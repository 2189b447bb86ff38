/**
 * Rows of replicas and Collectors: what their cells say, and in which order they stand. Pure.
 */
import type { Account } from "../../ledger/account-schema.ts";
import { bytes, decimal, grouped, milliseconds, si } from "./format.ts";
import { SIGNALS, type Tone } from "./signals.ts";

export type ReplicaRow = Account["replicaRows"][number];
export type CollectorRow = Account["collectorRows"][number];

/** A column of a table. */
export interface RowColumn<Row> {
  title: string;
  /** What it means, for people who ask. */
  meaning: string;
  text(row: Row): string;
  /** To sort by; texts alphabetically. Undefined counts as least. */
  value(row: Row): number | string | null;
  tone?(row: Row): Tone;
  /** Part of the largest that is there, drawn behind the figure: 0 to 1 of `value` over all rows. */
  hasBar?: boolean;
  /** Width in a table, as a CSS grid track. */
  track: string;
  isText?: boolean;
}

/** Lag that is worth a colour, ms. */
const LAGS_MS = 1000;

const perSecond = (rate: number | null): string => si(rate === null ? null : Math.round(rate));

const sumOf = (
  row: ReplicaRow,
  counter: "sent" | "rejected" | "failed" | "inDoubt" | "dropped" | "unsent" | "retriedRequests",
) => SIGNALS.reduce((sum, signal) => sum + (row.signals[signal]?.[counter] ?? 0), 0);

/** Items that came to a bad end, or may have. */
const lostOf = (row: ReplicaRow) =>
  sumOf(row, "rejected") + sumOf(row, "failed") + sumOf(row, "inDoubt") + sumOf(row, "dropped");

const takenOf = (row: CollectorRow) =>
  SIGNALS.reduce((sum, signal) => sum + (row.signals[signal]?.accepted ?? 0), 0);

const refusedOf = (row: CollectorRow) =>
  SIGNALS.reduce((sum, signal) => sum + (row.signals[signal]?.refused ?? 0), 0);

const failedOf = (row: CollectorRow) =>
  SIGNALS.reduce(
    (sum, signal) =>
      sum + Object.values(row.signals[signal]?.exporters ?? {}).reduce((all, { failed }) => all + failed, 0),
    0,
  );

export const REPLICA_STATE_TONES: Readonly<Record<ReplicaRow["state"], Tone>> = {
  running: "good",
  paused: "warn",
  ended: "idle",
  lost: "bad",
};

/** It goes on: what it does now is a figure. Of one that ended or is lost there is no now. */
const isThere = ({ state }: ReplicaRow) => state === "running" || state === "paused";

/** What one does at this moment; null where it is not there any more, which is not zero. */
const now =
  <Row>(isSo: (row: Row) => boolean, of: (row: Row) => number | null) =>
  (row: Row) =>
    isSo(row) ? of(row) : null;

const sentPerSecond = now(isThere, (row) => row.sentPerSecond);
const lagNow = now(isThere, ({ lagMs }) => lagMs);
const usedCores = now(isThere, ({ cores }) => cores);

export const REPLICA_COLUMNS: readonly RowColumn<ReplicaRow>[] = [
  {
    title: "Replica",
    meaning: "Name of its host",
    text: ({ name }) => name,
    value: ({ name }) => name,
    track: "minmax(110px, 2fr)",
    isText: true,
  },
  {
    title: "State",
    meaning: "Lost: silent for 10 s without having ended",
    text: ({ state }) => state,
    value: ({ state }) => state,
    tone: ({ state }) => REPLICA_STATE_TONES[state],
    track: "minmax(92px, 0.9fr)",
    isText: true,
  },
  {
    title: "Events/s",
    meaning: "Sent between its last two words; nothing of one that ended or is lost",
    text: (row) => perSecond(sentPerSecond(row)),
    value: sentPerSecond,
    hasBar: true,
    track: "minmax(84px, 1.2fr)",
  },
  {
    title: "Sent",
    meaning: "Events since it began",
    text: (row) => si(sumOf(row, "sent")),
    value: (row) => sumOf(row, "sent"),
    track: "minmax(62px, 0.8fr)",
  },
  {
    title: "In flight",
    meaning: "Requests without an answer yet; of a lost one, at its last word",
    text: ({ inFlight }) => grouped(inFlight),
    value: ({ inFlight }) => inFlight,
    track: "minmax(64px, 0.8fr)",
  },
  {
    title: "Lag",
    meaning: "Behind its schedule",
    text: (row) => milliseconds(lagNow(row)),
    value: lagNow,
    tone: ({ lagMs, state }) => (lagMs > LAGS_MS && state === "running" ? "warn" : "idle"),
    track: "minmax(66px, 0.8fr)",
  },
  {
    title: "Retried",
    meaning: "Requests that were tried more than once",
    text: (row) => si(sumOf(row, "retriedRequests")),
    value: (row) => sumOf(row, "retriedRequests"),
    tone: (row) => (sumOf(row, "retriedRequests") > 0 ? "warn" : "idle"),
    track: "minmax(60px, 0.8fr)",
  },
  {
    title: "Unsent",
    meaning: "Events that were due, and too late to be sent",
    text: (row) => si(sumOf(row, "unsent")),
    value: (row) => sumOf(row, "unsent"),
    tone: (row) => (sumOf(row, "unsent") > 0 ? "warn" : "idle"),
    track: "minmax(60px, 0.8fr)",
  },
  {
    title: "Lost",
    meaning: "Events rejected, failed, in doubt or dropped",
    text: (row) => si(lostOf(row)),
    value: lostOf,
    tone: (row) => (lostOf(row) > 0 ? "bad" : "idle"),
    track: "minmax(60px, 0.8fr)",
  },
  {
    title: "CPU",
    meaning: "Cores that it uses",
    text: (row) => decimal(usedCores(row)),
    value: usedCores,
    track: "minmax(54px, 0.7fr)",
  },
  {
    title: "Memory",
    meaning: "Resident; of one that ended or is lost, at its last word",
    text: ({ rssBytes }) => bytes(rssBytes),
    value: ({ rssBytes }) => rssBytes,
    track: "minmax(70px, 0.8fr)",
  },
];

const isUp = ({ state }: CollectorRow) => state === "up";
const takenPerSecond = now(isUp, (row) => row.acceptedPerSecond);
const exportedPerSecond = now(isUp, (row) => row.exportedPerSecond);
const refusedPerSecond = now(isUp, (row) => row.refusedPerSecond);

export const COLLECTOR_COLUMNS: readonly RowColumn<CollectorRow>[] = [
  {
    title: "Collector",
    meaning: "Address of its own metrics",
    text: ({ address }) => address,
    value: ({ address }) => address,
    track: "minmax(120px, 1.8fr)",
    isText: true,
  },
  {
    title: "State",
    meaning: "With its lives, when it began more than once",
    text: ({ state, lives }) => (lives > 1 ? `${state}, life ${lives}` : state),
    value: ({ state }) => state,
    tone: ({ state }) => (state === "up" ? "good" : "bad"),
    track: "minmax(92px, 0.9fr)",
    isText: true,
  },
  {
    title: "Takes/s",
    meaning: "Events that it accepts",
    text: (row) => perSecond(takenPerSecond(row)),
    value: takenPerSecond,
    hasBar: true,
    track: "minmax(80px, 1.1fr)",
  },
  {
    title: "Taken",
    meaning: "Events that it accepted since the start",
    text: (row) => si(takenOf(row)),
    value: takenOf,
    track: "minmax(62px, 0.8fr)",
  },
  {
    title: "Sends/s",
    meaning: "Events that its exporters send on, each counted",
    text: (row) => perSecond(exportedPerSecond(row)),
    value: exportedPerSecond,
    track: "minmax(60px, 0.8fr)",
  },
  {
    title: "Queue",
    meaning: "What waits, of what its queues can hold",
    text: ({ state, queued, queueCapacity }) =>
      state === "gone"
        ? si(null)
        : queueCapacity === null
          ? si(queued)
          : `${si(queued)} / ${si(queueCapacity)}`,
    value: ({ state, queued, queueCapacity }) =>
      state === "gone" ? null : queueCapacity ? queued / queueCapacity : queued,
    tone: ({ queued, queueCapacity }) =>
      queueCapacity !== null && queued > queueCapacity * 0.8 ? "warn" : "idle",
    track: "minmax(112px, 1.1fr)",
  },
  {
    title: "Refuses/s",
    meaning: "Events turned away at its door",
    text: (row) => perSecond(refusedPerSecond(row)),
    value: refusedPerSecond,
    tone: (row) => ((refusedPerSecond(row) ?? 0) > 0 ? "warn" : "idle"),
    track: "minmax(74px, 0.8fr)",
  },
  {
    title: "Refused",
    meaning: "Events turned away since the start: the replicas try again",
    text: (row) => si(refusedOf(row)),
    value: refusedOf,
    tone: (row) => (refusedOf(row) > 0 ? "warn" : "idle"),
    track: "minmax(62px, 0.8fr)",
  },
  {
    title: "Failed",
    meaning: "Events that its exporters gave up",
    text: (row) => si(failedOf(row)),
    value: failedOf,
    tone: (row) => (failedOf(row) > 0 ? "bad" : "idle"),
    track: "minmax(60px, 0.8fr)",
  },
  {
    title: "CPU",
    meaning: "Cores that it uses",
    text: ({ cores }) => decimal(cores),
    value: ({ cores }) => cores,
    track: "minmax(52px, 0.7fr)",
  },
  {
    title: "Memory",
    meaning: "Resident",
    text: ({ rssBytes }) => bytes(rssBytes),
    value: ({ rssBytes }) => rssBytes,
    track: "minmax(70px, 0.8fr)",
  },
];

/** How bad a replica stands: one that is lost is worse than any lag, a loss is worse than a pause, and this worse than a retry. */
export function replicaTrouble(row: ReplicaRow): number {
  const lag = row.state === "running" ? row.lagMs : 0;
  return (
    (row.state === "lost" ? 1e12 : 0) +
    (lostOf(row) > 0 ? 1e9 + lostOf(row) : 0) +
    (lag > LAGS_MS ? 1e6 + lag : 0) +
    (row.state === "paused" ? 2e5 : 0) +
    Math.min(1e5, sumOf(row, "unsent") + sumOf(row, "retriedRequests"))
  );
}

/** How bad a Collector stands. */
export function collectorTrouble(row: CollectorRow): number {
  const fullness = row.queueCapacity ? row.queued / row.queueCapacity : 0;
  return (
    (row.state === "gone" ? 1e12 : 0) +
    (failedOf(row) > 0 ? 1e9 + failedOf(row) : 0) +
    row.refusedPerSecond * 1000 +
    fullness * 100 +
    Math.min(1e5, refusedOf(row))
  );
}

/** Column to sort by; undefined: the worst first. */
export interface Order {
  column: number | undefined;
  isDown: boolean;
}

/** Rows in order, another array. Equal ones stay in the order of `keyOf`, so that rows do not dance. */
export function sorted<Row>(
  rows: readonly Row[],
  columns: readonly RowColumn<Row>[],
  order: Order,
  troubleOf: (row: Row) => number,
  keyOf: (row: Row) => string,
): Row[] {
  const sortedBy = order.column === undefined ? troubleOf : columns[order.column]!.value;
  const sign = order.column === undefined || order.isDown ? -1 : 1;
  return rows
    .map((row) => ({ row, value: sortedBy(row), key: keyOf(row) }))
    .sort((a, b) => sign * compare(a.value, b.value) || compare(a.key, b.key))
    .map(({ row }) => row);
}

function compare(a: number | string | null, b: number | string | null): number {
  if (typeof a === "string" && typeof b === "string") return NATURAL.compare(a, b);
  return Number(a ?? -1) - Number(b ?? -1);
}

/** replica-2 comes before replica-10. */
const NATURAL = new Intl.Collator("en", { numeric: true });
