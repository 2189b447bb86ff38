/**
 * What is sent to a database.
 */
import type { Table } from "./domains.ts";

/** What a statement is for; recipes choose by it. */
export type Purpose = "one" | "many" | "count" | "join" | "insert" | "update" | "upsert" | "delete";

export interface Statement {
  readonly purpose: Purpose;
  /** `db.operation.name`. */
  readonly operation: string;
  /** `db.query.text`, without literals. */
  readonly text: string;
  /** `db.query.summary`. */
  readonly summary: string;
  readonly table: string;
  /** Whether it gives rows back. */
  readonly reads: boolean;
  /** Usual latency in ms. */
  readonly ms: number;
}

/** A statement on a table; its summary is operation and table. */
export function statement(
  purpose: Purpose,
  operation: string,
  table: Table,
  ms: number,
  text: string,
): Statement {
  const reads = purpose === "one" || purpose === "many" || purpose === "count" || purpose === "join";
  return { purpose, operation, text, summary: `${operation} ${table.name}`, table: table.name, reads, ms };
}
