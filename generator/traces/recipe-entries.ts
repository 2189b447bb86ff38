/**
 * What entries of a recipe are about: the same request, the same thing, or anything else that the service keeps.
 */
import type { DatabaseCall, Work } from "../scenario/services.ts";
import type { WalkedSpan } from "./walked-span.ts";

/** Spans a request in a large trace has at most: below, all that happens is about one user. */
const REQUEST_SPANS = 250;

/** The word of what happens below a span: in a large trace, each request of a usual size has a user of its own. */
export function contextOf(parent: WalkedSpan, child: WalkedSpan): number {
  return parent.budget > REQUEST_SPANS && child.budget <= REQUEST_SPANS ? child.word : parent.context;
}

/** A statement of the span's recipe, or of its service where the recipe has none; none where that has none either. */
export function statementOf(span: WalkedSpan): DatabaseCall | undefined {
  const { databaseCalls } = span.instance.service;
  return (
    callOf(span, isStatement) ??
    databaseCalls.find(({ statement }) => statement.purpose === "many") ??
    databaseCalls[0]
  );
}

/** One of the recipe's calls to databases that fit. */
function callOf({ work, word }: WalkedSpan, fits: (call: DatabaseCall) => boolean): DatabaseCall | undefined {
  const from = word % work.length;
  for (let nth = 0; nth < work.length; nth++) {
    const entry = work[(from + nth) % work.length]!;
    if (entry.kind === "database" && fits(entry.call)) return entry.call;
  }
  return undefined;
}

/** Whether a database is asked, not just a cache. */
function isStatement({ system }: DatabaseCall): boolean {
  return system.name !== "redis";
}

/** Whether an entry is a statement that may be sent again and again. */
export function isRepeatableStatement(entry: Work): boolean {
  return entry.kind === "database" && isStatement(entry.call) && isRepeatable(entry.call);
}

/**
 * Whether a request may send a statement again and again: it looks things up one by one, or writes what belongs to its
 * thing, such as the lines of an order. The thing itself is written once.
 */
export function isRepeatable({ system, statement, table, service }: DatabaseCall): boolean {
  const { purpose, reads } = statement;
  if (table === service.domain.tables[0]!.name || system.name === "redis") return reads && purpose === "one";
  return purpose !== "count";
}

/** Whether a request may do what an entry says again and again. Events are published once, changes asked for once. */
export function isRepeatableEntry(entry: Work): boolean {
  if (entry.kind === "database") return isRepeatable(entry.call);
  return entry.kind === "call" && entry.operation.endpoint.reads;
}

/** A statement that the span may send in a loop: of its recipe, or else of its service; none where that has none. */
export function loopedStatementOf(span: WalkedSpan): DatabaseCall | undefined {
  return (
    callOf(span, isRepeatable) ??
    span.instance.service.databaseCalls.find((call) => call.statement.purpose === "one" && isRepeatable(call))
  );
}

/** Whether an entry is about the thing that the span is about: then its id is the same. */
export function isAbout({ operation, instance }: WalkedSpan, entry: Work): boolean {
  if (entry.kind === "database") return false;
  const domain = operation?.domain ?? instance.service.domain;
  return domain === (entry.kind === "call" ? entry.operation.domain : instance.service.domain);
}
