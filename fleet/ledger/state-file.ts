/**
 * What the service knows, written down as it learns it, so that its own death loses nothing: a file of JSON lines, one a piece of news.
 * News is cumulative, so that of each kind the latest line counts, and of statements the highest sequence of each life. When the file has
 * grown to several times of what it has to hold, it is written anew beside itself and put in its own place.
 *
 * A line is one write: what was written is the system's, whatever becomes of the process. It is not forced to the disk; a machine that
 * loses its power loses the last seconds.
 */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { CollectorEntry } from "./books/collector-book.ts";
import type { SinkEntry } from "./books/sink-book.ts";
import type { ControlState } from "./control.ts";
import type { WrittenStep } from "./history/history-book.ts";

/** A line of the file; it has one of these. */
export interface News {
  /** The first line: since when, and under which token the control is. */
  account?: { startedAtMs: number; token: string };
  /** A statement as it came, and when. */
  statement?: unknown;
  atMs?: number;
  collectors?: CollectorEntry[];
  sinks?: SinkEntry[];
  control?: ControlState;
  /** The configuration that a replica told. */
  config?: unknown;
  /** A step of the history. */
  step?: WrittenStep;
  /** The account is closed: who starts next begins another. */
  ended?: true;
}

const FILE = "account.jsonl";
const CLOSED_FILE = "account-closed.jsonl";
const SMALLEST_LIMIT_BYTES = 16 * 1024 * 1024;
const MOST_GROWTH = 4;

export class StateFile {
  readonly #path: string;
  readonly #closedPath: string;
  /** All that has to stand in the file now. */
  readonly #all: () => Iterable<string>;
  #fd: number | undefined;
  #bytes = 0;
  #limit = SMALLEST_LIMIT_BYTES;

  /** Makes the directory. Call `read`, then `rewrite`. Throws errors of the file system. */
  constructor(directory: string, all: () => Iterable<string>) {
    mkdirSync(directory, { recursive: true });
    this.#path = join(directory, FILE);
    this.#closedPath = join(directory, CLOSED_FILE);
    this.#all = all;
  }

  /** What an account that was not closed has left, in the order in which it came. A closed one is put aside, and the one before it goes. */
  read(): News[] {
    if (!existsSync(this.#path)) return [];
    const news: News[] = [];
    for (const line of readFileSync(this.#path, "utf8").split("\n")) {
      const piece = parsed(line);
      if (piece) news.push(piece);
    }
    if (!news.some(({ ended }) => ended)) return news;
    renameSync(this.#path, this.#closedPath);
    return [];
  }

  /** Write all anew. Whoever reads sees the file before it or after it. */
  rewrite(): void {
    const part = `${this.#path}.part`;
    try {
      const lines = [...this.#all()].map((line) => `${line}\n`).join("");
      writeFileSync(part, lines, { mode: 0o600 });
      renameSync(part, this.#path);
      if (this.#fd !== undefined) closeSync(this.#fd);
      this.#fd = openSync(this.#path, "a", 0o600);
      this.#bytes = Buffer.byteLength(lines);
      this.#limit = Math.max(SMALLEST_LIMIT_BYTES, MOST_GROWTH * this.#bytes);
    } catch (error) {
      rmSync(part, { force: true });
      throw error;
    }
  }

  /** Add a line, without line breaks in it. */
  append(line: string): void {
    if (this.#fd === undefined) return;
    this.#bytes += writeSync(this.#fd, `${line}\n`);
    if (this.#bytes > this.#limit) this.rewrite();
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}

/** A line; undefined for one that the death of its writer cut. */
function parsed(line: string): News | undefined {
  if (line === "") return undefined;
  try {
    return JSON.parse(line) as News;
  } catch {
    return undefined;
  }
}
