/** A thread of `compile-frozen.ts`: reads records of a frozen file, hands them back compressed, or as they are. */
import { parentPort, workerData } from "node:worker_threads";
import { FrozenFile } from "../freeze/frozen-file.ts";
import type { CompiledForm } from "./compiled-files.ts";
import { RecordCompressor } from "./compress-record.ts";
import { GzipRecordCompressor } from "./gzip/compress-gzip.ts";

export interface CompileThreadData {
  /** The frozen file. */
  source: string;
  form: CompiledForm;
}

export interface CompileTask {
  /** Place in the order of writing. */
  index: number;
  /** Number in the frozen file. */
  record: number;
}

export interface CompileReply {
  index: number;
  bytes: Uint8Array;
}

interface Compressor {
  /** The compressed record of a frozen one; undefined for what has no compressed form. */
  compress(record: Buffer): Buffer | undefined;
}

const COMPRESSORS: Record<CompiledForm, () => Compressor> = {
  "zstd-best": () => new RecordCompressor("best"),
  "zstd-fast": () => new RecordCompressor("fast"),
  "gzip-best": () => new GzipRecordCompressor("best"),
  "gzip-fast": () => new GzipRecordCompressor("fast"),
};

const { source, form } = workerData as CompileThreadData;
const file = new FrozenFile(source);
const compressor = COMPRESSORS[form]();

parentPort!.on("message", ({ index, record }: CompileTask) => {
  // Memory of its own: it is handed over, and typed arrays need it aligned.
  const plain = Buffer.from(new ArrayBuffer(file.recordBytes(record)));
  file.read(record, plain);
  const bytes = compressor.compress(plain) ?? plain;
  const owned = new Uint8Array(bytes);
  parentPort!.postMessage({ index, bytes: owned } satisfies CompileReply, [owned.buffer]);
});
