/**
 * From what a user wrote into $BACKEND to the backends that are meant, with all that they need at hand.
 */
import { nearest } from "../../config/nearest.ts";
import { BackendError } from "./backend-error.ts";
import { type Backend, listBackends, readBackend } from "./backend-file.ts";

/**
 * The backends of a list such as `honeycomb,jaeger`, in its order.
 *
 * directory  collector-config/
 * env        what their files' variables are looked up in; values are not kept
 *
 * Throws BackendError for a name that has no file or stands there twice, and for variables that are missing or empty.
 */
export function chooseBackends(
  list: string,
  directory: string,
  env: Readonly<Record<string, string | undefined>>,
): Backend[] {
  const known = listBackends(directory);
  const names = list.split(",").map((name) => name.trim());
  for (const [index, name] of names.entries()) {
    checkName(name, known);
    if (names.indexOf(name) !== index)
      throw new BackendError("repeated_backend", `'${name}' is named twice in '${list}'; once is enough`);
  }
  return names.map((name) => {
    const backend = readBackend(directory, name);
    checkVariables(backend, env);
    return backend;
  });
}

/** One backend, whether what it needs is at hand or not. Throws BackendError for a name that has no file. */
export function findBackend(name: string, directory: string): Backend {
  checkName(name, listBackends(directory));
  return readBackend(directory, name);
}

function checkName(name: string, known: readonly string[]): void {
  if (known.includes(name)) return;
  const near = nearest(name, known);
  const guess = near === undefined ? "" : `did you mean '${near}'? `;
  throw new BackendError(
    "unknown_backend",
    `no backend is named '${name}'; ${guess}there are: ${known.join(", ")}`,
  );
}

/** A missing variable would start Collectors that lose everything; one set to nothing would hide the default in the file. */
function checkVariables(
  { name, header, needed, optional }: Backend,
  env: Readonly<Record<string, string | undefined>>,
): void {
  const missing = needed.filter((variable) => !env[variable]);
  if (missing.length > 0) {
    const wanted = missing.map((variable) => {
      const words = header.needs[variable];
      return words === undefined ? variable : `${variable} (${words})`;
    });
    throw new BackendError(
      "missing_variable",
      `${name} needs ${wanted.join(" and ")}, which ${missing.length === 1 ? "is" : "are"} not set`,
    );
  }
  const empty = optional.find((variable) => env[variable] === "");
  if (empty !== undefined)
    throw new BackendError(
      "empty_variable",
      `${empty} is set to nothing, which hides the default that ${name} has for it; unset it or give it a value`,
    );
}
