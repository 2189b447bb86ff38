/**
 * The stream of events: who listens, and what they are told each second. What they hear is described in ledger/history.ts.
 *
 * A thousand rows a second would be a megabyte a second for each listener; so of the rows that changed some are told each second, in turn.
 */
import type { ServerResponse } from "node:http";
import type { Account } from "../../../ledger/account-schema.ts";
import type { History, HistoryPoint, RowsTold } from "../../../ledger/history.ts";

const MAX_LISTENERS = 100;
/** A listener that has so much unread is gone or asleep. */
const MAX_UNREAD_BYTES = 8 * 1024 * 1024;
/** Rows of replicas, and of collectors, that are told in a second. */
const MOST_ROWS = 200;
/** Before a browser connects again. */
const RETRY_MS = 1000;

/** What somebody who comes asks for. */
export interface Wish {
  hasRows: boolean;
  /** Event id of the last point that it has; undefined: it wants none of before. */
  after: string | undefined;
}

/** What there is to tell somebody who comes. */
export interface Now {
  account: Account;
  /** See HistoryBook.since. */
  since(id: number): HistoryPoint[] | undefined;
}

export class Listeners {
  readonly #all = new Map<ServerResponse, Wish>();
  readonly #replicas = new Turns<Account["replicaRows"][number]>(
    ({ life }) => life,
    ({ sequence, state }) => `${sequence} ${state}`,
  );
  readonly #collectors = new Turns<Account["collectorRows"][number]>(
    ({ address }) => address,
    ({ readAt, state }) => `${readAt} ${state}`,
  );

  /** Whether there is room for one more. */
  get hasRoom(): boolean {
    return this.#all.size < MAX_LISTENERS;
  }

  /** Begin to tell. */
  add(response: ServerResponse, wish: Wish, { account, since }: Now): void {
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    this.#all.set(response, wish);
    response.once("close", () => this.#all.delete(response));
    let text = `retry: ${RETRY_MS}\n\n${ledgerEvent(account)}`;
    if (wish.hasRows) text += event("rows", rowsOf(account));
    if (wish.after !== undefined) {
      const id = pointId(wish.after, account.startedAt);
      const points = id === undefined ? undefined : since(id);
      text += points
        ? points.map((point) => pointEvent(point, account.startedAt)).join("")
        : event("reset", {});
    }
    // All was said already.
    if (account.state === "ended") response.end(text + event("closed", account));
    else response.write(text);
  }

  /** Tell of a second. */
  tell(account: Account, point: HistoryPoint | undefined): void {
    if (this.#all.size === 0) return;
    const text = ledgerEvent(account) + (point ? pointEvent(point, account.startedAt) : "");
    const wantsRows = [...this.#all.values()].some(({ hasRows }) => hasRows);
    const rows = wantsRows ? event("rows", this.#nextRows(account)) : "";
    for (const [response, { hasRows }] of this.#all) {
      if (response.writableLength > MAX_UNREAD_BYTES) response.destroy();
      else response.write(hasRows ? text + rows : text);
    }
  }

  /** Tell of the end, and end the streams. */
  close(account: Account, point: HistoryPoint | undefined): void {
    const text = (point ? pointEvent(point, account.startedAt) : "") + event("closed", account);
    for (const response of this.#all.keys()) response.end(text);
  }

  /** End the streams without a word: whoever listens connects again. */
  drop(): void {
    for (const response of this.#all.keys()) response.end();
  }

  #nextRows({ replicaRows, collectorRows }: Account): RowsTold {
    return {
      replicaRows: this.#replicas.next(replicaRows),
      collectorRows: this.#collectors.next(collectorRows),
    };
  }
}

/** Rows that changed since they were told, some at a time, each in its turn. */
class Turns<Row> {
  readonly #told = new Map<string, string>();
  readonly #keyOf: (row: Row) => string;
  readonly #versionOf: (row: Row) => string;
  #place = 0;

  /** versionOf  another one where the row is another */
  constructor(keyOf: (row: Row) => string, versionOf: (row: Row) => string) {
    this.#keyOf = keyOf;
    this.#versionOf = versionOf;
  }

  next(rows: readonly Row[]): Row[] {
    const chosen: Row[] = [];
    for (let n = 0; n < rows.length && chosen.length < MOST_ROWS; n++) {
      this.#place = (this.#place + 1) % rows.length;
      const row = rows[this.#place]!;
      const [key, version] = [this.#keyOf(row), this.#versionOf(row)];
      if (this.#told.get(key) === version) continue;
      this.#told.set(key, version);
      chosen.push(row);
    }
    return chosen;
  }
}

/** The id of a point in an event id, where it is of this run. */
function pointId(eventId: string, startedAt: string): number | undefined {
  const [run, id] = eventId.split(" ", 2);
  return run === startedAt && /^\d{1,15}$/.test(id ?? "") ? Number(id) : undefined;
}

const rowsOf = ({ replicaRows, collectorRows }: Account): RowsTold => ({ replicaRows, collectorRows });

const ledgerEvent = (account: Account) => event("ledger", { ...account, replicaRows: [], collectorRows: [] });

const pointEvent = (point: HistoryPoint, startedAt: History["startedAt"]) =>
  `id: ${startedAt} ${point.id}\n${event("point", point)}`;

/** JSON has no line breaks, whatever texts hold. */
const event = (name: string, data: object) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
