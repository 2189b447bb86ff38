/**
 * Statements in SQL: for each table what programs do with it, in three dialects.
 */
import type { Domain, Table } from "./domains.ts";
import { rolesOf, type Statement, statement } from "./statement.ts";

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
function sql(dialect: Dialect): (domain: Domain) => readonly Statement[] {
  return ({ tables }) => [
    ...tables.flatMap((table, nth) => onTable(dialect, table, nth)),
    ...joins(dialect, tables),
  ];
}

function onTable(dialect: Dialect, table: Table, nth: number): Statement[] {
  const { placeholder: p, now } = dialect;
  const { name, columns } = table;
  const key = columns[0]!;
  const { owner, time, changed } = rolesOf(table);
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

export const postgresStatements = sql(POSTGRES_DIALECT);
export const mysqlStatements = sql(MYSQL_DIALECT);
export const sqlServerStatements = sql(SQL_SERVER_DIALECT);
