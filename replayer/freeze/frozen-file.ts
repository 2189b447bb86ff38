/**
 * The file that frozen batches are kept in: records one behind the other, then a directory of them, then a summary.
 *
 *   records     of template/slots.ts, each a multiple of 8 bytes
 *   directory   DIRECTORY_COLUMNS doubles a record, all batches first, then all late roots:
 *               batches     position, record bytes, items, flags, the end of its late roots
 *               late roots  position, record bytes, items, 0, milliseconds by which they leave later than their batch
 *   summary     JSON (FrozenSummary)
 *   footer      directory position (double), batches (uint32), summary bytes (uint32), magic (8 bytes)
 *
 * Late roots are numbered on from the batches, in the order of these: those of a batch begin where those of the batch before
 * it end. One record holds the late roots of a batch that leave at the same time.
 *
 * It is a cache: complete or absent (written under another name, then renamed), and made again when the format changes.
 * A reader keeps the directory in memory, some 40 bytes a batch, and reads records through the page cache.
 */
import { closeSync, fstatSync, openSync, readSync, renameSync, rmSync, writeSync } from "node:fs";
import type { Signal } from "../../otlp/signal.ts";

/** Raise when records or the directory change shape: caches of other versions are then made again. */
export const FROZEN_FORMAT = 9;

/** Eight bytes. */
const MAGIC = Buffer.from(`stampf${String(FROZEN_FORMAT).padStart(2, "0")}`, "latin1");
const FOOTER_BYTES = 24;
const DIRECTORY_COLUMNS = 5;

/** The batch goes on with a trace that the batch before it began; it keeps that one's base time. */
export const CONTINUES_TRACE = 1;

/** What a pass over a frozen file comes to. */
export interface FrozenSummary {
  signal: Signal;
  /** Items of one pass: what is sent. */
  items: number;
  /** Items left out of every pass, because one alone is larger than a request may be. */
  droppedItems: number;
  /** The first few of them, by name. */
  dropped: string[];
  /** Traces of one pass; 0 for other signals. */
  traces: number;
  /** Roots of one pass that leave later than the rest of their traces; `items` holds them too. */
  lateRoots: number;
  /** Bytes of all bodies. */
  bodyBytes: number;
  /** Largest record: what a buffer must hold. */
  maxRecordBytes: number;
  /** Metrics: distinct series of one instance, resources, names; seconds before values need another incarnation (or null). */
  series: number;
  metricNames: number;
  lifetimeSeconds: number | null;
  hasDelta: boolean;
  /** Logs: records that belong to a span and are sent so. */
  linked: number;
  /** Of a compiled file. */
  compiled?: CompiledTotals;
}

/** What compiling a file comes to. */
export interface CompiledTotals {
  /** Batches and records of late roots. */
  records: number;
  /** Of these, those that are compressed; the others do not shrink. */
  compressed: number;
  /** Bytes of all requests, and of what is sent for them. */
  plainBytes: number;
  wireBytes: number;
}

export class FrozenFileWriter {
  readonly #path: string;
  readonly #partPath: string;
  readonly #fd: number;
  readonly #batches: number[] = [];
  readonly #lateRoots: number[] = [];
  #position = 0;
  maxRecordBytes = 0;

  constructor(path: string) {
    this.#path = path;
    this.#partPath = `${path}.${process.pid}.part`;
    this.#fd = openSync(this.#partPath, "w");
  }

  get batches(): number {
    return this.#batches.length / DIRECTORY_COLUMNS;
  }

  /** A batch; the late roots that were appended since the batch before are its. */
  append(record: Buffer, items: number, flags: number): void {
    const lateRecords = this.#lateRoots.length / DIRECTORY_COLUMNS;
    this.#batches.push(this.#position, record.length, items, flags, lateRecords);
    this.#write(record);
  }

  /** Late roots of the next batch, which leave `delayMs` after it. */
  appendLateRoots(record: Buffer, items: number, delayMs: number): void {
    this.#lateRoots.push(this.#position, record.length, items, 0, delayMs);
    this.#write(record);
  }

