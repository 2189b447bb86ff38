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

/** Collects items into groups and writes them out as one frame. Its buffers are used again for each frame. */
export class FrameGroups {
  readonly #sink: FrameSink;
  /** Writers of each group by scope ordinal; kept over frames, empty when the group is not in this frame. */
  readonly #writers = new Map<ResourceGroup, ProtoWriter[]>();
  /** Groups of this frame in order of appearance. */
  readonly #groups: ResourceGroup[] = [];
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
      writers = group.scopes.map(() => new ProtoWriter(2048));
      this.#writers.set(group, writers);
    }
    if (!writers.some((writer) => writer.length > 0)) {
      this.#groups.push(group);
      this.#closedBytes += overheadOf(group);
    }
    this.#open = writers[scope]!;
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
    for (const group of this.#groups) {
      frame.begin(1, 3);
      frame.raw(group.resource);
      for (const [scope, writer] of this.#writers.get(group)!.entries()) {
        if (writer.length === 0) continue;
        frame.begin(2, 3);
        frame.raw(group.scopes[scope]!);
        frame.raw(writer.finish());
        frame.end();
        writer.reset();
      }
      if (group.schemaUrl) frame.string(3, group.schemaUrl);
      frame.end();
    }
    const items = this.items;
    this.#groups.length = 0;
    this.#closedBytes = 0;
    this.items = 0;
    this.frames++;
    return this.#sink.write(frame.finish(), items);
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
