/**
 * What the processes of a fleet say on standard error: where there is no terminal each thing is a line of JSON, `msg` and, of progress,
 * figures beside it.
 */

/** What each says of its own share, where the fleet is told of as a whole. */
const OF_ONE = /^(sending |stopping|closing the account)/;

export class ProcessLines {
  readonly #told = new Set<string>();
  readonly #note: (text: string) => void;

  /** note  told what they have to say, once where several say the same */
  constructor(note: (text: string) => void) {
    this.#note = note;
  }

  /** Take in a line. Returns what of it may be somebody's last words: notes and what is no JSON, but no progress. */
  read(name: string, line: string): string | undefined {
    const fields = parse(line);
    if (!fields) return line;
    if ("elapsedMs" in fields) return undefined;
    const text = String(fields.msg);
    if (!OF_ONE.test(text) && !this.#told.has(text)) {
      this.#told.add(text);
      this.#note(`${name}: ${text}`);
    }
    return text;
  }
}

function parse(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && "msg" in value
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
