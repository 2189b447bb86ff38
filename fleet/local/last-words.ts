/**
 * What a dying process said last: the end of its stderr, and the line in it that tells most.
 */

/** Bytes of stderr that are kept: V8's last words on a full heap are a few thousand. */
const KEPT_CHARACTERS = 16 * 1024;
const LINE_CHARACTERS = 200;

/** The end of `text` with `part` behind it, as much as is kept. */
export function keepEnd(text: string, part: string): string {
  return (text + part).slice(-KEPT_CHARACTERS);
}

/**
 * The line that says why: the first that names an error, for stacks and Node's version come after it, with the place in the code where
 * there is one; else the last that is not empty. Cut to a length that can be shown; undefined when there is none.
 */
export function lastWords(stderr: string): string | undefined {
  const lines = stderr.split("\n").map((line) => line.trim());
  const at = lines.findIndex((line) => /^(FATAL ERROR|\w*Error\b)/.test(line));
  const place = lines[at + 1]?.startsWith("at ") ? ` ${lines[at + 1]}` : "";
  const line = at === -1 ? lines.findLast((line) => line !== "") : `${lines[at]}${place}`;
  return line === undefined || line.length <= LINE_CHARACTERS ? line : `${line.slice(0, LINE_CHARACTERS)}…`;
}
