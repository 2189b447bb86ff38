/**
 * The line to the ledger service: the history first, then its events. When it breaks it is tried again, without end and never in a hurry,
 * and what was missed comes with it. Once the account is closed there is nothing to wait for.
 */
import type { Account } from "../../ledger/account-schema.ts";
import type { History, HistoryPoint, RowsTold } from "../../ledger/history.ts";
import type { RunState } from "./run-state.ts";

/** lost: until the next try, at `retryAtMs`. closed: the run is over. */
export type Link =
  | { state: "connecting" | "live" | "closed" }
  | { state: "lost"; sinceMs: number; retryAtMs: number };

const RETRY_MS = [500, 1000, 2000, 4000] as const;
/** The service speaks every second: after this much silence the line is taken for dead, ms. */
const SILENCE_MS = 8000;

/**
 * Follow the run.
 *
 * onChange  `run` has changed
 * onLink    the line has
 */
export function follow(run: RunState, onChange: () => void, onLink: (link: Link) => void): void {
  let source: EventSource | undefined;
  let silence = 0;
  let tries = 0;
  let lostAtMs: number | undefined;
  let isLive = false;

  const lose = (): void => {
    source?.close();
    clearTimeout(silence);
    isLive = false;
    const waitMs = RETRY_MS[Math.min(tries++, RETRY_MS.length - 1)]!;
    lostAtMs ??= Date.now();
    onLink({ state: "lost", sinceMs: lostAtMs, retryAtMs: Date.now() + waitMs });
    setTimeout(() => void open(), waitMs);
  };
  const hear = (): void => {
    clearTimeout(silence);
    silence = window.setTimeout(lose, SILENCE_MS);
    if (isLive) return;
    isLive = true;
    tries = 0;
    lostAtMs = undefined;
    onLink({ state: "live" });
  };
  const getHistory = async (): Promise<void> => {
    const response = await fetch("api/history");
    if (!response.ok) throw new Error(`the history: ${response.status}`);
    run.takeHistory((await response.json()) as History);
  };

  async function open(): Promise<void> {
    try {
      await getHistory();
    } catch {
      lose();
      return;
    }
    onChange();
    const after = run.lastId < 0 ? "" : `&after=${encodeURIComponent(`${run.startedAt} ${run.lastId}`)}`;
    const events = new EventSource(`api/events?rows${after}`);
    source = events;
    silence = window.setTimeout(lose, SILENCE_MS);
    const on = <Data>(name: string, take: (data: Data) => void) =>
      events.addEventListener(name, (event) => {
        if (events !== source) return;
        hear();
        take(JSON.parse((event as MessageEvent<string>).data) as Data);
        onChange();
      });
    on<Account>("ledger", (account) => run.takeAccount(account));
    on<RowsTold>("rows", (rows) => run.takeRows(rows));
    on<HistoryPoint>("point", (point) => {
      run.takePoint(point);
      if (run.hasManyPoints) getHistory().then(onChange, () => {});
    });
    on<object>("reset", () => {
      getHistory().then(onChange, () => {});
    });
    on<Account>("closed", (account) => {
      run.takeAccount(account);
      clearTimeout(silence);
      source = undefined;
      events.close();
      onLink({ state: "closed" });
    });
    // A browser tries again by itself, at its own pace and without telling: this page tells.
    events.addEventListener("error", () => {
      if (events === source) lose();
    });
  }

  onLink({ state: "connecting" });
  void open();
}
