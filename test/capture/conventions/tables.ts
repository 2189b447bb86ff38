/**
 * The form in which this checker knows the semantic conventions: tables of text, a key a line, written by hand from the published
 * pages (1.44.0) and from what receivers are known to send, never from what Stampede generates.
 *
 *     key                     type      places                            values
 *     http.request.method     string    http-server! http-client! log     = GET POST
 *
 * type     string, int, double, boolean, string[]
 * places   where it may stand: the roles of spans, span (any role), event, link, resource, scope, point, log; `!` where it must
 * values   after `=`, all that are allowed; `*` after a value: any text that begins so
 * `<key>` at the end of a key stands for any rest, `<entity>` at its beginning for any one word.
 */

export const SPAN_ROLES = [
  "internal",
  "http-server",
  "http-client",
  "rpc-server",
  "rpc-client",
  "database",
  "producer",
  "consumer",
  "receive",
] as const;

/** What a span does, as its kind and its attributes tell. */
export type SpanRole = (typeof SPAN_ROLES)[number];

export function isHttp(role: SpanRole): boolean {
  return role === "http-server" || role === "http-client";
}

export function isRpc(role: SpanRole): boolean {
  return role === "rpc-server" || role === "rpc-client";
}

const PLACES = [...SPAN_ROLES, "event", "link", "resource", "scope", "point", "log"] as const;

export type Place = (typeof PLACES)[number];

/** `always`: known to old and new conventions alike; the others were renamed. */
export type Age = "always" | "new" | "old";

export interface KeyRule {
  key: string;
  type: string;
  age: Age;
  places: ReadonlySet<Place>;
  required: ReadonlySet<Place>;
  /** Absent: any. */
  values?: ReadonlySet<string>;
  /** Beginnings of further allowed values. */
  openValues?: readonly string[];
}

/** Read one table. Throws on a line that is not of the form above: the tables are part of the program. */
export function keyRules(age: Age, table: string): KeyRule[] {
  return table
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => keyRule(age, line));
}

function keyRule(age: Age, line: string): KeyRule {
  const [facts = "", valueText] = line.split(/ = /);
  const [key = "", type = "", ...placeNames] = facts.trim().split(/\s+/);
  const places = new Set<Place>();
  const required = new Set<Place>();
  for (const written of placeNames) {
    const name = written.replace("!", "");
    for (const place of name === "span" ? SPAN_ROLES : [name as Place]) {
      if (!PLACES.includes(place)) throw new Error(`${line}: ${name} is no place`);
      places.add(place);
      if (written.endsWith("!")) required.add(place);
    }
  }
  if (!/^(string|int|double|boolean)(\[\])?$/.test(type) || places.size === 0) {
    throw new Error(`${line}: is not key, type, places`);
  }
  const rule: KeyRule = { key, type, age, places, required };
  if (valueText !== undefined) {
    const values = valueText.trim().split(/\s+/);
    rule.values = new Set(values.filter((value) => !value.endsWith("*")));
    rule.openValues = values.filter((value) => value.endsWith("*")).map((value) => value.slice(0, -1));
  }
  return rule;
}
