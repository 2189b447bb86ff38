/**
 * A config file to a checked value: read, expand, validate, and report every problem of the file in one pass.
 */
import type { z } from "zod";
import { type ConfigDocument, type Environment, parseConfigText, readDocument } from "./document.ts";
import { explain } from "./explain.ts";
import { ConfigError, formatProblem } from "./problem.ts";
import { dropRetired } from "./retired.ts";

/** A config that holds, with its defaults filled in. */
export interface Loaded<T> {
  value: T;
  /** Lines for the user on what was accepted without effect; each with its place. */
  notes: string[];
}

/**
 * Load a YAML file by a zod schema.
 *
 * path    the file; named in every problem as given here
 * schema  strict objects, so that unknown keys are problems
 * env     where `${NAME}` is looked up
 * Throws ConfigError with every problem of the file.
 */
export function loadConfig<S extends z.ZodType>(
  path: string,
  schema: S,
  env: Environment = process.env,
): Loaded<z.output<S>> {
  return validateDocument(readDocument(path, env), schema);
}

/** As loadConfig, for a text that is no file; `name` stands for it in problems. */
export function parseConfig<S extends z.ZodType>(
  text: string,
  name: string,
  schema: S,
  env: Environment = process.env,
): Loaded<z.output<S>> {
  return validateDocument(parseConfigText(text, name, env), schema);
}

/** Validate a document that was read before. Throws ConfigError; may change `document.value`. */
export function validateDocument<S extends z.ZodType>(
  document: ConfigDocument,
  schema: S,
): Loaded<z.output<S>> {
  const { notes, problems: retired } = dropRetired(document, schema);
  let result = schema.safeParse(document.value);
  if (!result.success && retype(document, result.error.issues)) result = schema.safeParse(document.value);
  const problems = [...document.problems, ...retired];
  if (!result.success) {
    // What could not be expanded has its problem already; that it is also missing is no news.
    const unexpanded = new Set(document.problems.map((problem) => problem.path));
    problems.push(
      ...explain(document, schema, result.error.issues).filter(({ path }) => !unexpanded.has(path)),
    );
  }
  if (result.success && problems.length === 0) return { value: result.data, notes: notes.map(formatProblem) };
  throw new ConfigError(problems);
}

/** The issues at the leaves: those of a union's branches in place of the union's own. */
function leaves(
  issues: readonly z.core.$ZodIssue[],
  base: readonly PropertyKey[] = [],
): { path: PropertyKey[]; expected: string }[] {
  return issues.flatMap((issue) => {
    const path = [...base, ...issue.path];
    if (issue.code === "invalid_union") return issue.errors.flatMap((branch) => leaves(branch, path));
    return issue.code === "invalid_type" ? [{ path, expected: issue.expected }] : [];
  });
}

/**
 * Give scalars the type that the schema asks for where their text reads as that type: `"${RATE}"` can be a number though the
 * environment holds texts only, and a header value `0123` is the text as written. Returns whether anything changed.
 */
function retype(document: ConfigDocument, issues: readonly z.core.$ZodIssue[]): boolean {
  let changed = false;
  for (const { path, expected } of leaves(issues)) {
    const written = document.written(path);
    if (!written) continue;
    let value: unknown;
    const text = written.expanded?.trim();
    if (expected === "string" && !written.quoted && written.expanded === undefined) {
      if (/^[-+.\d]/.test(written.source)) value = written.source;
    } else if (expected === "boolean" && (text === "true" || text === "false")) {
      value = text === "true";
    } else if (
      (expected === "number" || expected === "int") &&
      text &&
      /^[-+]?[\d_]+(\.\d+)?(e[-+]?\d+)?$/i.test(text)
    ) {
      value = Number(text.replaceAll("_", ""));
    }
    if (value === undefined) continue;
    changed = assign(document.value, path, value) || changed;
  }
  return changed;
}

function assign(root: unknown, path: readonly PropertyKey[], value: unknown): boolean {
  const last = path.at(-1);
  if (last === undefined) return false;
  let holder = root as Record<PropertyKey, unknown> | undefined;
  for (const step of path.slice(0, -1)) holder = holder?.[step] as typeof holder;
  if (typeof holder !== "object" || holder === null || !Object.hasOwn(holder, last)) return false;
  holder[last] = value;
  return true;
}
