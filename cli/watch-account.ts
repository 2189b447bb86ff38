/** Showing what the ledger of a fleet says, from the start of the replicas to their end. */
import { setTimeout as sleep } from "node:timers/promises";
import type { AccountView } from "../terminal/account-view.ts";
import { fetchAccount } from "./fetch-account.ts";

const LOOK_MS = 1000;

/** Show the account each second. Returns how to stop, for good. */
export function watchAccount(url: string, view: AccountView): () => void {
  const over = new AbortController();
  const look = async () => {
    while (!over.signal.aborted) {
      // A ledger that is being started again says nothing for a moment.
      const account = await fetchAccount(url).catch(() => undefined);
      if (account && account.replicas.seen > 0 && !over.signal.aborted) view.show(account);
      await sleep(LOOK_MS, undefined, { signal: over.signal }).catch(() => {});
    }
  };
  void look();
  // The shell has written below the picture while this process was stopped.
  const redraw = () => view.redraw();
  process.on("SIGCONT", redraw);
  return () => {
    over.abort();
    process.off("SIGCONT", redraw);
    view.close();
  };
}
