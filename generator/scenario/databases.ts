/**
 * Databases behind the services, and the statements that are sent to them.
 */
import type { Domain, Table } from "./domains.ts";

export interface DatabaseSystem {
  /** `db.system.name`. */
  readonly name: "postgresql" | "mysql" | "microsoft.sql_server" | "mongodb" | "elasticsearch" | "redis";
  readonly port: number;
  /** What it answers when a statement fails: `db.response.status_code`, exception type and message. */
  readonly failure: { readonly code: string; readonly type: string; readonly message: string };
  /** Statements on the tables (or collections, or kinds of keys) of a domain. */
  readonly statements: (domain: Domain) => readonly Statement[];
}

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

/** How a kind of SQL writes what the others write differently. */
interface Dialect {
  readonly placeholder: (ordinal: number) => string;
  readonly now: string;
  readonly limit: (statement: string, placeholder: string) => string;
  readonly upsert: (table: Table, values: string) => string;
}

const POSTGRES_DIALECT: Dialect = {
  placeholder: (ordinal) => `$${ordinal}`,
  now: "now()",
  limit: (statement, placeholder) => `${statement} LIMIT ${placeholder}`,
  upsert: ({ name, columns }, values) =>
    `INSERT INTO ${name} (${columns.join(", ")}) VALUES (${values}) ON CONFLICT (${columns[0]}) DO UPDATE SET ${columns
      .slice(1, 4)
      .map((column) => `${column} = EXCLUDED.${column}`)
      .join(", ")}`,
};

