/**
 * zod's issues as lines for people: where, what is wrong, what was found, what to do; secrets masked.
 */
import type { z } from "zod";
import type { ConfigDocument } from "./document.ts";
import { expectationAt, knownKeys, type SchemaNode, schemaNode } from "./expectation.ts";
import { nearest } from "./nearest.ts";
import { formatPath, type Problem } from "./problem.ts";

const SECRET_KEY = /^headers$|secret|passw|token|api_?key|credential/i;
const LONGEST_SHOWN = 60;

/** One problem per broken rule, in the order of the issues. Values from the environment and below secret keys are not shown. */
export function explain(
  document: ConfigDocument,
  schema: z.ZodType,
  issues: readonly z.core.$ZodIssue[],
): Problem[] {
  const root = schemaNode(schema);
  const problems = issues.flatMap((issue) => explainIssue(document, root, issue, []));
  // A value may break two rules of which one line tells.
  return problems.filter((problem, index) => index === problems.findIndex((other) => isSame(problem, other)));
}

function isSame(a: Problem, b: Problem): boolean {
  return a.line === b.line && a.column === b.column && a.path === b.path && a.message === b.message;
}

function explainIssue(
  document: ConfigDocument,
  root: SchemaNode,
  issue: z.core.$ZodIssue,
  base: readonly PropertyKey[],
): Problem[] {
  const { file } = document;
  const path = [...base, ...issue.path];
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      file,
      ...document.positionOf([...path, key], "key"),
      path: formatPath([...path, key]),
      message: unknownKey(key, knownKeys(root, path)),
    }));
  }
  const value = valueAt(document.value, path);
  if (issue.code === "invalid_union") {
    // A mapping can only have been meant for the branch that takes mappings: its problems are the ones to report.
    const meant = issue.errors.filter(
      (branch) => !branch.some((inner) => inner.code === "invalid_type" && inner.path.length === 0),
    );
    if (meant.length === 1) return meant[0]!.flatMap((inner) => explainIssue(document, root, inner, path));
  }
  const missing = value === undefined;
  const place = document.positionOf(path, missing ? "key" : "value");
  return [{ file, ...place, path: formatPath(path), message: message(document, root, issue, path, value) }];
}

function message(
  document: ConfigDocument,
  root: SchemaNode,
  issue: z.core.$ZodIssue,
  path: readonly PropertyKey[],
  value: unknown,
): string {
  const found = shown(document, path, value);
  if (issue.code === "custom") {
    const text = scrub(document, issue.message);
    const complete =
      !text.startsWith("must be") ||
      /\b(got|found) /.test(text) ||
      (typeof value === "object" && value !== null);
    return complete ? text : `${text}, got ${found}`;
  }
  const expected = expectationAt(root, path, value);
  if (value === undefined) return `is missing; it must be ${expected ?? "given"}`;
  if (expected === undefined) return `${scrub(document, issue.message)}, got ${found}`;
  const hint = value === null ? "; leave the key out for its default" : "";
  return `must be ${expected}, got ${found}${hint}`;
}

function unknownKey(key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  if (near) return `unknown key; did you mean ${near}?`;
  return known.length === 0
    ? "unknown key; nothing goes here"
    : `unknown key; known here: ${known.join(", ")}`;
}

/** The value as an error may show it. */
function shown(document: ConfigDocument, path: readonly PropertyKey[], value: unknown): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object") return "a mapping";
  const written = document.written(path);
  if (written?.expanded !== undefined) {
    return `the value of ${written.source}${written.expanded === "" ? ", which is empty" : ""}`;
  }
  if (path.some((step) => SECRET_KEY.test(String(step)))) return "a value that is not shown";
  if (typeof value !== "string") return written?.source ?? String(value);
  const text = JSON.stringify(value);
  return text.length > LONGEST_SHOWN
    ? `${text.slice(0, LONGEST_SHOWN)}..." (${value.length} characters)`
    : text;
}

/** Texts of schema rules may quote values: put the source in place of what came from the environment. */
function scrub(document: ConfigDocument, text: string): string {
  let scrubbed = text;
  for (const { source, expanded } of document.expansions) {
    if (expanded && expanded.length >= 4) scrubbed = scrubbed.replaceAll(expanded, source);
  }
  return scrubbed;
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const step of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[step];
  }
  return value;
}
