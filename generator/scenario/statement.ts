/**
 * What is sent to a database.
 */
import type { Table } from "./domains.ts";

/** What a statement is for; recipes choose by it. */
export type Purpose = "one" | "many" | "count" | "join" | "insert" | "update" | "upsert" | "delete";

/** Whether a statement asks for something and leaves everything as it is. */
export function isReading(purpose: Purpose): boolean {
  return purpose === "one" || purpose === "many" || purpose === "count" || purpose === "join";
}

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
  return {
    purpose,
    operation,
    text,
    summary: `${operation} ${table.name}`,
    table: table.name,
    reads: isReading(purpose),
    ms,
  };
}

/** What statements do with the columns of a table. */
export interface ColumnRoles {
  /** Whose the rows are: lists are asked for by it. */
  readonly owner: string;
  /** When something happened, if a column says so: lists are in its order. */
  readonly time: string | undefined;
  /** What changes. */
  readonly changed: string;
}

/** Which column is what, by their names. */
export function rolesOf({ columns }: Table): ColumnRoles {
  return {
    owner: columns.find((column, place) => place > 0 && column.endsWith("_id")) ?? columns[1]!,
    time: columns.findLast((column) => column.endsWith("_at")),
    changed: columns.find((column) => /^(status|state|quantity|enabled|kind)$/.test(column)) ?? columns[2]!,
  };
}
