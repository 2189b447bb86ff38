/**
 * Compiling: a frozen file whose batches are compressed once, made from one whose batches are not. Record for record the same: under
 * one stamp key a batch of either is the same request.
 *
 * On all cores, in bounded memory: workers compress records, this thread writes them in their order.
 */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { HEADER } from "../../template/slots.ts";
import type { CompileReply } from "./compile-worker.ts";
import { FrozenFile, FrozenFileWriter } from "./frozen-file.ts";

/** Records that may be under way or wait for their turn, per worker. */
const WINDOW = 4;

/** What compiling comes to. */
export interface CompiledTotals {
  /** Batches and records of late roots. */
  records: number;
  /** Of these, those that are compressed; the others do not shrink. */
  compressed: number;
  /** Bytes of all requests, and of what is sent for them. */
  plainBytes: number;
  wireBytes: number;
}

/**
 * Compile the frozen file `source` into `target`, which appears only when it is complete.
 *
 * workers     threads; as many as there are cores unless said
 * onProgress  called after each record with how many are done
 */
export async function compileFrozen(
  source: string,
  target: string,
  onProgress: (done: number, total: number) => void = () => {},
  workers = availableParallelism(),
): Promise<CompiledTotals> {
  const file = new FrozenFile(source);
  const writer = new FrozenFileWriter(target);
  const totals: CompiledTotals = { records: 0, compressed: 0, plainBytes: 0, wireBytes: 0 };
  try {
    const order = [...recordsInOrder(file)];
    await compressAll(source, order, Math.min(workers, order.length), (index, record) => {
      appendRecord(writer, file, order[index]!, record);
      count(totals, record);
      onProgress(totals.records, order.length);
    });
    const { summary } = file;
    writer.finish({ ...summary, maxRecordBytes: writer.maxRecordBytes });
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

/** Have workers compress all records; `onRecord` gets them in order. */
async function compressAll(
  source: string,
  order: readonly number[],
  count: number,
  onRecord: (index: number, record: Buffer) => void,
): Promise<void> {
  const workers = Array.from(
    { length: count },
    () => new Worker(new URL("./compile-worker.ts", import.meta.url), { workerData: source }),
  );
  try {
    await new Promise<void>((resolve, reject) => {
      const waiting = new Map<number, Buffer>();
      let next = 0;
      let written = 0;
      const give = (worker: Worker): void => {
        if (next < order.length && next < written + count * WINDOW) {
          worker.postMessage({ index: next, record: order[next] });
          next++;
        } else idle.push(worker);
      };
      const idle: Worker[] = [];
      for (const worker of workers) {
        worker.on("error", reject);
        worker.on("exit", (code) => reject(new Error(`a compiling thread ended with ${code}`)));
        worker.on("message", ({ index, bytes }: CompileReply) => {
          try {
            waiting.set(index, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
            for (let record = waiting.get(written); record; record = waiting.get(written)) {
              waiting.delete(written);
              onRecord(written++, record);
            }
            if (written === order.length) resolve();
            for (const free of [worker, ...idle.splice(0)]) give(free);
          } catch (error) {
            reject(error);
          }
        });
        give(worker);
      }
    });
  } finally {
    for (const worker of workers) worker.removeAllListeners("exit");
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}