const MYSQL_DIALECT: Dialect = {
  placeholder: () => "?",
  now: "NOW(6)",
  limit: POSTGRES_DIALECT.limit,
  upsert: ({ name, columns }, values) =>
    `INSERT INTO \`${name}\` (${columns.map((column) => `\`${column}\``).join(", ")}) VALUES (${values}) ON DUPLICATE KEY UPDATE ${columns
      .slice(1, 4)
      .map((column) => `\`${column}\` = VALUES(\`${column}\`)`)
      .join(", ")}`,
};

const SQL_SERVER_DIALECT: Dialect = {
  placeholder: (ordinal) => `@p${ordinal - 1}`,
  now: "SYSUTCDATETIME()",
  limit: (statement, placeholder) => statement.replace("SELECT", `SELECT TOP(${placeholder})`),
  upsert: ({ name, columns }, values) =>
    `MERGE INTO ${name} AS t USING (VALUES (${values})) AS s (${columns.join(", ")}) ON t.${columns[0]} = s.${columns[0]} WHEN MATCHED THEN UPDATE SET ${columns
      .slice(1, 4)
      .map((column) => `t.${column} = s.${column}`)
      .join(
        ", ",
      )} WHEN NOT MATCHED THEN INSERT (${columns.join(", ")}) VALUES (${columns.map((column) => `s.${column}`).join(", ")});`,
};

/** The statements of a domain in a kind of SQL: four or so for each table, and one that joins two. */
function sql(dialect: Dialect): DatabaseSystem["statements"] {
  return ({ tables }) => [
    ...tables.flatMap((table, nth) => onTable(dialect, table, nth)),
    ...joins(dialect, tables),
  ];
}

function onTable(dialect: Dialect, table: Table, nth: number): Statement[] {
  const { placeholder: p, now } = dialect;
  const { name, columns } = table;
  const key = columns[0]!;
  const owner = columns.find((column, place) => place > 0 && column.endsWith("_id")) ?? key;
  const time = columns.findLast((column) => column.endsWith("_at"));
  const changed =
    columns.find((column) => /^(status|state|quantity|enabled|kind)$/.test(column)) ?? columns[2]!;
  const values = columns.map((column, place) => (column === time ? now : p(place + 1))).join(", ");
  const touched = time?.startsWith("updated") ? `, ${time} = ${now}` : "";
  const order = time ? ` ORDER BY ${time} DESC` : "";
  const list = dialect.limit(
    `SELECT ${columns.slice(0, 6).join(", ")} FROM ${name} WHERE ${owner} = ${p(1)}${order}`,
    p(2),
  );
  return [
    statement(
      "one",
      "SELECT",
      table,
      1.4,
      `SELECT ${columns.join(", ")} FROM ${name} WHERE ${key} = ${p(1)}`,
    ),
    statement("many", "SELECT", table, 5.5, list),
    ...(nth === 0
      ? [
          statement(
            "count",
            "SELECT",
            table,
            3.8,
            `SELECT COUNT(*) FROM ${name} WHERE ${changed} = ${p(1)}${time ? ` AND ${time} >= ${p(2)}` : ""}`,
          ),
        ]
      : []),
    statement(
      "insert",
      "INSERT",
      table,
      3.1,
      `INSERT INTO ${name} (${columns.join(", ")}) VALUES (${values})`,
    ),
    statement(
      "update",
      "UPDATE",
      table,
      2.9,
      `UPDATE ${name} SET ${changed} = ${p(1)}${touched} WHERE ${key} = ${p(2)}`,
    ),
    ...(nth === 1
      ? [
          statement(
            "upsert",
            dialect === SQL_SERVER_DIALECT ? "MERGE" : "INSERT",
            table,
            4.2,
            dialect.upsert(table, values),
          ),
        ]
      : [statement("delete", "DELETE", table, 2.4, `DELETE FROM ${name} WHERE ${key} = ${p(1)}`)]),
  ];
}

/** The first table with one that refers to it. */
function joins({ placeholder: p }: Dialect, tables: readonly Table[]): Statement[] {
  const [first, second] = tables;
  if (!first || !second) return [];
  const link = second.columns.find((column) => column.endsWith("_id")) ?? second.columns[0]!;
  const shown = second.columns.filter((column) => !column.endsWith("_id") && column !== "id").slice(0, 3);
  const text =
    `SELECT a.${first.columns[0]}, ${shown.map((column) => `b.${column}`).join(", ")} ` +
    `FROM ${first.name} a JOIN ${second.name} b ON b.${link} = a.${first.columns[0]} WHERE a.${first.columns[0]} = ${p(1)}`;
  return [
    { ...statement("join", "SELECT", first, 7.5, text), summary: `SELECT ${first.name} ${second.name}` },
  ];
}

function statement(purpose: Purpose, operation: string, table: Table, ms: number, text: string): Statement {
  const reads = purpose === "one" || purpose === "many" || purpose === "count" || purpose === "join";
  return { purpose, operation, text, summary: `${operation} ${table.name}`, table: table.name, reads, ms };
}

export const POSTGRESQL: DatabaseSystem = {
  name: "postgresql",
  port: 5432,
  failure: { code: "57014", type: "57014", message: "canceling statement due to statement timeout" },
  statements: sql(POSTGRES_DIALECT),
};

export const MYSQL: DatabaseSystem = {
  name: "mysql",
  port: 3306,
  failure: { code: "1205", type: "1205", message: "Lock wait timeout exceeded; try restarting transaction" },
  statements: sql(MYSQL_DIALECT),
};

export const SQL_SERVER: DatabaseSystem = {
  name: "microsoft.sql_server",
  port: 1433,
  failure: { code: "1205", type: "1205", message: "Transaction was deadlocked on lock resources" },
  statements: sql(SQL_SERVER_DIALECT),
};

export const MONGODB: DatabaseSystem = {
  name: "mongodb",
  port: 27017,
  failure: { code: "50", type: "50", message: "operation exceeded time limit" },
  statements: ({ tables }) =>
    tables.flatMap((table, nth) => {
      const { name, columns } = table;
      const owner = columns.find((column, place) => place > 0 && column.endsWith("_id")) ?? columns[1]!;
      const time = columns.findLast((column) => column.endsWith("_at")) ?? columns[2]!;
      const changed =
        columns.find((column) => /^(status|state|quantity|enabled|kind)$/.test(column)) ?? columns[2]!;
      return [
        statement(
          "one",
          "find",
          table,
          1.2,
          `{"find": "${name}", "filter": {"_id": "?"}, "limit": "?", "singleBatch": true}`,
        ),
        statement(
          "many",
          "find",
          table,
          4.8,
          `{"find": "${name}", "filter": {"${owner}": "?"}, "sort": {"${time}": "?"}, "limit": "?"}`,
        ),
        ...(nth === 0
          ? [
              statement(
                "count",
                "aggregate",
                table,
                6.4,
                `{"aggregate": "${name}", "pipeline": [{"$match": {"${changed}": "?"}}, {"$group": {"_id": "?", "n": {"$sum": "?"}}}], "cursor": {}}`,
              ),
            ]
          : []),
        statement(
          "insert",
          "insert",
          table,
          2.2,
          `{"insert": "${name}", "ordered": true, "documents": ["?"]}`,
        ),
        statement(
          "update",
          "update",
          table,
          2.6,
          `{"update": "${name}", "updates": [{"q": {"_id": "?"}, "u": {"$set": {"${changed}": "?", "${time}": "?"}}}]}`,
        ),
        nth === 1
          ? statement(
              "upsert",
              "findAndModify",
              table,
              3.3,
              `{"findAndModify": "${name}", "query": {"${owner}": "?"}, "update": {"$set": {"${changed}": "?"}}, "upsert": true, "new": true}`,
            )
          : statement(
              "delete",
              "delete",
              table,
              2.1,
              `{"delete": "${name}", "deletes": [{"q": {"_id": "?"}, "limit": "?"}]}`,
            ),
      ];
    }),
};

export const ELASTICSEARCH: DatabaseSystem = {
  name: "elasticsearch",
  port: 9200,
  failure: { code: "503", type: "503", message: "all shards failed" },
  statements: ({ tables }) =>
    tables.flatMap((table) => {
      const [, second, third] = table.columns;
      return [
        statement("one", "get", table, 1.9, `GET /${table.name}/_doc/?`),
        statement(
          "many",
          "search",
          table,
          14,
          `{"query":{"bool":{"must":[{"match":{"${second}":"?"}}],"filter":[{"term":{"${third}":"?"}}]}},"size":"?","from":"?"}`,
        ),
        statement("count", "count", table, 5.1, `{"query":{"term":{"${third}":"?"}}}`),
        statement("insert", "index", table, 6.3, `{"${second}":"?","${third}":"?"}`),
        statement(
          "update",
          "bulk",
          table,
          18,
          `{"update":{"_index":"${table.name}","_id":"?"}} {"doc":{"${third}":"?"}}`,
        ),
        statement("delete", "delete_by_query", table, 22, `{"query":{"term":{"${second}":"?"}}}`),
      ];
    }),
};

/** The cache beside the database: keys of a domain's things, its lists and its counters. */
export const REDIS: DatabaseSystem = {
  name: "redis",
  port: 6379,
  failure: { code: "LOADING", type: "LOADING", message: "LOADING Redis is loading the dataset in memory" },
  statements: ({ entity, collection }) => {
    const command = (purpose: Purpose, operation: string, text: string, ms: number): Statement => ({
      purpose,
      operation,
      text,
      summary: operation,
      table: entity,
      reads: purpose === "one" || purpose === "many",
      ms,
    });
    return [
      command("one", "GET", `GET ${entity}:?`, 0.35),
      command("many", "MGET", `MGET ${entity}:? ${entity}:? ${entity}:?`, 0.6),
      command("upsert", "SETEX", `SETEX ${entity}:? ? ?`, 0.42),
      command("delete", "DEL", `DEL ${entity}:? ${collection}:list:?`, 0.4),
      command("join", "HGETALL", `HGETALL ${entity}:meta:?`, 0.5),
      command("update", "INCR", `INCR ${collection}:requests:?`, 0.3),
      command("insert", "ZADD", `ZADD ${collection}:recent ? ?`, 0.45),
      command("count", "ZCARD", `ZCARD ${collection}:recent`, 0.28),
    ];
  },
};
