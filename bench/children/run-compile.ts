/**
 * Compiling against compressing: what each way to pack a request costs, and what size comes out, of the same requests.
 */
import { constants, gzipSync, zstdCompressSync } from "node:zlib";
import { RecordCompressor } from "../../replayer/compile/compress-record.ts";
import { GzipRecordCompressor } from "../../replayer/compile/gzip/compress-gzip.ts";
import { FrozenFile } from "../../replayer/freeze/frozen-file.ts";
import { SendBuffer } from "../../replayer/stamp/send-buffer.ts";
import { stamp } from "../../replayer/stamp/stamp.ts";
import { newStampKey } from "../../replayer/stamp/stamp-key.ts";
import { idKeyOf } from "../../template/ids.ts";
import { HEADER, TIME_STEP_NS } from "../../template/slots.ts";
import { clocks } from "./run-send.ts";

export interface CompileTask {
  /** Frozen file, plain. */
  path: string;
  /** How many of its requests, spread over the file. */
  requests: number;
  /** Metrics: age of the series, at most their life. */
  ageSeconds: number;
}

export interface CompileFigures {
  items: number;
  plainBytes: number;
  /** By the name of the way, in the order of the table. */
  ways: Record<string, { bytes: number; cpuSeconds: number }>;
}

const fast = new RecordCompressor("fast");
const best = new RecordCompressor("best");
const gzip = new GzipRecordCompressor();
const level = (n: number) => ({ params: { [constants.ZSTD_c_compressionLevel]: n } });

/** Bytes that a request comes to; -1 where there is no such form. */
const WAYS: Readonly<Record<string, (record: Buffer, body: Buffer) => number>> = {
  "frozen zstd, fast": (record) => frameBytes(fast.compress(record)),
  "frozen zstd, best": (record) => frameBytes(best.compress(record)),
  "frozen gzip": (record) => frameBytes(gzip.compress(record)),
  "zstd-1": (_, body) => zstdCompressSync(body, level(1)).length,
  "zstd-3": (_, body) => zstdCompressSync(body, level(3)).length,
  "zstd-19": (_, body) => zstdCompressSync(body, level(19)).length,
  "gzip-1": (_, body) => gzipSync(body, { level: 1 }).length,
  "gzip-6": (_, body) => gzipSync(body, { level: 6 }).length,
};

/** All ways for each request in turn, so that what the machine does meanwhile hits them alike. */
export function runCompile({ path, requests, ageSeconds }: CompileTask): CompileFigures {
  const file = new FrozenFile(path);
  const buffer = new SendBuffer(file.summary.maxRecordBytes);
  const key = newStampKey();
  key.incarnation = 0x1234_5678_9abc;
  key.runSteps = 107_000_000_000;
  const age = Math.min(ageSeconds, file.summary.lifetimeSeconds ?? ageSeconds);
  key.baseSteps = key.runSteps + stepsIn(age);
  key.previousSteps = key.baseSteps - stepsIn(INTERVAL_SECONDS);
  const figures: CompileFigures = { items: 0, plainBytes: 0, ways: {} };
  const count = Math.min(requests, file.batches);
  // The first request warms up: it is done twice, and counts once.
  for (let n = -1; n < count; n++) {
    const batch = Math.floor((Math.max(n, 0) * file.batches) / count);
    const record = Buffer.from(new ArrayBuffer(file.recordBytes(batch)));
    file.read(batch, record);
    file.read(batch, buffer.bytes);
    key.batch = batch;
    stamp(buffer, idKeyOf(0), key);
    const body = buffer.body();
    if (n >= 0) {
      figures.items += file.items(batch);
      figures.plainBytes += body.length;
    }
    for (const [name, pack] of Object.entries(WAYS)) {
      const before = clocks().cpuSeconds;
      const packed = pack(record, body);
      const cpuSeconds = clocks().cpuSeconds - before;
      figures.ways[name] ??= { bytes: 0, cpuSeconds: 0 };
      if (n < 0) continue;
      const way = figures.ways[name];
      way.bytes += packed < 0 ? body.length : packed;
      way.cpuSeconds += cpuSeconds;
    }
  }
  file.close();
  return figures;
}

/** The default of `metrics.interval`. */
const INTERVAL_SECONDS = 10;

function stepsIn(seconds: number): number {
  return Math.floor((seconds * 1e9) / TIME_STEP_NS);
}

function frameBytes(record: Buffer | undefined): number {
  return record === undefined ? -1 : record.readInt32LE(HEADER.bodyBytes * 4);
}
