/**
 * Parts of a send alone: reading records, stamping them, writing ready bodies. No replay around them, so that each shows what it
 * costs by itself.
 */

import { clocks, difference } from "../../fleet/plan/calibrate/mark.ts";
import { peakMemoryBytes } from "../../ledger/peak-memory.ts";
import type { Answer } from "../../otlp/answer.ts";
import type { Target } from "../../otlp/client/contract.ts";
import { openTarget } from "../../otlp/client/transport.ts";
import type { Signal } from "../../otlp/signal.ts";
import { FrozenFile } from "../../replayer/freeze/frozen-file.ts";
import { SendBuffer } from "../../replayer/stamp/send-buffer.ts";
import { stamp } from "../../replayer/stamp/stamp.ts";
import { newStampKey } from "../../replayer/stamp/stamp-key.ts";
import { idKeyOf } from "../../template/ids.ts";
import type { SendFigures } from "./run-send.ts";

export interface StageTask {
  /** stamp: of records in memory, some MB of them. write: of bodies in memory, the same. */
  stage: "read" | "stamp" | "read, stamp" | "write";
  /** Frozen file. */
  path: string;
  signal: Signal;
  /** For writing. */
  target: Target;
  concurrency: number;
  warmMs: number;
  measureMs: number;
}

/** Records held in memory for stages that do not read: more than the nearest caches hold, as after a read. */
const HELD_BYTES = 4 * 1024 * 1024;

/** Do the stage for some time, a little more than `ms`. Returns what was done. */
type Run = (ms: number) => Promise<{ items: number; requests: number; wireBytes: number }>;

export async function runStage(task: StageTask): Promise<SendFigures> {
  const file = new FrozenFile(task.path);
  const { run, close } = task.stage === "write" ? await writing(task, file) : looping(task, file);
  await run(task.warmMs);
  const before = clocks();
  const done = await run(task.measureMs);
  const times = difference(before, clocks());
  await close();
  file.close();
  return { ...done, ...times, lostItems: 0, maxRssBytes: peakMemoryBytes() };
}

interface Stage {
  run: Run;
  close: () => Promise<void> | void;
}

/** A step is one batch; times move on by one step of 16.8 ms each 20 batches. */
function looping({ stage }: StageTask, file: FrozenFile): Stage {
  const idKey = idKeyOf(0);
  const key = newStampKey();
  key.incarnation = 0x1234_5678_9abc;
  key.runSteps = 107_000_000_000;
  const isReading = stage !== "stamp";
  const held = isReading ? [new SendBuffer(file.summary.maxRecordBytes)] : holdRecords(file);
  const end = isReading ? file.batches : held.length;
  let batch = 0;
  let steps = 0;
  const step = (): number => {
    const buffer = held[isReading ? 0 : batch]!;
    if (isReading) file.read(batch, buffer.bytes);
    if (stage !== "read") {
      key.batch = batch;
      key.baseSteps = key.runSteps + Math.floor(steps / 20);
      key.previousSteps = key.baseSteps - 1;
      stamp(buffer, idKey, key);
    }
    const items = file.items(batch);
    steps++;
    if (++batch === end) {
      batch = 0;
      key.pass++;
      key.instance++;
    }
    return items;
  };
  const run: Run = async (ms) => {
    const until = performance.now() + ms;
    let [items, requests] = [0, 0];
    for (; performance.now() < until; requests++) items += step();
    return { items, requests, wireBytes: 0 };
  };
  return { run, close: () => undefined };
}

/** Ready bodies over the transport, `concurrency` under way at all times. */
async function writing({ signal, target, concurrency }: StageTask, file: FrozenFile): Promise<Stage> {
  const transport = await openTarget(target);
  const held = holdRecords(file);
  const bodies = held.map((buffer) => buffer.body());
  const { encoding } = held[0]!;
  let next = 0;
  const run: Run = (ms) =>
    new Promise((resolve, reject) => {
      const until = performance.now() + ms;
      const done = { items: 0, requests: 0, wireBytes: 0 };
      let open = concurrency;
      const send = (): void => {
        if (performance.now() >= until) {
          if (--open === 0) resolve(done);
          return;
        }
        const batch = next;
        next = (next + 1) % bodies.length;
        const onAnswer = (answer: Answer): void => {
          if (answer.kind !== "accepted") reject(new Error(JSON.stringify(answer)));
          done.items += file.items(batch);
          done.requests++;
          done.wireBytes += answer.wireBytes;
          send();
        };
        transport.send(signal, bodies[batch]!, onAnswer, undefined, encoding);
      };
      for (let i = 0; i < concurrency; i++) send();
    });
  return { run, close: () => transport.close() };
}

function holdRecords(file: FrozenFile): SendBuffer[] {
  const held: SendBuffer[] = [];
  for (let bytes = 0, batch = 0; batch < file.batches && bytes < HELD_BYTES; batch++) {
    const buffer = new SendBuffer(file.recordBytes(batch));
    file.read(batch, buffer.bytes);
    held.push(buffer);
    bytes += buffer.bytes.length;
  }
  return held;
}
