/**
 * Packing items (spans, log records, metrics) into template frames: grouped by resource and scope, below the frame limit.
 */
import { closeSync, openSync, writeSync } from "node:fs";
import { encodeMessage, encodeTemplateRequest } from "../../otlp/message/encode.ts";
import type { Message, RequestOf } from "../../otlp/message/schema.ts";
import type { Signal } from "../../otlp/signal.ts";
import { encodeFrame, MAX_FRAME_BYTES } from "../frames.ts";
import { ImportError } from "./import-error.ts";

/** Where an item stands: its resource and scope. One object per distinct pair, so identity groups. */
export interface Envelope {
  resource: { resource?: Message<"Resource"> | undefined; schemaUrl?: string | undefined };
  scope: { scope?: Message<"InstrumentationScope"> | undefined; schemaUrl?: string | undefined };
}

/** An item of a signal's requests. */
export interface Items {
  traces: Message<"Span">;
  metrics: Message<"Metric">;
  logs: Message<"LogRecord">;
}

/** An item of a request and the envelope it stands in. */
export interface PlacedItem<S extends Signal> {
  item: Items[S];
  envelope: Envelope;
}

/** Names of the three levels of a request. */
const KEYS = {
  traces: ["resourceSpans", "scopeSpans", "spans"],
  metrics: ["resourceMetrics", "scopeMetrics", "metrics"],
  logs: ["resourceLogs", "scopeLogs", "logRecords"],
} as const;

type Loose = Record<string, unknown>;

/** Gives equal resources and scopes the same objects, over all requests of a file. */
export class EnvelopeRegistry {
  readonly #resources = new Map<string, Envelope["resource"]>();
  readonly #envelopes = new Map<string, Envelope>();

  /** The items of a request with their envelopes, in order. */
  *items<S extends Signal>(signal: S, request: RequestOf<S>): Generator<PlacedItem<S>> {
    const [resourcesKey, scopesKey, itemsKey] = KEYS[signal];
    for (const group of ((request as Loose)[resourcesKey] ?? []) as Loose[]) {
      const { resource, schemaUrl } = group as Envelope["resource"];
      const resourceKey = keyOf("ResourceSpans", { resource, schemaUrl });
      for (const scoped of (group[scopesKey] ?? []) as Loose[]) {
        const { scope, schemaUrl } = scoped as Envelope["scope"];
        const scopeKey = keyOf("ScopeSpans", { scope, schemaUrl });
        const envelope = this.#envelope(resourceKey, group as Envelope["resource"], scopeKey, {
          scope,
          schemaUrl,
        });
        for (const item of (scoped[itemsKey] ?? []) as Items[S][]) yield { item, envelope };
      }
    }
  }

  #envelope(
    resourceKey: string,
    { resource, schemaUrl }: Envelope["resource"],
    scopeKey: string,
    scope: Envelope["scope"],
  ): Envelope {
    // Forgetting costs smaller groups, not correctness; a capture of short-lived pods has no end of resources.
    if (this.#envelopes.size >= MAX_REMEMBERED_ENVELOPES) {
      this.#envelopes.clear();
      this.#resources.clear();
    }
    const key = `${resourceKey}|${scopeKey}`;
    let envelope = this.#envelopes.get(key);
    if (envelope === undefined) {
      const shared = this.#resources.get(resourceKey) ?? { resource, schemaUrl };
      this.#resources.set(resourceKey, shared);
      envelope = { resource: shared, scope };
      this.#envelopes.set(key, envelope);
    }
    return envelope;
  }
}

const MAX_REMEMBERED_ENVELOPES = 20_000;

/** All signals' groups have the same fields 1 and 3, so one name stands for them. */
function keyOf(name: "ResourceSpans" | "ScopeSpans", value: object): string {
  return Buffer.from(encodeMessage(name, value)).toString("latin1");
}

/** Writes template frames to a file that is made anew. */
export class FrameFile {
  frames = 0;
  readonly #fd: number;
  #pending: Buffer[] = [];
  #pendingBytes = 0;

  constructor(path: string) {
    this.#fd = openSync(path, "w");
  }

  /** message  1 to MAX_FRAME_BYTES bytes; copied */
  write(message: Uint8Array): void {
    const frame = encodeFrame(message);
    this.frames++;
    this.#pending.push(frame);
    this.#pendingBytes += frame.length;
    if (this.#pendingBytes >= WRITE_BYTES) this.#flush();
  }

  close(): void {
    try {
      this.#flush();
    } finally {
      closeSync(this.#fd);
    }
  }

  #flush(): void {
    const bytes = Buffer.concat(this.#pending);
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at);
    this.#pending = [];
    this.#pendingBytes = 0;
  }
}

const WRITE_BYTES = 1024 * 1024;

/**
 * Write items as one or more frames, keeping their order between frames. Within a frame they are grouped by resource and
 * scope in order of first appearance. Throws ImportError when an item alone does not fit into a frame.
 */
export function writeItems<S extends Signal>(
  signal: S,
  items: readonly PlacedItem<S>[],
  file: FrameFile,
): void {
  if (items.length === 0) return;
  const message = encodeTemplateRequest(signal, groupItems(signal, items));
  if (message.length <= MAX_FRAME_BYTES) {
    file.write(message);
    return;
  }
  if (items.length === 1) {
    const found = `needs a frame of ${message.length} bytes with its resource, ${MAX_FRAME_BYTES} are allowed`;
    throw new ImportError("bad_template_file", `an item of ${signal} ${found}; shorten its attributes`);
  }
  const middle = items.length >>> 1;
  writeItems(signal, items.slice(0, middle), file);
  writeItems(signal, items.slice(middle), file);
}

/** A request that holds the items, grouped by resource and scope in order of first appearance. */
export function groupItems<S extends Signal>(signal: S, items: readonly PlacedItem<S>[]): RequestOf<S> {
  const [resourcesKey, scopesKey, itemsKey] = KEYS[signal];
  const resources = new Map<Envelope["resource"], Map<Envelope, Items[S][]>>();
  for (const { item, envelope } of items) {
    let scopes = resources.get(envelope.resource);
    if (scopes === undefined) {
      scopes = new Map();
      resources.set(envelope.resource, scopes);
    }
    const group = scopes.get(envelope);
    if (group) group.push(item);
    else scopes.set(envelope, [item]);
  }
  const groups = [...resources].map(([resource, scopes]) => ({
    ...resource,
    [scopesKey]: [...scopes].map(([{ scope }, members]) => ({ ...scope, [itemsKey]: members })),
  }));
  return { [resourcesKey]: groups } as RequestOf<S>;
}
