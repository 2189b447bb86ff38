/** Some requests of a frozen file, as a replayer would send them. */
import { FrozenFile } from "../../replayer/freeze/frozen-file.ts";
import { SendBuffer } from "../../replayer/stamp/send-buffer.ts";
import { stamp } from "../../replayer/stamp/stamp.ts";
import { newStampKey } from "../../replayer/stamp/stamp-key.ts";
import { idKeyOf } from "../../template/ids.ts";
import { TIME_STEP_NS } from "../../template/slots.ts";

export interface SampledRequest {
  /** As it lies in the file; a copy that is the receiver's. */
  record: Buffer;
  /** Stamped and not compressed; valid until the next request is taken. */
  body: Buffer;
  items: number;
}

/** The default of `metrics.interval`. */
const INTERVAL_SECONDS = 10;
/** Any run will do, and always the same one gives the same figures. */
const INCARNATION = 0x1234_5678_9abc;
const RUN_STEPS = 107_000_000_000;

/**
 * Up to `count` requests, spread evenly over the file.
 * ageSeconds  how long series have lived, at most their life: old counts have more digits
 */
export function* sampleRequests(
  path: string,
  count: number,
  ageSeconds = 3600,
): Generator<SampledRequest, void> {
  const file = new FrozenFile(path);
  try {
    const buffer = new SendBuffer(file.summary.maxRecordBytes);
    const key = newStampKey();
    key.incarnation = INCARNATION;
    key.runSteps = RUN_STEPS;
    key.baseSteps = RUN_STEPS + stepsIn(Math.min(ageSeconds, file.summary.lifetimeSeconds ?? ageSeconds));
    key.previousSteps = key.baseSteps - stepsIn(INTERVAL_SECONDS);
    const requests = Math.min(count, file.batches);
    for (let n = 0; n < requests; n++) {
      const batch = Math.floor((n * file.batches) / requests);
      // Memory of its own: a slice of Node's shared pool would not be aligned for typed arrays.
      const record = Buffer.from(new ArrayBuffer(file.recordBytes(batch)));
      file.read(batch, record);
      file.read(batch, buffer.bytes);
      key.batch = batch;
      stamp(buffer, idKeyOf(0), key);
      yield { record, body: buffer.body(), items: file.items(batch) };
    }
  } finally {
    file.close();
  }
}

function stepsIn(seconds: number): number {
  return Math.floor((seconds * 1e9) / TIME_STEP_NS);
}
