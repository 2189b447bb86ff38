/** Spans of database clients: name, summary, statement, operation and table fit each other, and no values show. */
import { textOf } from "./attributes.ts";
import type { Semconv } from "./data-rules.ts";
import type { Span } from "./requests.ts";
import type { SpanFacts } from "./span-facts.ts";
import type { Report } from "./violations.ts";

const SQL = new Set([
  "postgresql",
  "mysql",
  "mariadb",
  "microsoft.sql_server",
  "mssql",
  "sqlite",
  "oracle.db",
  "oracle",
  "cockroachdb",
  "clickhouse",
  "cassandra",
]);
const MAX_SUMMARY = 255;
/** Statements that begin with something else than what they do. */
const PREAMBLE = /^\s*(?:with|explain|\/\*|begin|exec|execute|call)\b/i;

/** Check one span. */
export function checkDatabase(span: Span, { attributes }: SpanFacts, semconv: Semconv, report: Report): void {
  const text = (...keys: string[]) => textOf(attributes, ...keys);
  const summary = text("db.query.summary");
  const operation = text("db.operation.name", "db.operation");
  const collection = text(
    "db.collection.name",
    "db.sql.table",
    "db.mongodb.collection",
    "db.cassandra.table",
  );
  const statement = text("db.query.text", "db.statement");
  const system = text("db.system.name", "db.system");
  if (semconv !== "old") {
    const target = [
      collection,
      text("db.stored_procedure.name"),
      text("db.namespace"),
      `${text("server.address")}:${text("server.port")}`,
    ];
    const named = target.find((one) => one !== "")!;
    const name = summary || (operation ? `${operation} ${named}` : named) || system;
    if (span.name !== name) report("a database span's name is not its summary", `${span.name}, not ${name}`);
  }
  if (summary.length > MAX_SUMMARY) report("a summary is too long", summary);
  if (summary !== "" && operation !== "" && !includesWord(summary, operation.replace(/^BATCH /, ""))) {
    report("a summary does not name its operation", `${summary}, ${operation}`);
  }
  if (summary !== "" && collection !== "" && !includesWord(summary, collection)) {
    report("a summary does not name its table", `${summary}, ${collection}`);
  }
  const size = text("db.operation.batch.size");
  if (size !== "" && Number(size) < 2) report("a batch has fewer than two operations", size);
  if (statement !== "") checkStatement({ statement, operation, collection, isSql: SQL.has(system) }, report);
}

interface Statement {
  statement: string;
  operation: string;
  collection: string;
  isSql: boolean;
}

function checkStatement({ statement, operation, collection, isSql }: Statement, report: Report): void {
  const verb = operation.replace(/^BATCH /, "");
  if (isSql && verb !== "" && !PREAMBLE.test(statement)) {
    const first = /^\s*(\w+)/.exec(statement)?.[1] ?? "";
    if (first.toLowerCase() !== verb.split(" ")[0]!.toLowerCase()) {
      report("a statement does not begin with its operation", `${verb}: ${statement.slice(0, 120)}`);
    }
  }
  if (isSql && collection !== "" && !includesWord(statement, collection)) {
    report("a statement does not name its table", `${collection}: ${statement.slice(0, 200)}`);
  }
  // Constants of the program may stand in a statement; ids, addresses and names of customers may not.
  if (/'[^']*(?:\d{3,}|@)[^']*'|[=<>(,]\s*\d{4,}\b/.test(statement)) {
    report("a statement holds values", statement.slice(0, 200));
  }
}

/** Schema and quotes do not count. */
function includesWord(text: string, word: string): boolean {
  const last = word.split(".").at(-1)!;
  return new RegExp(`(?:^|[^\\w-])${RegExp.escape(last)}(?:$|[^\\w-])`, "i").test(text);
}
