/**
 * Putting items into request bodies: which spans, points or records travel together, under which envelopes.
 *
 * OTLP nests items in envelopes: resource, scope, and for metrics also metric and data. A request may hold a part of any
 * of them, as long as each part repeats what the envelope says about itself (its head: the resource, the scope, the
 * metric's name). So an assembler takes frames apart down to items and closes a body wherever a limit is reached; in the
 * next body it opens the same envelopes again.
 *
 * Spans and records whose envelopes say the same share one: a service's resource stands once in a request, over all its traces,
 * as it does in the batches of an SDK or a Collector. The resources of metrics are all different anyway.
 */

import { FieldCursor, varintBytes, writeVarint } from "../../otlp/message/wire.ts";
import type { Signal } from "../../otlp/signal.ts";

/** Which fields of an envelope hold its children, per level from the outside; the children of the last are the items. */
const LEVELS: Record<Signal, readonly ((field: number) => boolean)[]> = {
  traces: [is(2), is(2)],
  logs: [is(2), is(2)],
  metrics: [
    is(2),
    is(2),
    (field) => field === 5 || field === 7 || field === 9 || field === 10 || field === 11,
    is(1),
  ],
};

const SHARES_ENVELOPES: Record<Signal, boolean> = { traces: true, logs: true, metrics: false };

/** Bounds of one request. */
export interface BodyLimits {
  /** Items, or Infinity where something else decides. */
  items: number;
  /** Encoded bytes. */
  bytes: number;
}

/** Called with each finished body; the bytes are valid until it returns. */
export type BodyHandler = (body: Buffer, items: number) => void;

/** Rewrites a resource (the payload of its field) into `append`; used to number the resources of metrics. */
export type ResourceRewriter = (resource: Uint8Array, append: (bytes: Uint8Array) => void) => void;

/** What an assembler may do to what it is given. */
export interface AssemblerOptions {
  rewriteResource?: ResourceRewriter;
  /** Rewrites an item: field of its envelope, message, offsets of the item; the new one comes with tag and length. Undefined: as it is. */
  rewriteItem?: (field: number, message: Uint8Array, from: number, to: number) => Uint8Array | undefined;
  /** Items (message, offsets of the item) for which this is false are left out, without being counted. */
  accept?: (message: Uint8Array, from: number, to: number) => boolean;
}

interface Envelope {
  field: number;
  headFrom: number;
  headTo: number;
  /** Of the head: equal envelopes have equal ones. */
  hash: number;
  children: Envelope[];
  /**
   * Items of the innermost level: pairs (from, to) in the staging buffer, tags and lengths included; items that lie one behind the
   * other there share a pair.
   */
  items: number[];
  /** Bytes of head and children, without the envelope's own tag and length. Known once a body is closed. */
  bytes: number;
}

export class Assembler {
  readonly #levels: readonly ((field: number) => boolean)[];
  readonly #cursors: FieldCursor[];
  /** What each open level says about itself, and the field it is in its parent. */
  readonly #heads: ByteList[];
  readonly #fields: number[];
  readonly #hashes: number[];
  /** The envelope of each level in the body under construction, or undefined while it has no item of it. */
  readonly #open: (Envelope | undefined)[];
  readonly #sharesEnvelopes: boolean;
  readonly #limits: BodyLimits;
  readonly #onBody: BodyHandler;
  readonly #rewriteResource: AssemblerOptions["rewriteResource"];
  readonly #rewriteItem: AssemblerOptions["rewriteItem"];
  readonly #accept: AssemblerOptions["accept"];
  #staging = new ByteList();
  #roots: Envelope[] = [];
  #items = 0;
  /** Upper bound of the body's size: every length counted with its widest varint. */
  #bytes = 0;
  #output = Buffer.allocUnsafe(1 << 16);
  /** Items left out because one alone is larger than a request may be. */
  oversizedItems = 0;

  constructor(signal: Signal, limits: BodyLimits, onBody: BodyHandler, options: AssemblerOptions = {}) {
    this.#levels = LEVELS[signal];
    this.#cursors = Array.from({ length: this.#levels.length + 1 }, () => new FieldCursor());
    this.#heads = this.#levels.map(() => new ByteList());
    this.#fields = this.#levels.map(() => 1);
    this.#hashes = this.#levels.map(() => 0);
    this.#open = this.#levels.map(() => undefined);
    this.#sharesEnvelopes = SHARES_ENVELOPES[signal];
    this.#limits = limits;
    this.#onBody = onBody;
    this.#rewriteResource = options.rewriteResource;
    this.#rewriteItem = options.rewriteItem;
    this.#accept = options.accept;
  }

