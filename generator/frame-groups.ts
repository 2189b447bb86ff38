/**
 * A frame in the making: items of one signal, grouped by resource and scope as an exporter groups them.
 *
 * All three export requests have the same shape, and the same field numbers:
 *
 *   request { repeated 1: per resource { 1: resource, repeated 2: per scope { 1: scope, repeated 2: item }, 3: schema url } }
 */
import { ProtoWriter } from "../otlp/message/writer.ts";
import type { FrameSink } from "./frame-sink.ts";

/** Who items come from: encoded once, compared by identity. */
export interface ResourceGroup {
  /** Field 1 of the per-resource message, with its tag. */
  readonly resource: Uint8Array;
  /** Field 1 of the per-scope messages. A scope's place here is its ordinal. */
  readonly scopes: readonly Uint8Array[];
  /** Empty: none. */
  readonly schemaUrl: string;
}

/** The field of an item in its per-scope message: what `open` writers begin with. */
export const ITEM_FIELD = 2;

/** First size of a writer of items, and what all that wait to be used again may have together. */
const WRITER_BYTES = 1024;
const MAX_SPARE_BYTES = 16 * 1024 * 1024;

/** Collects items into groups and writes them out as one frame. Memory follows the frame, not the number of groups. */
export class FrameGroups {
  readonly #sink: FrameSink;
  /** Groups of this frame, each with the writers of its scopes that have items. */
  readonly #writers = new Map<ResourceGroup, (ProtoWriter | undefined)[]>();
  /** The same groups in order of appearance. */
  readonly #groups: ResourceGroup[] = [];
  /** Writers that no scope has at the moment; the last one is used next, so that the large ones stay few. */
  readonly #spare: ProtoWriter[] = [];
  #spareBytes = 0;
  readonly #frame = new ProtoWriter(1 << 16);
  #closedBytes = 0;
  #open: ProtoWriter | undefined;
  #openStart = 0;
  items = 0;
  frames = 0;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /** The writer to put the next item in, begin and end of ITEM_FIELD included. Valid until the next call. */
  open(group: ResourceGroup, scope: number): ProtoWriter {
    this.#account();
    let writers = this.#writers.get(group);
    if (!writers) {
      writers = new Array(group.scopes.length).fill(undefined);
      this.#writers.set(group, writers);
      this.#groups.push(group);
      this.#closedBytes += overheadOf(group);
    }
    writers[scope] ??= this.#takeWriter();
    this.#open = writers[scope];
    this.#openStart = this.#open.length;
    this.items++;
    return this.#open;
  }

  /** Bytes that the frame has so far, at most: groups count as if each of their scopes were used. */
  get bytes(): number {
    this.#account();
    return this.#closedBytes;
  }

  /** Write the frame, if it has any item, and begin the next one. */
  flush(): Promise<void> | undefined {
    this.#account();
    if (this.items === 0) return undefined;
    const frame = this.#frame;
    frame.reset();
    for (const group of this.#groups) this.#writeGroup(group, this.#writers.get(group)!);
    const items = this.items;
    this.#writers.clear();
    this.#groups.length = 0;
    this.#closedBytes = 0;
    this.items = 0;
    this.frames++;
    return this.#sink.write(frame.finish(), items);
  }

  #writeGroup(group: ResourceGroup, writers: readonly (ProtoWriter | undefined)[]): void {
    const frame = this.#frame;
    frame.begin(1, 3);
    frame.raw(group.resource);
    for (let scope = 0; scope < writers.length; scope++) {
      const writer = writers[scope];
      if (!writer) continue;
      frame.begin(2, 3);
      frame.raw(group.scopes[scope]!);
      frame.append(writer);
      frame.end();
      this.#giveBack(writer);
    }
    if (group.schemaUrl) frame.string(3, group.schemaUrl);
    frame.end();
  }

  #takeWriter(): ProtoWriter {
    const writer = this.#spare.pop();
    if (!writer) return new ProtoWriter(WRITER_BYTES);
    this.#spareBytes -= writer.capacity;
    return writer;
  }

  #giveBack(writer: ProtoWriter): void {
    if (this.#spareBytes + writer.capacity > MAX_SPARE_BYTES) return;
    writer.reset();
    this.#spare.push(writer);
    this.#spareBytes += writer.capacity;
  }

  #account(): void {
    if (!this.#open) return;
    this.#closedBytes += this.#open.length - this.#openStart;
    this.#open = undefined;
  }
}

/** Tags and lengths of a resource's and of a scope's message, at most. */
const RESOURCE_FRAMING_BYTES = 16;
const SCOPE_FRAMING_BYTES = 6;

/** Bytes that a group adds to a frame beside its items, at most. */
function overheadOf({ resource, scopes, schemaUrl }: ResourceGroup): number {
  let bytes = RESOURCE_FRAMING_BYTES + resource.length + schemaUrl.length;
  for (const scope of scopes) bytes += SCOPE_FRAMING_BYTES + scope.length;
  return bytes;
}
