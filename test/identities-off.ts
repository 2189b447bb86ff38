/** What must hold in an account of a run, as far as a test can ask for it. */
import type { Account, Identity } from "../ledger/account-schema.ts";

/**
 * Identities that do not hold, besides one that need not: log records have no ids, so two that are alike look to a sink as one that came
 * twice, and of logs it may count fewer than were sent on.
 */
export const identitiesOff = ({ identities }: Account): Identity[] =>
  identities.filter(
    ({ name, signal, state }) => state !== "holds" && !(name === "received" && signal === "logs"),
  );
