/** Accounts for tests: whole runs in which every item has one fate. */
import type { Signal } from "../otlp/signal.ts";
import type { Account } from "./account-schema.ts";
import { perCounter } from "./counts.ts";

type Items = NonNullable<Account["signals"][Signal]>;

/** Counts of a signal; what is sent and intended follows from what became of them. */
export function itemsWith(fates: Partial<Items>): Items {
  const items: Items = {
    ...perCounter(() => 0),
    inFlight: 0,
    unanswered: 0,
    ...fates,
  };
  items.sent ||=
    items.accepted + items.rejected + items.failed + items.inDoubt + items.inFlight + items.unanswered;
  items.intended ||= items.unsent + items.dropped + items.sent;
  return items;
}

/** Of a run of two replicas under way; what is not given is nothing. */
export function accountWith(parts: Partial<Account> = {}): Account {
  return {
    version: 1,
    release: "1.2.3",
    startedAt: "2026-01-01T00:00:00.000Z",
    at: "2026-01-01T00:01:00.000Z",
    state: "running",
    replicas: { expected: null, seen: 2, running: 2, paused: 0, ended: 0, lost: 0 },
    signals: { traces: itemsWith({ accepted: 1000 }) },
    latencyMs: {},
    lagMs: 0,
    worstLagMs: 0,
    elapsedMs: 60_000,
    processes: 2,
    cpuSeconds: 1,
    rssBytes: 1e8,
    answers: [],
    collectors: null,
    sink: null,
    identities: [],
    losses: [],
    problems: [],
    notes: [],
    balanced: null,
    exitCode: null,
    control: { isPaused: false, eventsPerSecond: null, burst: null, isStopped: false, uses: [] },
    config: null,
    replicaRows: [],
    collectorRows: [],
    ...parts,
  };
}
