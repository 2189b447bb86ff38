/**
 * A YAML file as plain values that remember where they stand. Bounded in size, depth and aliases; no custom tags.
 */
import {
  isCollection,
  isMap,
  isScalar,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  visit,
  type YAMLError,
} from "yaml";
import { expand } from "./expand.ts";
import { find, pathAt } from "./locate.ts";
import { ConfigError, formatPath, type Problem } from "./problem.ts";
import { readText } from "./text-file.ts";

const MAX_DEPTH = 50;
const MAX_ALIASES = 100;
const UNKNOWN_ALIAS =
  "uses an alias (*name) that no anchor (&name) before it defines; quote a text that begins with *";
const GROUPED_NUMBER = /^[-+]?\d+(_\d+)+(\.\d+)?$/;

/** How a scalar was written. */
export interface Written {
  /** The text of the file, quotes removed. */
  source: string;
  quoted: boolean;
  /** Present where `source` holds `${NAME}`: what became of it. May be a secret. */
  expanded?: string;
}

/** A parsed file. */
export interface ConfigDocument {
  file: string;
  /** Maps as objects, sequences as arrays; owned by the caller. */
  value: unknown;
  /** Problems that did not keep the rest of the file from being read. */
  problems: Problem[];
  /** Position of the value at `path`, or of its key; where the path ends early, of the last step that is there. */
  positionOf(path: readonly PropertyKey[], of: "key" | "value"): { line: number; column: number };
  /** How the scalar at `path` was written; undefined when there is none. */
  written(path: readonly PropertyKey[]): Written | undefined;
  /** Every text that came out of an expansion, with its source. */
  expansions: readonly Written[];
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Read and parse a file. Throws ConfigError when it cannot be read, is too large, or is not YAML. */
export function readDocument(file: string, env: Environment = process.env): ConfigDocument {
  return parseConfigText(readText(file), file, env);
}

/** Parse the text of a config; `file` is its name in problems. Throws ConfigError when it is not a YAML mapping. */
export function parseConfigText(text: string, file: string, env: Environment): ConfigDocument {
  const lines = new LineCounter();
  const document = parse(text, lines, file);
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const problems: Problem[] = [];
  const fatal: Problem[] = [];
  for (const error of [...document.errors, ...document.warnings]) {
    const path = formatPath(pathAt(document.contents, error.pos[0]));
    const problem = { file, ...at(error.pos[0]), path, message: syntaxMessage(error, text) };
    (error.code === "DUPLICATE_KEY" || error.code === "TAG_RESOLVE_FAILED" ? problems : fatal).push(problem);
  }
  // After a syntax error the parser guesses, and what it guesses would be reported as more problems: the first of a line will do.
  if (fatal.length > 0) {
    const firsts = fatal.filter(
      (problem, index) => fatal.findIndex(({ line }) => line === problem.line) === index,
    );
    throw new ConfigError([...firsts.slice(0, 5), ...problems]);
  }

  let [aliases, lastAlias] = [0, 0];
  const writtenOf = new Map<Scalar, Written>();
  visit(document, {
    Pair(_, pair) {
      if (isCollection(pair.key)) {
        fatal.push({
          file,
          ...at(pair.key.range?.[0] ?? 0),
          path: "",
          message: "a key must be one word, found a list or mapping",
        });
      }
    },
    Alias(_, node) {
      // Finding an anchor costs a walk through the file.
      lastAlias = node.range?.[0] ?? 0;
      if (++aliases > MAX_ALIASES) throw tooManyAliases(file, at(lastAlias));
      if (node.resolve(document)) return;
      const offset = node.range?.[0] ?? 0;
      fatal.push({
        file,
        ...at(offset),
        path: formatPath(pathAt(document.contents, offset)),
        message: UNKNOWN_ALIAS,
      });
    },
    Scalar(role, node) {
      if (role === "key") return;
      const source = node.source ?? String(node.value ?? "");
      const written: Written = { source, quoted: node.type !== "PLAIN" };
      writtenOf.set(node, written);
      if (typeof node.value !== "string") return;
      if (node.type === "PLAIN" && GROUPED_NUMBER.test(node.value)) {
        node.value = Number(node.value.replaceAll("_", ""));
      } else if (node.value.includes("${")) {
        const expansion = expand(node.value, env);
        const offset = node.range?.[0] ?? 0;
        if (!expansion.ok) {
          problems.push({
            file,
            ...at(offset),
            path: formatPath(pathAt(document.contents, offset)),
            message: expansion.message,
          });
          // Keeps a scalar there that no further complaint is made about.
          node.value = undefined;
        } else {
          if (expansion.used) written.expanded = expansion.text;
          node.value = expansion.text;
        }
      }
    },
  });
  if (fatal.length > 0) throw new ConfigError([...fatal, ...problems]);

  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch {
    throw tooManyAliases(file, at(lastAlias));
  }
  if (value === null || value === undefined) {
    throw new ConfigError([{ file, path: "", message: "the file is empty; write at least one key" }]);
  }
  if (typeof value !== "object" || Array.isArray(value)) {
    throw new ConfigError([
      {
        file,
        line: 1,
        column: 1,
        path: "",
        message: `must be a mapping (key: value), got ${Array.isArray(value) ? "a list" : "plain text"}`,
      },
    ]);
  }
  return {
    file,
    value,
    problems,
    positionOf(path, of) {
      const { node, pair } = find(document.contents, path);
      const chosen = of === "key" || !node?.range ? (pair?.key as Node | undefined) : node;
      return at(chosen?.range?.[0] ?? node?.range?.[0] ?? 0);
    },
    written(path) {
      const found = find(document.contents, path);
      return found.complete && isScalar(found.node) ? writtenOf.get(found.node) : undefined;
    },
    expansions: [...writtenOf.values()].filter((written) => written.expanded !== undefined),
  };
}

/** place  of an alias near the one that was too much */
function tooManyAliases(file: string, place: { line: number; column: number }): ConfigError {
  return new ConfigError([
    {
      file,
      ...place,
      path: "",
      message: `aliases (*name) up to here stand for more than ${MAX_ALIASES} values; write the values out`,
    },
  ]);
}

function parse(text: string, lineCounter: LineCounter, file: string) {
  try {
    const document = parseDocument(text, {
      lineCounter,
      prettyErrors: false,
      merge: true,
      uniqueKeys: true,
      logLevel: "error",
    });
    if (depth(document.contents) <= MAX_DEPTH) return document;
  } catch (error) {
    // The parser recurses, so deep enough nesting ends its stack.
    if (!(error instanceof RangeError)) throw error;
  }
  throw new ConfigError([
    { file, path: "", message: `nested more than ${MAX_DEPTH} levels deep; is this a config?` },
  ]);
}

function depth(node: unknown): number {
  if (!isCollection(node)) return 0;
  let deepest = 0;
  for (const item of node.items)
    deepest = Math.max(deepest, depth(isMap(node) ? (item as Pair).value : item));
  return deepest + 1;
}

/** Own words for the parser's errors: its texts quote the file, which may hold a secret. */
function syntaxMessage(error: YAMLError, text: string): string {
  const before = text.slice(text.lastIndexOf("\n", error.pos[0] - 1) + 1, error.pos[0] + 1);
  if (/[{[,][^"']*\$\{?$/.test(before)) return "has ${NAME} inside { } or [ ]; put quotes around it there";
  switch (error.code) {
    case "DUPLICATE_KEY":
      return "is given twice; keep one of them";
    case "TAG_RESOLVE_FAILED":
      return "has a tag (!name); tags are not supported, write the plain value, in quotes if it begins with !";
    case "TAB_AS_INDENT":
      return "is indented with a tab; YAML takes blanks only";
    case "BAD_ALIAS":
      return UNKNOWN_ALIAS;
    case "BAD_SCALAR_START":
      return "begins with a character that YAML reserves; put the text in quotes";
    case "BAD_INDENT":
      return "is indented wrongly for where it stands, or a bracket is not closed";
    case "BLOCK_AS_IMPLICIT_KEY":
    case "MULTILINE_IMPLICIT_KEY":
      return "has a key behind a key on one line; begin a new line for it, indented, or use { }";
    case "BLOCK_IN_FLOW":
      return "has a line of key: value inside { } or [ ]; put commas between the members";
    case "UNEXPECTED_TOKEN":
    case "BAD_COLLECTION_TYPE":
      return "is not valid YAML from here on; is a bracket or quote missing before it?";
    case "BAD_DQ_ESCAPE":
      return 'has a backslash that means nothing inside "..."; write \\\\ or use single quotes';
    case "MISSING_CHAR":
      return "lacks a colon, quote or bracket, here or before";
    case "MULTIPLE_DOCS":
      return "a second document (---) begins; a config is one document";
    default:
      return `is not valid YAML (${error.code.toLowerCase().replaceAll("_", " ")})`;
  }
}
