/**
 * What the page knows of the run: the account, its history and its rows, as they come in. No element is touched here.
 */
import type { Account } from "../../ledger/account-schema.ts";
import type { History, HistoryPoint, RowsTold } from "../../ledger/history.ts";
import type { CollectorRow, ReplicaRow } from "./row-model.ts";

/** Points beyond these are thinned by getting the history anew: the service merges what is old. */
const MANY_POINTS = 1800;

/** What changed since it was looked at last. */
export interface Changes {
  account: boolean;
  points: boolean;
  rows: boolean;
}

export class RunState {
  account: Account | undefined;
  /** Oldest first. */
  points: HistoryPoint[] = [];
  startedAt = "";
  readonly replicaRows = new Map<string, ReplicaRow>();
  readonly collectorRows = new Map<string, CollectorRow>();
  #changes: Changes = { account: false, points: false, rows: false };

  takeHistory({ startedAt, points }: History): void {
    // Another run: what is known of the one before is not of this one.
    if (startedAt !== this.startedAt) {
      this.replicaRows.clear();
      this.collectorRows.clear();
      this.account = undefined;
    }
    this.startedAt = startedAt;
    this.points = [...points];
    this.#changes.points = true;
  }

  /** One that is known already, or is older than what is known, changes nothing. */
  takePoint(point: HistoryPoint): void {
    if (point.id <= this.lastId) return;
    this.points.push(point);
    this.#changes.points = true;
  }

  /** Its rows count when it has any: those told by events come apart from it. */
  takeAccount(account: Account): void {
    this.account = account;
    this.#changes.account = true;
    this.takeRows(account);
  }

  takeRows({ replicaRows, collectorRows }: RowsTold): void {
    for (const row of replicaRows) this.replicaRows.set(row.life, row);
    for (const row of collectorRows) this.collectorRows.set(row.address, row);
    if (replicaRows.length + collectorRows.length > 0) this.#changes.rows = true;
  }

  /** Of the newest point; -1 when there is none. */
  get lastId(): number {
    return this.points.at(-1)?.id ?? -1;
  }

  get hasManyPoints(): boolean {
    return this.points.length > MANY_POINTS;
  }

  /** What changed since it was asked last. */
  takeChanges(): Changes {
    const changes = this.#changes;
    this.#changes = { account: false, points: false, rows: false };
    return changes;
  }
}
