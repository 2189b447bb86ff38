/**
 * Telling the ledger service of a run: from its start to its report.
 */
import { hostname } from "node:os";
import { startPushing } from "../fleet/ledger/push.ts";
import type { LocalFleet } from "../fleet/local/local-fleet.ts";
import type { Report } from "../ledger/report.ts";
import type { Snapshot } from "../ledger/snapshot.ts";
import { makeStatement, type StatementHead } from "../ledger/statement.ts";
import type { Signal } from "../otlp/signal.ts";
import { formatIncarnation, randomIncarnation } from "../replayer/incarnation.ts";
import type { Replica } from "../replayer/settings.ts";

/** What a run is told as, besides its numbers. */
export interface ToldRun {
  /** Of the service: http://host:port. */
  url: string;
  /** What the replica is called; undefined: by its machine and process. */
  name: string | undefined;
  startedAt: string;
  signals: readonly Signal[];
  /** Of the fleet's rate, at this moment. */
  share(): Replica;
  /** Resolved settings, secrets masked. */
  config: unknown;
  /** Of the run; Infinity: no limit. */
  durationMs: number;
  onNote(text: string): void;
}

/** Replicas that begin within it begin together. */
const CAME_LATER_MS = 1000;

/** Begin telling. Returns how to tell the end, which takes 5 s at most where nobody hears it. */
export function tellLedger(
  fleet: LocalFleet,
  {
    url,
    name = `${hostname()}/${process.pid}`,
    startedAt,
    signals,
    share,
    config,
    durationMs,
    onNote,
  }: ToldRun,
): (results: readonly Snapshot[], report: Report) => Promise<void> {
  const life = formatIncarnation(randomIncarnation());
  const headOf = (sequence: number, state: StatementHead["state"]): StatementHead => ({
    life,
    name: name.slice(-200),
    sequence,
    startedAt,
    state,
    share: share(),
    processes: fleet.alive(),
    signals,
  });
  let isConfigWanted = false;
  let end: NodeJS.Timeout | undefined;
  /** One that came later ends when the duration of those before it is over; one of the first sends its own to the item. */
  const endWithOthers = (elapsedMs: number) => {
    clearTimeout(end);
    const ownMs = Math.max(0, ...fleet.snapshots().map((snapshot) => snapshot.elapsedMs));
    if (!Number.isFinite(durationMs) || elapsedMs - ownMs < CAME_LATER_MS) return;
    end = setTimeout(() => fleet.stop(), Math.max(0, durationMs - elapsedMs)).unref();
  };
  const pusher = startPushing({
    url,
    state: (sequence) => {
      const snapshots = fleet.snapshots();
      const isPaused = snapshots.some((snapshot) => snapshot.isPaused);
      const statement = makeStatement(snapshots, headOf(sequence, isPaused ? "paused" : "running"));
      return isConfigWanted ? { ...statement, config } : statement;
    },
    onReply: ({ steering, stop, wantsConfig, elapsedMs }) => {
      isConfigWanted = wantsConfig;
      fleet.steer(steering);
      if (stop) fleet.stop();
      if (elapsedMs !== undefined) endWithOthers(elapsedMs);
    },
    onNote,
  });
  return (results, report) => {
    clearTimeout(end);
    return pusher.end((sequence) => makeStatement(results, headOf(sequence, "ended"), report));
  };
}
