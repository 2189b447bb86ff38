/**
 * What a template or capture file holds. One trip through the file in bounded memory: requests come one at a time, distinct counts
 * turn into estimates when they grow.
 */
import { statSync } from "node:fs";
import { encodeRequest } from "../../otlp/message/encode.ts";
import type { RequestOf } from "../../otlp/message/schema.ts";
import type { Signal } from "../../otlp/signal.ts";
import { readRequests } from "../import/read-requests.ts";
import { AttributeCounter, type AttributeSummary } from "./attributes.ts";
import { CompressionMeter, type CompressionRatios } from "./compression.ts";
import { countLogs, type LogsSummary } from "./count-logs.ts";
import { countMetrics, type MetricsSummary } from "./count-metrics.ts";
import { countTraces, type TracesSummary } from "./count-traces.ts";
import { type Shared, type SignalCounter, Tally } from "./tally.ts";

/** The part of a file that is of one signal. The keys are those of `inspect --json`. */
export interface FileSummary {
  file: string;
  signal: Signal;
  /** Requests that hold items of the signal. */
  frames: number;
  /** Spans, data points or log records. */
  items: number;
  /** Bytes of the requests, as they stand in the file or, for OTLP/JSON, as they would in protobuf. */
  bytes: number;
  bytesPerItem: number;
  /** Bytes of an item in a request of about 156 kB as it is sent: many frames share one resource and scope. */
  sentBytesPerItem: number;
  /** Items by `service.name`. */
  services: Record<string, number>;
  /** Items by name of the instrumentation scope. */
  scopes: Record<string, number>;
  attributes: Record<string, AttributeSummary>;
  /** Attributes that were left out, for the file has more than 5,000 keys. */
  uncountedAttributes: number;
  compression: CompressionRatios;
  traces?: TracesSummary;
  metrics?: MetricsSummary;
  logs?: LogsSummary;
}

/** One summary for each signal in the file, in order of first appearance. Throws ImportError, FrameError and system errors. */
export function inspectFile(path: string): FileSummary[] {
  const counters = new Map<Signal, FileCounter<Signal>>();
  const fileBytes = statSync(path).size;
  for (const { signal, request, encoded, position } of readRequests(path)) {
    let counter = counters.get(signal);
    if (counter === undefined) {
      counter = new FileCounter(path, signal, fileBytes);
      counters.set(signal, counter);
    }
    counter.add(request, encoded ?? encodeRequest(signal as Signal, request), position);
  }
  return [...counters.values()].map((counter) => counter.result()).filter(({ items }) => items > 0);
}

const COUNT = { traces: countTraces, metrics: countMetrics, logs: countLogs };

class FileCounter<S extends Signal> {
  readonly #file: string;
  readonly #signal: S;
  readonly #shared: Shared = {
    attributes: new AttributeCounter(),
    services: new Tally(),
    scopes: new Tally(),
  };
  readonly #compression: CompressionMeter<S>;
  readonly #counter: SignalCounter<S, object>;
  #frames = 0;
  #items = 0;
  #bytes = 0;

  constructor(file: string, signal: S, fileBytes: number) {
    this.#file = file;
    this.#signal = signal;
    this.#compression = new CompressionMeter(signal, fileBytes);
    this.#counter = COUNT[signal](this.#shared) as unknown as SignalCounter<S, object>;
  }

  add(request: RequestOf<S>, message: Uint8Array, position: number): void {
    const items = this.#counter.add(request);
    if (items === 0) return;
    this.#compression.add(request, position);
    this.#frames++;
    this.#items += items;
    this.#bytes += message.length;
  }

  result(): FileSummary {
    const { attributes, services, scopes } = this.#shared;
    const compression = this.#compression.result();
    return {
      file: this.#file,
      signal: this.#signal,
      frames: this.#frames,
      items: this.#items,
      bytes: this.#bytes,
      bytesPerItem: this.#items > 0 ? this.#bytes / this.#items : 0,
      sentBytesPerItem: compression.sizes[0]?.bytesPerItem ?? 0,
      services: services.result(),
      scopes: scopes.result(),
      [this.#signal]: this.#counter.result(),
      attributes: attributes.result(),
      uncountedAttributes: attributes.uncounted,
      compression,
    };
  }
}