  #write(record: Buffer): void {
    this.#writeFully(record);
    this.#position += record.length;
    this.maxRecordBytes = Math.max(this.maxRecordBytes, record.length);
  }

  /** Write directory and summary, and put the file in place. */
  finish(summary: FrozenSummary): void {
    const json = Buffer.from(JSON.stringify(summary));
    // From here on the ends of late roots count in rows of the directory. What has no batch behind it goes with the last one.
    const { batches } = this;
    this.#batches[this.#batches.length - 1] = this.#lateRoots.length / DIRECTORY_COLUMNS;
    for (let at = 4; at < this.#batches.length; at += DIRECTORY_COLUMNS) this.#batches[at]! += batches;
    const footer = Buffer.alloc(FOOTER_BYTES);
    footer.writeDoubleLE(this.#position, 0);
    footer.writeUInt32LE(batches, 8);
    footer.writeUInt32LE(json.length, 12);
    MAGIC.copy(footer, 16);
    this.#writeFully(Buffer.from(new Float64Array(this.#batches).buffer));
    this.#writeFully(Buffer.from(new Float64Array(this.#lateRoots).buffer));
    this.#writeFully(json);
    this.#writeFully(footer);
    closeSync(this.#fd);
    renameSync(this.#partPath, this.#path);
  }

  /** The system's errors do not name the file. */
  #writeFully(bytes: Uint8Array): void {
    try {
      for (let from = 0; from < bytes.length; ) from += writeSync(this.#fd, bytes, from);
    } catch (error) {
      throw Object.assign(error as Error, { path: this.#path });
    }
  }

  abandon(): void {
    closeSync(this.#fd);
    rmSync(this.#partPath, { force: true });
  }
}

/** A frozen file, open for reading batches in any order. */
export class FrozenFile {
  readonly summary: FrozenSummary;
  readonly batches: number;
  readonly #fd: number;
  readonly #directory: Float64Array;

  /** Throws when the file is not a frozen file of this format; the caller then makes it again. */
  constructor(path: string) {
    this.#fd = openSync(path, "r");
    try {
      const { size } = fstatSync(this.#fd);
      const footer = Buffer.alloc(FOOTER_BYTES);
      if (size < FOOTER_BYTES) throw new Error(`${path}: not a frozen file`);
      readFully(this.#fd, footer, size - FOOTER_BYTES);
      if (!footer.subarray(16).equals(MAGIC)) throw new Error(`${path}: not a frozen file of this format`);
      const position = footer.readDoubleLE(0);
      this.batches = footer.readUInt32LE(8);
      const json = Buffer.alloc(footer.readUInt32LE(12));
      const jsonPosition = size - FOOTER_BYTES - json.length;
      this.#directory = new Float64Array((jsonPosition - position) / Float64Array.BYTES_PER_ELEMENT);
      readFully(this.#fd, Buffer.from(this.#directory.buffer), position);
      readFully(this.#fd, json, jsonPosition);
      this.summary = JSON.parse(json.toString()) as FrozenSummary;
    } catch (error) {
      closeSync(this.#fd);
      throw error;
    }
  }

  /** Batches and records of late roots. */
  get records(): number {
    return this.#directory.length / DIRECTORY_COLUMNS;
  }

  /** Like `items` and `read`, this takes the number of a batch or of late roots. */
  recordBytes(batch: number): number {
    return this.#directory[batch * DIRECTORY_COLUMNS + 1]!;
  }

  items(batch: number): number {
    return this.#directory[batch * DIRECTORY_COLUMNS + 2]!;
  }

  /** What was said of a batch when it was appended. */
  flags(batch: number): number {
    return this.#directory[batch * DIRECTORY_COLUMNS + 3]!;
  }

  continuesTrace(batch: number): boolean {
    return (this.flags(batch) & CONTINUES_TRACE) !== 0;
  }

  /** Whether this numbers a record of late roots, not a batch. */
  isLateRoots(batch: number): boolean {
    return batch >= this.batches;
  }

  /** The first record of a batch's late roots; there are none when it is `lateRootsEnd` too. */
  lateRootsFrom(batch: number): number {
    return batch === 0 ? this.batches : this.lateRootsEnd(batch - 1);
  }

  /** The record behind the last of a batch's late roots. */
  lateRootsEnd(batch: number): number {
    return this.#directory[batch * DIRECTORY_COLUMNS + 4]!;
  }

  /** Milliseconds by which these late roots leave later than their batch. */
  delayMs(lateRoots: number): number {
    return this.#directory[lateRoots * DIRECTORY_COLUMNS + 4]!;
  }

  /** Read a batch's record into the start of `target`, which must hold recordBytes(batch). */
  read(batch: number, target: Uint8Array): void {
    const at = batch * DIRECTORY_COLUMNS;
    const bytes = readSync(this.#fd, target, 0, this.#directory[at + 1]!, this.#directory[at]!);
    if (bytes !== this.#directory[at + 1])
      throw new Error(`frozen batch ${batch} is cut off: remove the cache and start again`);
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** What a frozen file says of itself, for who does not read batches. Throws as FrozenFile does. */
export function describeFrozen(path: string): Pick<FrozenFile, "summary" | "batches" | "records"> {
  const file = new FrozenFile(path);
  file.close();
  return file;
}

function readFully(fd: number, target: Uint8Array, position: number): void {
  for (let from = 0; from < target.length; ) {
    const bytes = readSync(fd, target, from, target.length - from, position + from);
    if (bytes === 0) throw new Error("a frozen file is cut off");
    from += bytes;
  }
}
