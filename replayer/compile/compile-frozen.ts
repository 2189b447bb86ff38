/**
 * Compiling: a frozen file whose batches are compressed once, made from one whose batches are not. Record for record the same: under
 * one stamp key a batch of either is the same request.
 *
 * On all cores, in bounded memory: workers compress records, this thread writes them in their order.
 */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { HEADER } from "../../template/slots.ts";
import { type CompiledTotals, FrozenFile, FrozenFileWriter } from "../freeze/frozen-file.ts";
import type { CompileReply, CompileThreadData } from "./compile-worker.ts";
import type { CompiledForm } from "./compiled-files.ts";

/** Records that may be under way or wait for their turn, per worker. */
const WINDOW = 4;

export interface CompileOptions {
  /** Called after each record with how many are done. */
  onProgress?: (done: number) => void;
  /** Threads; as many as there are cores unless said. */
  workers?: number;
  /** Ends it, with the signal's reason for an error. */
  signal?: AbortSignal;
}

/** Compile the frozen file `source` into `target`, which appears only when it is complete. */
export async function compileFrozen(
  source: string,
  target: string,
  form: CompiledForm = "zstd-fast",
  { onProgress = () => {}, workers = availableParallelism(), signal }: CompileOptions = {},
): Promise<CompiledTotals> {
  const file = new FrozenFile(source);
  const writer = new FrozenFileWriter(target);
  const totals: CompiledTotals = { records: 0, compressed: 0, plainBytes: 0, wireBytes: 0 };
  try {
    const order = [...recordsInOrder(file)];
    const threads = openThreads({ source, form }, Math.min(workers, order.length));
    await compressAll(threads, order, signal, (index, record) => {
      appendRecord(writer, file, order[index]!, record);
      count(totals, record);
      onProgress(totals.records);
    });
    writer.finish({ ...file.summary, maxRecordBytes: writer.maxRecordBytes, compiled: totals });
    return totals;
  } catch (error) {
    writer.abandon();
    throw error;
  } finally {
    file.close();
  }
}

/** Records in the order in which a file is written: late roots in front of their batch. */
function* recordsInOrder(file: FrozenFile): Generator<number> {
  for (let batch = 0; batch < file.batches; batch++) {
    for (let roots = file.lateRootsFrom(batch); roots < file.lateRootsEnd(batch); roots++) yield roots;
    yield batch;
  }
}

function appendRecord(writer: FrozenFileWriter, file: FrozenFile, record: number, bytes: Buffer): void {
  if (file.isLateRoots(record)) writer.appendLateRoots(bytes, file.items(record), file.delayMs(record));
  else writer.append(bytes, file.items(record), file.flags(record));
}

function count(totals: CompiledTotals, record: Buffer): void {
  const bodyBytes = record.readInt32LE(HEADER.bodyBytes * 4);
  const plainBytes = record.readInt32LE(HEADER.plainBytes * 4);
  totals.records++;
  if (plainBytes > 0) totals.compressed++;
  totals.plainBytes += plainBytes || bodyBytes;
  totals.wireBytes += bodyBytes;
}

function openThreads(workerData: CompileThreadData, count: number): Worker[] {
  return Array.from(
    { length: count },
    () => new Worker(new URL("./compile-worker.ts", import.meta.url), { workerData }),
  );
}

/** Have threads compress all records; `onRecord` gets them in order. The threads end with it. */
async function compressAll(
  threads: readonly Worker[],
  order: readonly number[],
  signal: AbortSignal | undefined,
  onRecord: (index: number, record: Buffer) => void,
): Promise<void> {
  let onAbort = () => {};
  try {
    await new Promise<void>((resolve, reject) => {
      onAbort = () => reject(signal!.reason);
      signal?.addEventListener("abort", onAbort);
      signal?.throwIfAborted();
      const waiting = new Map<number, Buffer>();
      let next = 0;
      let written = 0;
      const idle: Worker[] = [];
      const give = (thread: Worker): void => {
        if (next < order.length && next < written + threads.length * WINDOW) {
          thread.postMessage({ index: next, record: order[next] });
          next++;
        } else idle.push(thread);
      };
      for (const thread of threads) {
        thread.on("error", reject);
        thread.on("exit", (code) => reject(new Error(`a compiling thread ended with ${code}`)));
        thread.on("message", ({ index, bytes }: CompileReply) => {
          try {
            waiting.set(index, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
            for (let record = waiting.get(written); record; record = waiting.get(written)) {
              waiting.delete(written);
              onRecord(written++, record);
            }
            if (written === order.length) resolve();
            for (const free of [thread, ...idle.splice(0)]) give(free);
          } catch (error) {
            reject(error);
          }
        });
        give(thread);
      }
    });
  } finally {
    signal?.removeEventListener("abort", onAbort);
    for (const thread of threads) thread.removeAllListeners("exit");
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}
