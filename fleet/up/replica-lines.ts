/**
 * What replicas say on standard error, as one: where there is no terminal a replica says each thing as a line of JSON, `msg` and, of its
 * progress, figures beside it.
 */

/** What all replicas together have done, as far as they have said so. */
export interface FleetProgress {
  eventsPerSecond: number;
  sent: number;
  accepted: number;
  rejected: number;
  failed: number;
  inDoubt: number;
  unsent: number;
  /** Of the one that is furthest behind, ms. */
  lagMs: number;
}

const SUMS = [
  "eventsPerSecond",
  "sent",
  "accepted",
  "rejected",
  "failed",
  "inDoubt",
  "unsent",
] as const satisfies readonly (keyof FleetProgress)[];

type Figures = Record<keyof FleetProgress, number>;

export class ReplicaLines {
  readonly #latest = new Map<string, Figures>();
  readonly #told = new Set<string>();
  readonly #note: (text: string) => void;

  /** note  told what replicas have to say, once where several say the same */
  constructor(note: (text: string) => void) {
    this.#note = note;
  }

  /** Take in a line. Returns what of it may be somebody's last words: notes and what is no JSON, but no progress. */
  read(replica: string, line: string): string | undefined {
    const fields = parse(line);
    if (!fields) return line;
    if ("elapsedMs" in fields) {
      this.#latest.set(replica, fields as unknown as Figures);
      return undefined;
    }
    const text = String(fields.msg);
    // Each is of its own share there; what the fleet does has been said.
    const isOfShare = text.startsWith("sending ") || text.startsWith("stopping");
    if (!isOfShare && !this.#told.has(text)) {
      this.#told.add(text);
      this.#note(`${replica}: ${text}`);
    }
    return text;
  }

  /** One that has ended sends nothing any more; what it did stays. */
  end(replica: string): void {
    const last = this.#latest.get(replica);
    if (last) this.#latest.set(replica, { ...last, eventsPerSecond: 0, lagMs: 0 });
  }

  /** Undefined before the first figures. */
  progress(): FleetProgress | undefined {
    if (this.#latest.size === 0) return undefined;
    const all = [...this.#latest.values()];
    const sums = Object.fromEntries(
      SUMS.map((name) => [name, all.reduce((sum, figures) => sum + (figures[name] ?? 0), 0)]),
    ) as Omit<FleetProgress, "lagMs">;
    return { ...sums, lagMs: Math.max(...all.map(({ lagMs }) => lagMs ?? 0)) };
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
