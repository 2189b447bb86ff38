/**
 * What databases answer when a statement fails: code and message as the server gives them.
 */
import { isReading, type Purpose } from "./statement.ts";

export interface DatabaseFailure {
  /** `db.response.status_code`. */
  readonly code: string;
  /** {table} and {database} stand for the statement's. */
  readonly message: string;
  readonly kind: "timeout" | "deadlock" | "duplicate" | "connection" | "overload";
  /** Whether only statements that change something meet it. */
  readonly ofWriting?: true;
}

/** What a statement can fail with, and how often, relative to the others: the likeliest first. */
export function databaseFailuresOf(
  system: string,
  purpose: Purpose,
): readonly { readonly failure: DatabaseFailure; readonly weight: number }[] {
  const failures = FAILURES[system]!.filter(
    ({ kind, ofWriting }) =>
      (kind !== "duplicate" || purpose === "insert") && !(ofWriting && isReading(purpose)),
  );
  return failures.map((failure, place) => ({ failure, weight: 2 * (failures.length - place) - 1 }));
}

/** By `db.system.name`, the likeliest first. */
const FAILURES: Readonly<Record<string, readonly DatabaseFailure[]>> = {
  postgresql: [
    { code: "57014", message: "canceling statement due to statement timeout", kind: "timeout" },
    { code: "40P01", message: "deadlock detected", kind: "deadlock" },
    {
      code: "23505",
      message: 'duplicate key value violates unique constraint "{table}_pkey"',
      kind: "duplicate",
    },
    { code: "55P03", message: "canceling statement due to lock timeout", kind: "timeout" },
    { code: "57P01", message: "terminating connection due to administrator command", kind: "connection" },
    { code: "53300", message: "sorry, too many clients already", kind: "overload" },
    {
      code: "40001",
      message: "could not serialize access due to concurrent update",
      kind: "deadlock",
    },
  ],
  mysql: [
    { code: "1205", message: "Lock wait timeout exceeded; try restarting transaction", kind: "timeout" },
    {
      code: "1213",
      message: "Deadlock found when trying to get lock; try restarting transaction",
      kind: "deadlock",
    },
    { code: "1062", message: "Duplicate entry '{id}' for key '{table}.PRIMARY'", kind: "duplicate" },
    {
      code: "3024",
      message: "Query execution was interrupted, maximum statement execution time exceeded",
      kind: "timeout",
    },
    { code: "2013", message: "Lost connection to MySQL server during query", kind: "connection" },
    { code: "1040", message: "Too many connections", kind: "overload" },
  ],
  "microsoft.sql_server": [
    {
      code: "-2",
      message:
        "Execution Timeout Expired.  The timeout period elapsed prior to completion of the operation or the server is not responding.",
      kind: "timeout",
    },
    {
      code: "1205",
      message:
        "Transaction (Process ID {n}) was deadlocked on lock resources with another process and has been chosen as the deadlock victim. Rerun the transaction.",
      kind: "deadlock",
    },
    {
      code: "2627",
      message:
        "Violation of PRIMARY KEY constraint 'PK_{table}'. Cannot insert duplicate key in object 'dbo.{table}'. The duplicate key value is ({id}).",
      kind: "duplicate",
    },
    {
      code: "10054",
      message:
        "A transport-level error has occurred when receiving results from the server. (provider: TCP Provider, error: 0 - Connection reset by peer)",
      kind: "connection",
    },
  ],
  mongodb: [
    { code: "50", message: "operation exceeded time limit", kind: "timeout" },
    {
      code: "11000",
      message:
        'E11000 duplicate key error collection: {database}.{table} index: _id_ dup key: { _id: "{id}" }',
      kind: "duplicate",
    },
    { code: "189", message: "Primary stepped down while waiting for replication", kind: "connection" },
    {
      code: "112",
      message: "WriteConflict error: this operation conflicted with another operation.",
      kind: "deadlock",
    },
    { code: "91", message: "The server is in quiesce mode and will shut down", kind: "connection" },
  ],
  elasticsearch: [
    { code: "503", message: "[search_phase_execution_exception] all shards failed", kind: "overload" },
    {
      code: "429",
      message:
        "[es_rejected_execution_exception] rejected execution of coordinating operation [coordinating_and_primary_bytes=107374182]",
      kind: "overload",
    },
    {
      code: "504",
      message: "[process_cluster_event_timeout_exception] failed to process cluster event within 30s",
      kind: "timeout",
    },
    {
      code: "409",
      message:
        "[version_conflict_engine_exception] [{id}]: version conflict, required seqNo [{count}], primary term [{n}]",
      kind: "duplicate",
    },
  ],
  redis: [
    { code: "LOADING", message: "LOADING Redis is loading the dataset in memory", kind: "overload" },
    {
      code: "OOM",
      message: "OOM command not allowed when used memory > 'maxmemory'.",
      kind: "overload",
      ofWriting: true,
    },
    {
      code: "READONLY",
      message: "READONLY You can't write against a read only replica.",
      kind: "connection",
      ofWriting: true,
    },
    { code: "CLUSTERDOWN", message: "CLUSTERDOWN The cluster is down", kind: "connection" },
    {
      code: "MISCONF",
      message:
        "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.",
      kind: "overload",
      ofWriting: true,
    },
  ],
};
