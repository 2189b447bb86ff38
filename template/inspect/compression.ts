/**
 * How well a file's requests compress as they are sent: items of many frames under one resource and scope, ids and times as on
 * the wire. Measured at two sizes, for what finds more to repeat compresses better.
 */
import { constants, gzipSync, zstdCompressSync } from "node:zlib";
import { encodeMessage, encodeRequest, encodeTemplateRequest } from "../../otlp/message/encode.ts";
import type { RequestOf } from "../../otlp/message/schema.ts";
import type { Signal } from "../../otlp/signal.ts";
import {
  type Envelope,
  EnvelopeRegistry,
  groupItems,
  type Items,
  type PlacedItem,
} from "../import/frame-packer.ts";
import { SentForm } from "./as-sent.ts";
import { pointsIn } from "./metric-kinds.ts";

/**
 * Sizes of a measured body, before compression, those of a capture whose ratios are known (docs/inspect.md): a request of some 300
 * spans, and one near the 4 MiB that gRPC servers take.
 */
const SMALL_BODY_BYTES = 156_000;
const LARGE_BODY_BYTES = 2_300_000;
/** Stretches of a file that are measured, of a large body each, spread over it evenly; the rest is taken to be alike. */
const STRETCHES = 6;

/** One size of bodies. Times smaller than the plain ones: gzip at level 6, zstd at level 3, as senders use them. */
export interface BodyCompression {
  /** How many were measured, and their mean size. */
  bodies: number;
  bytes: number;
  bytesPerItem: number;
  gzip: number;
  zstd: number;
}

export interface CompressionRatios {
  /** Of bodies of about 156 kB. */
  gzip: number;
  zstd: number;
  /** Bytes of all bodies that were compressed to find out. */
  sampledBytes: number;
  /** The same in detail: bodies of about 156 kB, then of about 2.3 MB, as far as the file has so much. */
  sizes: BodyCompression[];
}

/** An item as it is sent, with the bytes that it takes in a body beside its resource and scope. */
interface Item<S extends Signal> {
  placed: PlacedItem<S>;
  bytes: number;
  /** Data points of a metric; spans and records are one each. */
  points: number;
}

/** Takes the requests of a file in order. Holds one large body at most. */
export class CompressionMeter<S extends Signal> {
  readonly #signal: S;
  readonly #stretchBytes: number;
  readonly #small = new BodyTotals();
  readonly #large = new BodyTotals();
  #nextAt = 0;
  #envelopes = new EnvelopeRegistry();
  #sent: SentForm<S>;
  #items: Item<S>[] = [];
  #pending = new BodySize();
  #isOpen = false;

  /** fileBytes  size of the file, in which `add` is told positions */
  constructor(signal: S, fileBytes: number) {
    this.#signal = signal;
    this.#stretchBytes = Math.max(1, Math.ceil(fileBytes / STRETCHES));
    this.#sent = new SentForm(signal);
  }

  /** position  byte of the file at which the request begins, or thereabouts */
  add(request: RequestOf<S>, position: number): void {
    this.#isOpen ||= position >= this.#nextAt;
    if (!this.#isOpen) return;
    while (this.#nextAt <= position) this.#nextAt += this.#stretchBytes;
    for (const placed of this.#envelopes.items(this.#signal, request)) {
      const sent = this.#sent.of(placed);
      const bytes = nestedBytes(encodeMessage(MESSAGE_OF[this.#signal], sent.item as object));
      this.#items.push({
        placed: sent,
        bytes,
        points: this.#signal === "metrics" ? pointsIn(placed.item as Items["metrics"]) : 1,
      });
      this.#pending.add(sent.envelope, bytes);
      if (this.#pending.bytes >= LARGE_BODY_BYTES) {
        this.#measure();
        return;
      }
    }
  }

  /** Measures what is left. Call it once, at the end. */
  result(): CompressionRatios {
    this.#measure();
    const sizes = [this.#small, this.#large].filter(({ bodies }) => bodies > 0).map((of) => of.result());
    const { gzip, zstd } = sizes[0] ?? { gzip: 1, zstd: 1 };
    return { gzip, zstd, sampledBytes: this.#small.plain + this.#large.plain, sizes };
  }

  #measure(): void {
    // A short body would compress worse than what is sent, unless it is all there is.
    if (this.#pending.bytes >= LARGE_BODY_BYTES * 0.9) this.#compress(this.#items, this.#large);
    let [from, body] = [0, new BodySize()];
    for (const [index, { placed, bytes }] of this.#items.entries()) {
      body.add(placed.envelope, bytes);
      if (body.bytes < SMALL_BODY_BYTES) continue;
      this.#compress(this.#items.slice(from, index + 1), this.#small);
      [from, body] = [index + 1, new BodySize()];
    }
    if (body.bytes > 0 && this.#small.bodies === 0) this.#compress(this.#items.slice(from), this.#small);
    this.#items = [];
    this.#pending = new BodySize();
    this.#envelopes = new EnvelopeRegistry();
    this.#sent = new SentForm(this.#signal);
    this.#isOpen = false;
  }

  #compress(items: readonly Item<S>[], totals: BodyTotals): void {
    const placed = items.map((item) => item.placed);
    const encode = this.#sent.isTemplate ? encodeTemplateRequest : encodeRequest;
    const body = encode(this.#signal, groupItems(this.#signal, placed));
    const points = items.reduce((sum, item) => sum + item.points, 0);
    totals.add(body, points);
  }
}

/** How long a body has become, to within a few bytes: each resource, and each scope of it, stands in it once. */
class BodySize {
  bytes = 0;
  readonly #seen = new Set<Envelope | Envelope["resource"]>();

  /** itemBytes  of an item under the envelope */
  add(envelope: Envelope, itemBytes: number): void {
    const { resource, scope } = envelope;
    this.bytes += itemBytes;
    if (!this.#seen.has(envelope)) this.bytes += nestedBytes(encodeMessage("ScopeSpans", scope)) + 1;
    if (!this.#seen.has(resource)) this.bytes += nestedBytes(encodeMessage("ResourceSpans", resource)) + 1;
    this.#seen.add(envelope).add(resource);
  }
}

/** Of a message within another: a tag of one byte, the length, itself. */
function nestedBytes({ length }: Uint8Array): number {
  return 1 + (length < 2 ** 7 ? 1 : length < 2 ** 14 ? 2 : 3) + length;
}

class BodyTotals {
  bodies = 0;
  plain = 0;
  #items = 0;
  #gzip = 0;
  #zstd = 0;

  add(body: Uint8Array, items: number): void {
    this.bodies++;
    this.plain += body.length;
    this.#items += items;
    this.#gzip += gzipSync(body, { level: 6 }).length;
    this.#zstd += zstdCompressSync(body, { params: { [constants.ZSTD_c_compressionLevel]: 3 } }).length;
  }

  result(): BodyCompression {
    return {
      bodies: this.bodies,
      bytes: Math.round(this.plain / this.bodies),
      bytesPerItem: this.plain / Math.max(1, this.#items),
      gzip: this.plain / this.#gzip,
      zstd: this.plain / this.#zstd,
    };
  }
}

const MESSAGE_OF = { traces: "Span", metrics: "Metric", logs: "LogRecord" } as const;
