/**
 * Environment variables in config values: `${NAME}`, `${NAME:-default}`, and `$${` for a literal `${`.
 */

/** What became of a text: the expanded one, or what is wrong with it. `text` may be a secret. */
export type Expansion = { ok: true; text: string; used: boolean } | { ok: false; message: string };

const REFERENCE = /\$?\$\{([^}]*)(\}?)/g;
const BODY = /^([A-Za-z_][A-Za-z0-9_]*)(?::-([\s\S]*))?$/;

/**
 * Replace every reference by its value. A default applies when the variable is unset or empty, as in a shell.
 * Values are not expanded again. Messages name variables, never their values.
 */
export function expand(text: string, env: Readonly<Record<string, string | undefined>>): Expansion {
  let problem: string | undefined;
  let used = false;
  const expanded = text.replace(REFERENCE, (whole: string, body: string, close: string) => {
    if (whole.startsWith("$$")) return whole.slice(1);
    const match = BODY.exec(body);
    if (close === "" || !match) {
      problem ??=
        "holds ${ without a variable; write ${NAME} or ${NAME:-default}, and $${ for the text ${ itself";
      return "";
    }
    const [, name, fallback] = match;
    used = true;
    const value = env[name!];
    if (fallback !== undefined) return value === undefined || value === "" ? fallback : value;
    if (value === undefined) {
      problem ??= `needs the environment variable ${name}, which is not set; set it or write \${${name}:-default}`;
    }
    return value ?? "";
  });
  return problem === undefined ? { ok: true, text: expanded, used } : { ok: false, message: problem };
}
