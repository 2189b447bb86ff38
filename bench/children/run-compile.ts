/**
 * Compiling against compressing: what each way to pack a request costs, and what size comes out, of the same requests.
 */
import { constants, gzipSync, zstdCompressSync } from "node:zlib";
import { clocks } from "../../fleet/plan/calibrate/mark.ts";
import { sampleRequests } from "../../fleet/plan/sample-requests.ts";
import { RecordCompressor } from "../../replayer/compile/compress-record.ts";
import { GzipRecordCompressor } from "../../replayer/compile/gzip/compress-gzip.ts";
import { HEADER } from "../../template/slots.ts";

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
  const figures: CompileFigures = { items: 0, plainBytes: 0, ways: {} };
  let isWarm = false;
  for (const { record, body, items } of sampleRequests(path, requests, ageSeconds)) {
    // The first request warms up: it is done twice, and counts once.
    if (!isWarm) for (const pack of Object.values(WAYS)) pack(record, body);
    isWarm = true;
    figures.items += items;
    figures.plainBytes += body.length;
    for (const [name, pack] of Object.entries(WAYS)) {
      const before = clocks().cpuSeconds;
      const packed = pack(record, body);
      const cpuSeconds = clocks().cpuSeconds - before;
      figures.ways[name] ??= { bytes: 0, cpuSeconds: 0 };
      const way = figures.ways[name];
      way.bytes += packed < 0 ? body.length : packed;
      way.cpuSeconds += cpuSeconds;
    }
  }
  return figures;
}

function frameBytes(record: Buffer | undefined): number {
  return record === undefined ? -1 : record.readInt32LE(HEADER.bodyBytes * 4);
}
