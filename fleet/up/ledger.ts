/** The ledger of a fleet: started before the replicas, started again when it dies, and asked for its account when they have ended. */
import { readFileSync } from "node:fs";
import type { Account } from "../../ledger/account-schema.ts";
import { untilHealthy } from "../local-collectors/until-healthy.ts";
import { accountPath, type FleetPlan, type LedgerPlace, ledgerProcess, type PlannedProcess } from "./plan.ts";
import { describeEnd, type RunningProcess } from "./process.ts";

const START_MS = 30_000;
/** One that dies more often does not live long enough to be of use. */
const MAX_RESTARTS = 3;

/** What the fleet does for its ledger. */
export interface LedgerKeeper {
  /** Start a process as one of the fleet; onLine sees what it says before others do, and returns whether it is for others too. */
  start(planned: PlannedProcess, onLine: (line: string) => boolean): RunningProcess;
  note(text: string): void;
  /** It has died for good; `death` says how. */
  onDeath(death: string): void;
}

export interface FleetLedger {
  /** http://host:port */
  readonly url: string;
  /** What its control wants to hear. */
  readonly token: string;
  /** Close the account: replicas have ended. Resolves with it, or undefined where the ledger has died for good. */
  close(): Promise<Account | undefined>;
  /** It is not to be started again. */
  abandon(): void;
}

/**
 * Start it; resolves when replicas may begin. Rejects with one line when it does not start.
 *
 * place  where it listens (a free port), what it reads
 */
export async function startFleetLedger(
  plan: FleetPlan,
  place: LedgerPlace,
  keeper: LedgerKeeper,
  signal: AbortSignal,
): Promise<FleetLedger> {
  let isWanted = true;
  let isClosing = false;
  let restarts = 0;
  const over = Promise.withResolvers<void>();
  let current = start(place);
  const { address, token } = await current.listening;
  const url = `http://${address}`;
  const ready = current.process.ended.then(({ how }) => how);
  await untilHealthy(`${url}/healthz`, ready, signal);
  watch();

  function start(where: LedgerPlace) {
    const listening = Promise.withResolvers<{ address: string; token: string }>();
    const process = keeper.start(ledgerProcess(plan, where), (line) => {
      const found = /ledger on http:\/\/(\S+), control token ([\w-]+)/.exec(line);
      if (found) listening.resolve({ address: found[1]!, token: found[2]! });
      const page = /console on (http:[^\s"]+)/.exec(line);
      // Once: one that is started again has it where it was.
      if (page && restarts === 0) keeper.note(`console: ${page[1]}`);
      return !found && !page;
    });
    const late = setTimeout(
      () => listening.reject(new Error(`did not listen within ${START_MS / 1000} s`)),
      START_MS,
    );
    void process.ended.then((end) => listening.reject(new Error(describeEnd(end))));
    listening.promise.catch(() => {}).finally(() => clearTimeout(late));
    return { process, listening: listening.promise };
  }

  /** When it ends: with its account, or to be started again where it was. */
  function watch(): void {
    void current.process.ended.then((end) => {
      // One that has left its account has done its work, however it ended.
      const isDone = end.code === 0 || end.code === 1 || readAccount(accountPath(place)) !== undefined;
      if (isDone || !isWanted) return over.resolve();
      const death = describeEnd(end);
      if (restarts++ === MAX_RESTARTS) {
        keeper.onDeath(death);
        return over.resolve();
      }
      keeper.note(`${death}; started again, it goes on with its account`);
      current = start({ ...place, listen: address });
      current.listening.then(() => isClosing && current.process.send("SIGTERM")).catch(() => {});
      watch();
    });
  }

  return {
    url,
    token,
    async close() {
      isClosing = true;
      current.process.send("SIGTERM");
      await over.promise;
      return readAccount(accountPath(place));
    },
    abandon() {
      isWanted = false;
    },
  };
}

function readAccount(path: string): Account | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Account;
  } catch {
    return undefined;
  }
}
