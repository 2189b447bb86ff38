/** Accounts for tests: of replicas alone, by the statements that they made last. */
import type { Account } from "../../ledger/account-schema.ts";
import type { Statement } from "../../ledger/statement-schema.ts";
import { makeAccount } from "./account.ts";
import { CollectorBook } from "./collector-book.ts";
import { UNCONTROLLED } from "./control.ts";
import { ReplicaBook } from "./replica-book.ts";
import { SinkBook } from "./sink-book.ts";

/** The account when each has just spoken; isFinal: it is closed. */
export function accountOf(statements: readonly Statement[], isFinal: boolean): Account {
  const replicas = new ReplicaBook();
  for (const statement of statements) replicas.take(statement, 0);
  return makeAccount(
    {
      release: "0",
      startedAtMs: 0,
      expected: statements.length,
      replicas,
      collectorNames: [],
      collectors: new CollectorBook(),
      hasSink: false,
      sinks: new SinkBook(),
      control: UNCONTROLLED,
      config: null,
      notes: [],
      isFinal,
    },
    0,
  );
}
