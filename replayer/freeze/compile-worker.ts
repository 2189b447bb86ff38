/** A thread of `compile-frozen.ts`: reads records of a frozen file, hands them back compressed, or as they are. */
import { parentPort, workerData } from "node:worker_threads";
import { RecordCompressor } from "./compress-record.ts";
import { FrozenFile } from "./frozen-file.ts";

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

const file = new FrozenFile(workerData as string);
const compressor = new RecordCompressor();

parentPort!.on("message", ({ index, record }: CompileTask) => {
  // Memory of its own: it is handed over, and typed arrays need it aligned.
  const plain = Buffer.from(new ArrayBuffer(file.recordBytes(record)));
  file.read(record, plain);
  const bytes = compressor.compress(plain) ?? plain;
  const owned = new Uint8Array(bytes);
  parentPort!.postMessage({ index, bytes: owned } satisfies CompileReply, [owned.buffer]);
});
