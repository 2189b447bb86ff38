/**
 * What is wrong with a config file: one problem is one line, a ConfigError holds all of a file.
 */

/** One thing wrong, with its place. */
export interface Problem {
  /** The file as the user named it. */
  file: string;
  /** Line and column, from 1; absent where the file as a whole is meant. */
  line?: number;
  column?: number;
  /** Keys from the top, joined by dots: `sending.rate_limit`; empty where the file as a whole is meant. */
  path: string;
  /** What is wrong, what was found, what to do. Never holds a secret. */
  message: string;
}

/** A config that cannot be used. `message` is every problem, one a line, in the order of the file. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly code = "bad_config";
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const sorted = problems.toSorted(
      (a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
    );
    super(sorted.map(formatProblem).join("\n"));
    this.problems = sorted;
  }
}

/** `load.yaml:14:3 sending.concurrency: must be a whole number of 1 or more, got 0`. */
export function formatProblem({ file, line, column, path, message }: Problem): string {
  const place = line === undefined ? file : `${file}:${line}:${column ?? 1}`;
  return path === "" ? `${place}: ${message}` : `${place} ${path}: ${message}`;
}

/** `a.b[2].c` for `["a", "b", 2, "c"]`. */
export function formatPath(path: readonly PropertyKey[]): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else text += text === "" ? String(step) : `.${String(step)}`;
  }
  return text;
}
