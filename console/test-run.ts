/** Parts of accounts and histories for tests of the page; whole accounts: ledger/test-account.ts. */
import type { Account, Identity } from "../ledger/account-schema.ts";
import type { HistoryPoint, SignalStep } from "../ledger/history.ts";

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
