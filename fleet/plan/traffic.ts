/**
 * What a second of a fleet consists of: its signals, how large their items are in each form that they travel in, and how many of them go
 * into a request. Found in the templates themselves, from requests as they will be sent.
 */
import { gzipSync, zstdCompressSync } from "node:zlib";
import type { Compression } from "../../otlp/protocol.ts";
import { type PerSignal, SIGNALS, type Signal } from "../../otlp/signal.ts";
import { RecordCompressor } from "../../replayer/compile/compress-record.ts";
import { GzipRecordCompressor } from "../../replayer/compile/gzip/compress-gzip.ts";
import { describeFrozen } from "../../replayer/freeze/frozen-file.ts";
import { HEADER } from "../../template/slots.ts";
import { type Counted, countAsHoneycomb } from "./backend-counting.ts";
import { sampleRequests } from "./sample-requests.ts";

/** Of one signal, or of all in their shares. Bytes are those of request bodies, an event. */
export interface Sizes {
  eventsPerRequest: number;
  plainBytes: number;
  /** As a replayer sends them: compressed once, ahead. */
  frozenBytes: Record<Compression, number>;
  /** As a Collector sends them on, in requests of its own. */
  forwardedBytes: Record<Compression, number>;
  /** What Honeycomb counts for one item, of metrics in their older kind. */
  countedPerItem: number;
}

export interface Traffic {
  /** Parts of the fleet's rate, which sum to 1; signals that are not sent are absent. */
  shares: Partial<PerSignal<number>>;
  of: Partial<PerSignal<Sizes>>;
  all: Sizes;
}

/** Requests of a signal that are packed, and that are decoded and counted, at most. Small sets have fewer. */
const PACKED = 12;
const COUNTED = 48;
/** A Collector gathers so much for a request of its own. */
const FORWARDED_BYTES = 2_000_000;

/** The traffic of frozen files, in these shares. Takes a second or two of CPU, however large they are. */
export function measureTraffic(
  frozen: Partial<PerSignal<string>>,
  shares: Partial<PerSignal<number>>,
): Traffic {
  const of: Traffic["of"] = {};
  for (const signal of SIGNALS) {
    const path = frozen[signal];
    if (path !== undefined && shares[signal]) of[signal] = measureSignal(signal, path);
  }
  return { shares, of, all: meanOf(of, shares) };
}

function measureSignal(signal: Signal, path: string): Sizes {
  const { summary, batches } = describeFrozen(path);
  const plainBytes = summary.bodyBytes / summary.items;
  const packed = packRequests(path);
  const counted: Counted = { items: 0, events: 0 };
  for (const { body } of sampleRequests(path, COUNTED)) {
    const { items, events } = countAsHoneycomb(signal, body);
    counted.items += items;
    counted.events += events;
  }
  return {
    eventsPerRequest: summary.items / batches,
    plainBytes,
    frozenBytes: {
      none: plainBytes,
      gzip: plainBytes * packed.frozen.gzip,
      zstd: plainBytes * packed.frozen.zstd,
    },
    forwardedBytes: {
      none: plainBytes,
      gzip: plainBytes * packed.forwarded.gzip,
      zstd: plainBytes * packed.forwarded.zstd,
    },
    countedPerItem: counted.events / counted.items,
  };
}

/** Shares of their size that requests keep. */
interface Packed {
  gzip: number;
  zstd: number;
}

function packRequests(path: string): { frozen: Packed; forwarded: Packed } {
  const zstd = new RecordCompressor("fast");
  const gzip = new GzipRecordCompressor("fast");
  const frozen = { plain: 0, gzip: 0, zstd: 0 };
  const forwarded = { plain: 0, gzip: 0, zstd: 0 };
  let gathered: Buffer[] = [];
  const forward = () => {
    // Requests one behind the other are one request with the resources of all, which is what a Collector makes of them.
    const body = Buffer.concat(gathered);
    gathered = [];
    forwarded.plain += body.length;
    // The levels that the Collector's exporters take where nobody says: 3 and 6, or what comes close.
    forwarded.gzip += gzipSync(body, { level: 6 }).length;
    forwarded.zstd += zstdCompressSync(body).length;
  };
  for (const { record, body } of sampleRequests(path, PACKED)) {
    frozen.plain += body.length;
    frozen.zstd += bodyBytes(zstd.compress(record)) ?? body.length;
    frozen.gzip += bodyBytes(gzip.compress(record)) ?? body.length;
    gathered.push(Buffer.from(body));
    if (gathered.reduce((sum, { length }) => sum + length, 0) >= FORWARDED_BYTES) forward();
  }
  // A short rest would pack worse than what is sent.
  if (forwarded.plain === 0) forward();
  return { frozen: sharesOf(frozen), forwarded: sharesOf(forwarded) };
}

function bodyBytes(record: Buffer | undefined): number | undefined {
  return record?.readInt32LE(HEADER.bodyBytes * 4);
}

function sharesOf({ plain, gzip, zstd }: { plain: number; gzip: number; zstd: number }): Packed {
  return { gzip: gzip / plain, zstd: zstd / plain };
}

/** All signals by their shares. */
function meanOf(of: Traffic["of"], shares: Traffic["shares"]): Sizes {
  const mean = (value: (sizes: Sizes) => number) =>
    SIGNALS.reduce((sum, signal) => sum + (of[signal] ? shares[signal]! * value(of[signal]) : 0), 0);
  const each = (form: "frozenBytes" | "forwardedBytes"): Record<Compression, number> => ({
    none: mean((sizes) => sizes[form].none),
    gzip: mean((sizes) => sizes[form].gzip),
    zstd: mean((sizes) => sizes[form].zstd),
  });
  return {
    // Of a second: events over requests.
    eventsPerRequest: 1 / mean(({ eventsPerRequest }) => 1 / eventsPerRequest),
    plainBytes: mean(({ plainBytes }) => plainBytes),
    frozenBytes: each("frozenBytes"),
    forwardedBytes: each("forwardedBytes"),
    countedPerItem: mean(({ countedPerItem }) => countedPerItem),
  };
}
