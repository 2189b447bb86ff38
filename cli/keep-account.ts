/**
 * The account and the history of one command's processes, kept as a ledger service keeps those of a fleet, for an HTML report. A row is a
 * process.
 */
import { makeAccount } from "../fleet/ledger/books/account.ts";
import { ReplicaBook } from "../fleet/ledger/books/replica-book.ts";
import { replicasAlone } from "../fleet/ledger/books/replicas-alone.ts";
import { HistoryBook } from "../fleet/ledger/history/history-book.ts";
import type { LocalFleet } from "../fleet/local/local-fleet.ts";
import type { RunRecord } from "../ledger/history.ts";
import type { Report } from "../ledger/report.ts";
import type { Snapshot } from "../ledger/snapshot.ts";
import { makeStatement } from "../ledger/statement.ts";
import type { Signal } from "../otlp/signal.ts";
import { deliverHtml } from "./html-file.ts";
import { version } from "./version.ts";

/** What is kept besides the processes' numbers. */
export interface KeptRun {
  startedAt: string;
  signals: readonly Signal[];
  /** Resolved settings, secrets masked. */
  config: unknown;
  /** See deliverHtml. */
  path: string;
}

const LOOK_MS = 1000;

/** Look each second. Returns how to end it: with the processes' results it writes the report. */
export function keepAccount(
  fleet: LocalFleet,
  { startedAt, signals, config, path }: KeptRun,
): (results: readonly Snapshot[], report: Report) => Promise<void> {
  const replicas = new ReplicaBook();
  const history = new HistoryBook();
  let sequence = 0;

  function look(snapshots: readonly Snapshot[], notes: readonly string[], isFinal: boolean) {
    const nowMs = Math.floor(performance.timeOrigin + performance.now());
    for (const [index, snapshot] of snapshots.entries()) {
      const statement = makeStatement([snapshot], {
        life: index.toString(16).padStart(12, "0"),
        name: `process ${index}`,
        sequence,
        startedAt,
        state: isFinal ? "ended" : snapshot.isPaused ? "paused" : "running",
        share: { index, count: snapshots.length },
        processes: 1,
        signals,
      });
      replicas.take(statement, nowMs);
    }
    sequence++;
    const startedAtMs = Date.parse(startedAt);
    const sources = replicasAlone({ release: version(), startedAtMs, replicas, config, notes, isFinal });
    const account = makeAccount(sources, nowMs);
    history.look(account, replicas, nowMs, isFinal);
    return account;
  }

  const timer = setInterval(() => look(fleet.snapshots(), [], false), LOOK_MS);
  timer.unref();
  return async (results, { notes, incarnations }) => {
    clearInterval(timer);
    const account = look(results, notes, true);
    const run: RunRecord = { version: 1, account, history: history.history(startedAt) };
    await deliverHtml(path, run, incarnations[0] ?? "idle");
  };
}