  /** Items in the body under construction. */
  get items(): number {
    return this.#items;
  }

  /** Upper bound of the encoded size of the body under construction. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Add all items of a request, closing bodies on the way. `message` is copied. Throws WireError. */
  add(message: Uint8Array): void {
    const cursor = this.#cursors[0]!;
    cursor.enter(message, 0, message.length);
    while (cursor.next()) if (cursor.field === 1) this.#walk(message, 0, 1, cursor.from, cursor.to);
  }

  /** Close the body under construction, if it has items. */
  flush(): void {
    if (this.#items > 0) this.#onBody(this.#encode(), this.#items);
    this.#staging.length = 0;
    this.#roots = [];
    this.#items = 0;
    this.#bytes = 0;
    this.#open.fill(undefined);
  }

  #walk(message: Uint8Array, level: number, field: number, from: number, to: number): void {
    const isChild = this.#levels[level]!;
    const cursor = this.#cursors[level + 1]!;
    const head = this.#heads[level]!;
    head.length = 0;
    this.#fields[level] = field;
    this.#open[level] = undefined;
    const rewritable = level === 0 && this.#rewriteResource ? RESOURCE_FIELD : 0;
    let hasRewritten = false;
    cursor.enter(message, from, to);
    while (cursor.next()) {
      if (isChild(cursor.field)) continue;
      if (cursor.field === rewritable) {
        this.#rewrite(message, cursor.from, cursor.to, head);
        hasRewritten = true;
      } else head.append(message, cursor.tagFrom, cursor.to);
    }
    if (rewritable && !hasRewritten) this.#rewrite(message, from, from, head);
    if (this.#sharesEnvelopes) this.#hashes[level] = head.hash();
    const isInnermost = level === this.#levels.length - 1;
    cursor.enter(message, from, to);
    while (cursor.next()) {
      if (!isChild(cursor.field)) continue;
      if (isInnermost && this.#accept?.(message, cursor.from, cursor.to) === false) continue;
      const rewritten = isInnermost && this.#rewriteItem?.(field, message, cursor.from, cursor.to);
      if (rewritten) this.#addItem(rewritten, 0, rewritten.length);
      else if (isInnermost) this.#addItem(message, cursor.tagFrom, cursor.to);
      else this.#walk(message, level + 1, cursor.field, cursor.from, cursor.to);
    }
  }

  #rewrite(message: Uint8Array, from: number, to: number, head: ByteList): void {
    const resource = new ByteList();
    this.#rewriteResource!(message.subarray(from, to), (bytes) => resource.append(bytes, 0, bytes.length));
    const prefix = new Uint8Array(1 + varintBytes(resource.length));
    prefix[0] = 0x0a;
    writeVarint(prefix, 1, resource.length);
    head.append(prefix, 0, prefix.length);
    head.append(resource.bytes, 0, resource.length);
  }

  #addItem(message: Uint8Array, from: number, to: number): void {
    if (this.#sharesEnvelopes) this.#reopen();
    let bytes = this.#envelopeBytes() + (to - from);
    if (this.#items >= this.#limits.items || (this.#items > 0 && this.#bytes + bytes > this.#limits.bytes)) {
      this.flush();
      bytes = this.#envelopeBytes() + (to - from);
    }
    if (bytes > this.#limits.bytes) {
      this.oversizedItems++;
      return;
    }
    const { items } = this.#openAll();
    const at = this.#staging.length;
    this.#staging.append(message, from, to);
    if (items.length > 0 && items.at(-1) === at) items[items.length - 1] = this.#staging.length;
    else items.push(at, this.#staging.length);
    this.#items++;
    this.#bytes += bytes;
  }

  /** Go on with envelopes of this body that are equal to those of the next item. */
  #reopen(): void {
    for (let level = 0; level < this.#open.length; level++) {
      if (this.#open[level]) continue;
      const siblings = level === 0 ? this.#roots : this.#open[level - 1]!.children;
      const equal = this.#equalTo(level, siblings);
      if (!equal) return;
      this.#open[level] = equal;
    }
  }

  /** The one of these envelopes that says the same as the current one of its level. */
  #equalTo(level: number, siblings: readonly Envelope[]): Envelope | undefined {
    const head = this.#heads[level]!;
    const hash = this.#hashes[level]!;
    for (const sibling of siblings) {
      if (sibling.hash !== hash || sibling.field !== this.#fields[level]) continue;
      const { headFrom, headTo } = sibling;
      if (head.equals(this.#staging, headFrom, headTo)) return sibling;
    }
    return undefined;
  }

  /** Bytes that the envelopes of the next item add to the body: those that are not open in it yet. */
  #envelopeBytes(): number {
    let bytes = 0;
    for (let level = 0; level < this.#open.length; level++) {
      if (!this.#open[level]) bytes += this.#heads[level]!.length + WIDEST_PREFIX_BYTES;
    }
    return bytes;
  }

  #openAll(): Envelope {
    let siblings = this.#roots;
    let envelope: Envelope | undefined;
    for (let level = 0; level < this.#open.length; level++) {
      envelope = this.#open[level];
      if (!envelope) {
        const head = this.#heads[level]!;
        const headFrom = this.#staging.length;
        this.#staging.append(head.bytes, 0, head.length);
        envelope = {
          field: this.#fields[level]!,
          headFrom,
          headTo: this.#staging.length,
          hash: this.#hashes[level]!,
          children: [],
          items: [],
          bytes: 0,
        };
        siblings.push(envelope);
        this.#open[level] = envelope;
      }
      siblings = envelope.children;
    }
    return envelope!;
  }

  #encode(): Buffer {
    let bytes = 0;
    for (const root of this.#roots) bytes += measure(root);
    if (this.#output.length < bytes) this.#output = Buffer.allocUnsafe(bytes * 2);
    let offset = 0;
    for (const root of this.#roots) offset = this.#write(root, offset);
    return this.#output.subarray(0, offset);
  }

  #write(envelope: Envelope, from: number): number {
    const output = this.#output;
    const staged = this.#staging.bytes;
    // Envelope fields are below 16 everywhere in OTLP: one byte of tag.
    output[from] = (envelope.field << 3) | 2;
    let offset = writeVarint(output, from + 1, envelope.bytes);
    output.set(staged.subarray(envelope.headFrom, envelope.headTo), offset);
    offset += envelope.headTo - envelope.headFrom;
    for (const child of envelope.children) offset = this.#write(child, offset);
    const { items } = envelope;
    for (let pair = 0; pair < items.length; pair += 2) {
      output.set(staged.subarray(items[pair]!, items[pair + 1]!), offset);
      offset += items[pair + 1]! - items[pair]!;
    }
    return offset;
  }
}

/** Resource{Spans,Metrics,Logs}.resource. */
const RESOURCE_FIELD = 1;

/** Tag and the widest length of an envelope below 2^28 bytes. */
const WIDEST_PREFIX_BYTES = 5;

/** Settle `bytes` of an envelope and all below it; returns its size with tag and length. */
function measure(envelope: Envelope): number {
  let bytes = envelope.headTo - envelope.headFrom;
  for (const child of envelope.children) bytes += measure(child);
  const { items } = envelope;
  for (let pair = 0; pair < items.length; pair += 2) bytes += items[pair + 1]! - items[pair]!;
  envelope.bytes = bytes;
  return 1 + varintBytes(bytes) + bytes;
}

function is(number: number): (field: number) => boolean {
  return (field) => field === number;
}

/** Bytes that grow at the end and are emptied all at once. */
class ByteList {
  bytes = new Uint8Array(1 << 12);
  length = 0;

  append(source: Uint8Array, from: number, to: number): void {
    const length = this.length + (to - from);
    if (length > this.bytes.length) {
      const larger = new Uint8Array(length * 2);
      larger.set(this.bytes.subarray(0, this.length));
      this.bytes = larger;
    }
    this.bytes.set(source.subarray(from, to), this.length);
    this.length = length;
  }

  /** A 32-bit hash of all bytes (FNV-1a). */
  hash(): number {
    let hash = 0x811c9dc5;
    for (let at = 0; at < this.length; at++) hash = Math.imul(hash ^ this.bytes[at]!, 0x01000193);
    return hash;
  }

  /** Whether all bytes are those of `other` in a range. */
  equals(other: ByteList, from: number, to: number): boolean {
    if (to - from !== this.length) return false;
    for (let at = 0; at < this.length; at++) if (this.bytes[at] !== other.bytes[from + at]) return false;
    return true;
  }
}
