/**
 * The history of a run as the ledger service tells it, and what its console is made of. Types only: the page imports them too, with their
 * types stripped.
 *
 *   GET /api/history   History
 *   GET /api/events    server-sent events, see below
 *   GET /api/ledger    Account (ledger/account-schema.ts)
 *
 * Events of `/api/events?rows&after=ID`, each with JSON as data:
 *
 *   ledger   every second: the Account with its rows (`replicaRows`, `collectorRows`) empty
 *   point    every second: the newest HistoryPoint. Its event id is History.startedAt, a space, HistoryPoint.id
 *   rows     every second, with ?rows: RowsTold. The first one holds all rows, later ones some of them
 *   reset    `{}`: what came after ID is not kept in seconds any more, or ID is of another run: get the history again
 *   closed   the closed Account with its rows, and after it the end of the stream: the service ends. Do not connect again
 *
 * Whoever connects names the last point that it has, as `after` or as the header `last-event-id`, which counts when both are there (an
 * EventSource sends it when it reconnects by itself), and gets the points in between first.
 */
import type { Signal } from "../otlp/signal.ts";
import type { Account } from "./account-schema.ts";

/** All of it, oldest first. */
export interface History {
  version: 1;
  /** Of the account, RFC 3339. Another one is another run: what is known of the one before does not go on. */
  startedAt: string;
  /** The latest ten minutes in steps of a second, what is older in steps of 2^n seconds, 1,200 points at most, without holes between them. */
  points: HistoryPoint[];
}

/**
 * What happened in one step of time. Numbers of items, requests and bytes are of this step alone, so that a rate is
 * `count * 1000 / stepMs` and points may be added up; all others are as they were at its end, unless they say otherwise.
 */
export interface HistoryPoint {
  /** Rises by one each second; a merged point has that of its last second. */
  id: number;
  /** The end of the step, ms since 1970 by the service's clock. A second ago when it is told, so that all replicas have spoken of it. */
  atMs: number;
  /** Length of the step, ms: about 1000, and longer where points are merged or the service was not there. */
  stepMs: number;
  /** Events a second that the fleet was to send, its mean over the step; null: as fast as it goes, or nobody told. */
  plannedPerSecond: number | null;
  /** Signals that are sent. */
  signals: Partial<Record<Signal, SignalStep>>;
  /** Of all signals and replicas together; null where nothing was answered in the step. */
  latencyMs: StepLatency | null;
  /** Requests that were answered with something else than plain acceptance, by kind: `HTTP 503`, `timeout`. At most 51 kinds. */
  answers: Record<string, number>;
  /** Replicas by state. */
  replicas: { running: number; paused: number; ended: number; lost: number };
  /** How far sending was behind its schedule, the worst replica and the worst second. */
  lagMs: number;
  /** Cores that the replicas used, the mean over the step. */
  cores: number;
  /** Memory of the replicas, at its highest. */
  rssBytes: number;
  /** All collectors together; null: none are read. */
  collectors: CollectorsStep | null;
  /** Items that the sink behind them received, of all signals; null: none is read. */
  received: number | null;
}

/** What replicas did with the items of one signal in a step. */
export interface SignalStep {
  intended: number;
  unsent: number;
  dropped: number;
  sent: number;
  accepted: number;
  rejected: number;
  failed: number;
  inDoubt: number;
  requests: number;
  retriedRequests: number;
  /** Before and after compression. */
  bodyBytes: number;
  wireBytes: number;
  /** null where nothing was answered in the step. */
  latencyMs: StepLatency | null;
}

/** From the moment a request was due to its final answer, of the requests that ended in the step, ms, to 6 %. From merged histograms. */
export interface StepLatency {
  p50: number;
  p90: number;
  p99: number;
  max: number;
}

/** Items of all signals. */
export interface CollectorsStep {
  up: number;
  gone: number;
  accepted: number;
  refused: number;
  /** Added up over all exporters. */
  exported: number;
  failed: number;
  notQueued: number;
  /** In all queues and what they can hold, in their sizers' units, at its highest. Capacity null: not told. */
  queued: number;
  queueCapacity: number | null;
  /** null: not told. */
  cores: number | null;
  rssBytes: number | null;
}

/** Rows of the account that changed, each in full; `life` and `address` are their keys. A row never goes away. */
export interface RowsTold {
  replicaRows: Account["replicaRows"];
  collectorRows: Account["collectorRows"];
}

/** A whole run, as the HTML report holds it in `<script type="application/json" id="stampede-run">`. */
export interface RunRecord {
  version: 1;
  account: Account;
  history: History;
}
