/** Single items of a file as requests of their own, with their resource and scope: what a reader wants to look at. */
import { toOtlpJson } from "../../otlp/message/json.ts";
import type { Message, RequestOf } from "../../otlp/message/schema.ts";
import type { Signal } from "../../otlp/signal.ts";
import { EnvelopeRegistry, groupItems, type PlacedItem } from "../import/frame-packer.ts";
import { readRequests } from "../import/read-requests.ts";
import { mix } from "../mix.ts";
import { METRIC_KINDS } from "./metric-kinds.ts";

/**
 * `count` items of a file (spans, data points, log records) drawn at random over all of it, in the order of the file: each a whole
 * request as indented OTLP/JSON. The same file and seed give the same items.
 *
 * count  all of them are held in memory
 */
export function showItems(path: string, count: number, seed = 0): string[] {
  const envelopes = new EnvelopeRegistry();
  const draw = new Draw<string>(count, seed);
  for (const { signal, request } of readRequests(path)) {
    for (const placed of singles(signal, envelopes.items(signal, request))) {
      draw.offer(() => toOtlpJson(signal, groupItems(signal, [placed]) as RequestOf<Signal>));
    }
  }
  return draw.result().map(indentJson);
}

/** Metrics with one data point each; spans and records as they are. */
function* singles(signal: Signal, items: Iterable<PlacedItem<Signal>>): Generator<PlacedItem<Signal>> {
  for (const placed of items) {
    if (signal !== "metrics") {
      yield placed;
      continue;
    }
    const metric = placed.item as Message<"Metric">;
    for (const kind of METRIC_KINDS) {
      for (const point of metric[kind]?.dataPoints ?? []) {
        const item = { ...metric, [kind]: { ...metric[kind], dataPoints: [point] } };
        yield { item, envelope: placed.envelope };
      }
    }
  }
}

/** A sample of what is offered, each thing as likely as any other (reservoir sampling, algorithm R). */
class Draw<T> {
  readonly #count: number;
  readonly #seed: number;
  readonly #drawn: { index: number; value: T }[] = [];
  #offered = 0;

  constructor(count: number, seed: number) {
    this.#count = count;
    this.#seed = mix(seed | 0);
  }

  /** make  called only when the thing is drawn, for now */
  offer(make: () => T): void {
    const index = this.#offered++;
    if (index < this.#count) {
      this.#drawn.push({ index, value: make() });
      return;
    }
    const place = Math.floor(((mix(index ^ this.#seed) >>> 0) / 2 ** 32) * (index + 1));
    if (place < this.#count) this.#drawn[place] = { index, value: make() };
  }

  /** In the order in which they were offered. */
  result(): T[] {
    return this.#drawn.toSorted((a, b) => a.index - b.index).map(({ value }) => value);
  }
}

/** Numbers keep their text: 64-bit integers are strings, and no others lose digits in a double. */
function indentJson(text: string): string {
  return JSON.stringify(JSON.parse(text), null, 2);
}
