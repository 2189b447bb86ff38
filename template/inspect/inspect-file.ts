/**
 * What a template or capture file holds. One trip through the file in bounded memory: requests come one at a time, distinct counts
 * turn into estimates when they grow.
 */
import { encodeRequest } from "../../otlp/message/encode.ts";
import type { Signal } from "../../otlp/signal.ts";
import { readRequests } from "../import/read-requests.ts";
import { AttributeCounter, type AttributeSummary } from "./attributes.ts";
import { CompressionMeter, type CompressionRatios } from "./compression.ts";
import {
  countLogs,
  countMetrics,
  countTraces,
  type LogsSummary,
  type MetricsSummary,
  type SignalCounter,
  Tally,
  type TracesSummary,
} from "./signals.ts";

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
  /** Items by `service.name`. */
  services: Record<string, number>;
  attributes: Record<string, AttributeSummary>;
  /** Attributes that were left out, for the file has more than 5,000 keys. */
  uncountedAttributes: number;
  compression: CompressionRatios;
  traces?: TracesSummary["traces"] & Omit<TracesSummary, "traces">;
  metrics?: MetricsSummary;
  logs?: LogsSummary;
}

/** One summary for each signal in the file, in order of first appearance. Throws ImportError and FrameError. */
export function inspectFile(path: string): FileSummary[] {
  const counters = new Map<Signal, FileCounter>();
  for (const { signal, request, encoded } of readRequests(path)) {
    let counter = counters.get(signal);
    if (counter === undefined) {
      counter = new FileCounter(path, signal);
      counters.set(signal, counter);
    }
    counter.add(request, encoded ?? encodeRequest(signal as Signal, request));
  }
  return [...counters.values()].map((counter) => counter.result()).filter(({ items }) => items > 0);
}

class FileCounter {
  readonly #file: string;
  readonly #signal: Signal;
  readonly #attributes = new AttributeCounter();
  readonly #services = new Tally();
  readonly #compression = new CompressionMeter();
  readonly #counter: SignalCounter<Signal>;
  #frames = 0;
  #items = 0;
  #bytes = 0;

  constructor(file: string, signal: Signal) {
    this.#file = file;
    this.#signal = signal;
    const make = { traces: countTraces, metrics: countMetrics, logs: countLogs }[signal];
    this.#counter = make(this.#attributes) as SignalCounter<Signal>;
  }

  add(request: object, message: Uint8Array): void {
    const services = this.#counter.request(request);
    const items = services.values().reduce((sum, count) => sum + count, 0);
    if (items === 0) return;
    for (const [service, count] of services) this.#services.add(service, count);
    this.#compression.add(message);
    this.#frames++;
    this.#items += items;
    this.#bytes += message.length;
  }

  result(): FileSummary {
    const result = this.#counter.result();
    return {
      file: this.#file,
      signal: this.#signal,
      frames: this.#frames,
      items: this.#items,
      bytes: this.#bytes,
      bytesPerItem: this.#items > 0 ? this.#bytes / this.#items : 0,
      services: this.#services.result(),
      ...("traces" in result ? { traces: flatten(result) } : { [this.#signal]: result }),
      attributes: this.#attributes.result(),
      uncountedAttributes: this.#attributes.uncounted,
      compression: this.#compression.result(),
    };
  }
}

function flatten({ traces, ...rest }: TracesSummary): NonNullable<FileSummary["traces"]> {
  return { ...traces, ...rest };
}
