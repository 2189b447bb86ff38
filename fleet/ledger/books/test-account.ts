/** Accounts for tests: of replicas alone, by the statements that they made last. */
import type { Account } from "../../../ledger/account-schema.ts";
import type { Statement } from "../../../ledger/statement-schema.ts";
import { makeAccount } from "./account.ts";
import { ReplicaBook } from "./replica-book.ts";
import { replicasAlone } from "./replicas-alone.ts";

/** The account when each has just spoken; isFinal: it is closed. */
export function accountOf(statements: readonly Statement[], isFinal: boolean): Account {
  const replicas = new ReplicaBook();
  for (const statement of statements) replicas.take(statement, 0);
  const expected = statements.length;
  return makeAccount(replicasAlone({ release: "0", startedAtMs: 0, expected, replicas, isFinal }), 0);
}
