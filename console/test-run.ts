/** Accounts and histories for tests of the page: whole runs in which every item has one fate. */
import type { Account, Identity } from "../ledger/account-schema.ts";
import type { HistoryPoint, SignalStep } from "../ledger/history.ts";
import type { Signal } from "../otlp/signal.ts";

type Items = NonNullable<Account["signals"][Signal]>;

/** Counts of a signal; what is sent and intended follows from what became of them. */
export function itemsWith(fates: Partial<Items>): Items {
  const items: Items = {
    intended: 0,
    unsent: 0,
    dropped: 0,
    sent: 0,
    accepted: 0,
    rejected: 0,
    failed: 0,
    inDoubt: 0,
    requests: 0,
    retriedRequests: 0,
    compressedRequests: 0,
    compiledRequests: 0,
    bodyBytes: 0,
    wireBytes: 0,
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

/** One Collector's row that took and sent on so many spans. */
export function collectorRowWith(
  address: string,
  accepted: number,
  sent: number,
  parts: Partial<Account["collectorRows"][number]> = {},
): Account["collectorRows"][number] {
  return {
    address,
    state: "up",
    trouble: "",
    lives: 1,
    readAt: "2026-01-01T00:01:00.000Z",
    queued: 0,
    queueCapacity: 1000,
    acceptedPerSecond: 0,
    refusedPerSecond: 0,
    exportedPerSecond: 0,
    cores: 0.1,
    rssBytes: 1e8,
    signals: { traces: { accepted, refused: 0, exporters: { otlp: { sent, failed: 0, notQueued: 0 } } } },
    acceptedByReplicas: accepted,
    ...parts,
  };
}

/** The account's part of what Collectors say, of their rows. */
export function collectorsOf(rows: Account["collectorRows"]): NonNullable<Account["collectors"]> {
  const traces = { accepted: 0, refused: 0, exporters: { otlp: { sent: 0, failed: 0, notQueued: 0 } } };
  for (const { signals } of rows) {
    traces.accepted += signals.traces!.accepted;
    traces.refused += signals.traces!.refused;
    for (const name of ["sent", "failed", "notQueued"] as const)
      traces.exporters.otlp[name] += signals.traces!.exporters.otlp![name];
  }
  const up = rows.filter(({ state }) => state === "up").length;
  return {
    names: ["dns:///collector:8888"],
    seen: rows.length,
    up,
    gone: rows.length - up,
    queued: 0,
    signals: { traces },
  };
}

/** An identity of traces. */
export function identityWith(name: Identity["name"], parts: Partial<Identity> = {}): Identity {
  return { name, signal: "traces", left: 1, right: 1, difference: 0, state: "holds", text: "", ...parts };
}

/** A second of a run; what is not given is nothing. */
export function pointWith(
  id: number,
  traces: Partial<SignalStep> = {},
  parts: Partial<HistoryPoint> = {},
): HistoryPoint {
  return {
    id,
    atMs: id * 1000,
    stepMs: 1000,
    plannedPerSecond: 100,
    signals: {
      traces: {
        intended: 0,
        unsent: 0,
        dropped: 0,
        sent: 0,
        accepted: 0,
        rejected: 0,
        failed: 0,
        inDoubt: 0,
        requests: 0,
        retriedRequests: 0,
        bodyBytes: 0,
        wireBytes: 0,
        latencyMs: null,
        ...traces,
      },
    },
    latencyMs: null,
    answers: {},
    replicas: { running: 2, paused: 0, ended: 0, lost: 0 },
    lagMs: 0,
    cores: 0.1,
    rssBytes: 1e8,
    collectors: null,
    received: null,
    ...parts,
  };
}
