/**
 * The file that frozen batches are kept in: records one behind the other, then a directory of them, then a summary.
 *
 *   records     of template/slots.ts, each a multiple of 8 bytes
 *   directory   DIRECTORY_COLUMNS doubles a batch: position, record bytes, items, flags
 *   summary     JSON (FrozenSummary)
 *   footer      directory position (double), batches (uint32), summary bytes (uint32), magic (8 bytes)
 *
 * It is a cache: complete or absent (written under another name, then renamed), and made again when the format changes.
 * A reader keeps the directory in memory, some 32 bytes a batch, and reads records through the page cache.
 */
import { closeSync, fstatSync, openSync, readSync, renameSync, rmSync, writeSync } from "node:fs";
import type { Signal } from "../../otlp/signal.ts";

/** Raise when records or the directory change shape: caches of other versions are then made again. */
export const FROZEN_FORMAT = 2;

const MAGIC = Buffer.from(`stampfz${FROZEN_FORMAT}`, "latin1");
const FOOTER_BYTES = 24;
const DIRECTORY_COLUMNS = 4;

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
}

export class FrozenFileWriter {
  readonly #path: string;
  readonly #partPath: string;
  readonly #fd: number;
  readonly #directory: number[] = [];
  #position = 0;
  maxRecordBytes = 0;

  constructor(path: string) {
    this.#path = path;
    this.#partPath = `${path}.${process.pid}.part`;
    this.#fd = openSync(this.#partPath, "w");
  }

  get batches(): number {
    return this.#directory.length / DIRECTORY_COLUMNS;
  }

  append(record: Buffer, items: number, flags: number): void {
    writeFully(this.#fd, record);
    this.#directory.push(this.#position, record.length, items, flags);
    this.#position += record.length;
    this.maxRecordBytes = Math.max(this.maxRecordBytes, record.length);
  }

  /** Write directory and summary, and put the file in place. */
  finish(summary: FrozenSummary): void {
    const json = Buffer.from(JSON.stringify(summary));
    const footer = Buffer.alloc(FOOTER_BYTES);
    footer.writeDoubleLE(this.#position, 0);
    footer.writeUInt32LE(this.batches, 8);
    footer.writeUInt32LE(json.length, 12);
    MAGIC.copy(footer, 16);
    writeFully(this.#fd, Buffer.from(new Float64Array(this.#directory).buffer));
    writeFully(this.#fd, json);
    writeFully(this.#fd, footer);
    closeSync(this.#fd);
    renameSync(this.#partPath, this.#path);
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
      this.#directory = new Float64Array(this.batches * DIRECTORY_COLUMNS);
      readFully(this.#fd, Buffer.from(this.#directory.buffer), position);
      const json = Buffer.alloc(footer.readUInt32LE(12));
      readFully(this.#fd, json, position + this.#directory.byteLength);
      this.summary = JSON.parse(json.toString()) as FrozenSummary;
    } catch (error) {
      closeSync(this.#fd);
      throw error;
    }
  }

  recordBytes(batch: number): number {
    return this.#directory[batch * DIRECTORY_COLUMNS + 1]!;
  }

  items(batch: number): number {
    return this.#directory[batch * DIRECTORY_COLUMNS + 2]!;
  }

  continuesTrace(batch: number): boolean {
    return (this.#directory[batch * DIRECTORY_COLUMNS + 3]! & CONTINUES_TRACE) !== 0;
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

function writeFully(fd: number, bytes: Uint8Array): void {
  for (let from = 0; from < bytes.length; ) from += writeSync(fd, bytes, from);
}

function readFully(fd: number, target: Uint8Array, position: number): void {
  for (let from = 0; from < target.length; ) {
    const bytes = readSync(fd, target, from, target.length - from, position + from);
    if (bytes === 0) throw new Error("a frozen file is cut off");
    from += bytes;
  }
}
