/** What a running ledger service tells, second by second, and the fleet's rate by it. */
import type { Account } from "../ledger/account-schema.ts";
import { SIGNALS } from "../otlp/signal.ts";

export interface LedgerSample {
  /** By this machine's clock. */
  atMs: number;
  account: Account;
}

export interface Follower {
  /** So far, the oldest first. Grows. */
  readonly samples: readonly LedgerSample[];
  /** The last one's account. Throws before the first. */
  latest(): Account;
  stop(): void;
}

const ASK_MS = 500;
/** A fleet that is behind sends more afterwards: what is counted then says nothing about its rate. */
const BEHIND_MS = 25;

/** Ask for the account twice a second, until it is closed or this is stopped. A service that does not answer now is asked again. */
export function followLedger(url: string): Follower {
  const samples: LedgerSample[] = [];
  const abort = new AbortController();
  void (async () => {
    while (!abort.signal.aborted) {
      const account = await accountAt(url);
      if (account) samples.push({ atMs: Date.now(), account });
      if (account?.state === "ended") return;
      await new Promise((resolve) => setTimeout(resolve, ASK_MS));
    }
  })();
  return {
    samples,
    latest() {
      const last = samples.at(-1);
      if (!last) throw new Error("the ledger has told nothing yet");
      return last.account;
    },
    stop: () => abort.abort(),
  };
}

async function accountAt(url: string): Promise<Account | undefined> {
  try {
    const response = await fetch(new URL("/api/ledger", url), { signal: AbortSignal.timeout(5000) });
    return (await response.json()) as Account;
  } catch {
    return undefined;
  }
}

/**
 * Events a second that each collector took, by its own readings, between the first and the last of the samples in which no replica was
 * behind. None where there are no two.
 */
export function ratesOf(
  samples: readonly LedgerSample[],
  fromMs: number,
  untilMs = Number.POSITIVE_INFINITY,
): number[] {
  const calm = samples.filter(
    ({ atMs, account }) => atMs >= fromMs && atMs < untilMs && account.lagMs < BEHIND_MS,
  );
  const [first, last] = [calm.at(0), calm.at(-1)];
  if (!first || !last) return [];
  const before = new Map(first.account.collectorRows.map((row) => [row.address, row]));
  return last.account.collectorRows.flatMap((row) => {
    const since = before.get(row.address);
    const ms = since ? Date.parse(row.readAt) - Date.parse(since.readAt) : 0;
    // One that is not there has no other reading.
    return ms === 0 ? [] : [((acceptedBy(row) - acceptedBy(since!)) / ms) * 1000];
  });
}

/** Items of all signals. */
function acceptedBy({ signals }: Account["collectorRows"][number]): number {
  return SIGNALS.reduce((sum, signal) => sum + (signals[signal]?.accepted ?? 0), 0);
}
