/**
 * Databases behind the services, and the statements that are sent to them.
 */

export interface DatabaseSystem {
  /** `db.system.name`. */
  readonly name: "postgresql" | "mysql" | "mongodb" | "redis";
  readonly port: number;
  /** What it answers when a statement fails: `db.response.status_code`, exception type and message. */
  readonly failure: { readonly code: string; readonly type: string; readonly message: string };
  /** Statements about a table (or collection, or kind of key). */
  readonly statements: (table: string) => readonly Statement[];
}

export interface Statement {
  /** `db.operation.name`. */
  readonly operation: string;
  /** `db.query.text`, without literals. */
  readonly text: string;
  /** Whether it gives rows back. */
  readonly reads: boolean;
}

function sql(placeholder: (ordinal: number) => string): DatabaseSystem["statements"] {
  return (table) => [
    {
      operation: "SELECT",
      text: `SELECT id, status, created_at, updated_at FROM ${table} WHERE id = ${placeholder(1)}`,
      reads: true,
    },
    {
      operation: "SELECT",
      text: `SELECT id, status FROM ${table} WHERE owner_id = ${placeholder(1)} ORDER BY created_at DESC LIMIT ${placeholder(2)}`,
      reads: true,
    },
    {
      operation: "INSERT",
      text: `INSERT INTO ${table} (id, owner_id, status, created_at) VALUES (${placeholder(1)}, ${placeholder(2)}, ${placeholder(3)}, now())`,
      reads: false,
    },
    {
      operation: "UPDATE",
      text: `UPDATE ${table} SET status = ${placeholder(1)}, updated_at = now() WHERE id = ${placeholder(2)}`,
      reads: false,
    },
  ];
}

export const POSTGRESQL: DatabaseSystem = {
  name: "postgresql",
  port: 5432,
  failure: { code: "57014", type: "57014", message: "canceling statement due to statement timeout" },
  statements: sql((ordinal) => `$${ordinal}`),
};

export const MYSQL: DatabaseSystem = {
  name: "mysql",
  port: 3306,
  failure: { code: "1205", type: "1205", message: "Lock wait timeout exceeded; try restarting transaction" },
  statements: sql(() => "?"),
};

export const MONGODB: DatabaseSystem = {
  name: "mongodb",
  port: 27017,
  failure: { code: "50", type: "50", message: "operation exceeded time limit" },
  statements: (table) => [
    { operation: "find", text: `{"find": "${table}", "filter": {"_id": "?"}, "limit": "?"}`, reads: true },
    {
      operation: "aggregate",
      text: `{"aggregate": "${table}", "pipeline": [{"$match": {"owner_id": "?"}}, {"$sort": "?"}]}`,
      reads: true,
    },
    {
      operation: "update",
      text: `{"update": "${table}", "updates": [{"q": {"_id": "?"}, "u": {"$set": {"status": "?"}}}]}`,
      reads: false,
    },
  ],
};

/** The cache beside the database. */
export const REDIS: DatabaseSystem = {
  name: "redis",
  port: 6379,
  failure: { code: "LOADING", type: "LOADING", message: "LOADING Redis is loading the dataset in memory" },
  statements: () => [
    { operation: "GET", text: "GET ?", reads: true },
    { operation: "SETEX", text: "SETEX ? ? ?", reads: false },
    { operation: "HGETALL", text: "HGETALL ?", reads: true },
  ],
};

/** Databases in the order in which services take them. */
export const DATABASES: readonly DatabaseSystem[] = [POSTGRESQL, MYSQL, MONGODB];
