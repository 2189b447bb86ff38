/** Points side by side: what an instrument tells apart, with how often each comes and how long it takes. */
import type { Attributes } from "../../attributes.ts";
import type { Service } from "../../scenario/services.ts";
import type { DimensionValue } from "../definition.ts";

export interface Split {
  readonly values: readonly DimensionValue[];
  /** Per hour and process. */
  readonly rates: readonly number[];
  /** Seconds, the middle one. */
  readonly medians: readonly number[];
  /** Bytes of what is answered, the middle one; 0 where that means nothing. */
  readonly sizes: readonly number[];
}

/** What is known of one kind of event. */
export interface Occurrence {
  /** Of all processes of the service. */
  readonly perHour: number;
  readonly seconds: number;
  readonly bytes?: number;
}

/** Gathers what has equal attributes into one point, for one process of a service. */
export class SplitBuilder {
  readonly #processes: number;
  readonly #points = new Map<string, { attributes: Attributes; rate: number; time: number; bytes: number }>();

  /** service: among whose processes what occurs is shared. */
  constructor({ instances }: Service) {
    this.#processes = Math.max(1, instances.length);
  }

  /** What never occurs has no point. */
  add(attributes: Attributes, { perHour, seconds, bytes = 0 }: Occurrence): void {
    if (perHour === 0) return;
    const key = JSON.stringify(attributes);
    const point = this.#points.get(key) ?? { attributes, rate: 0, time: 0, bytes: 0 };
    point.rate += perHour;
    point.time += perHour * seconds;
    point.bytes += perHour * bytes;
    this.#points.set(key, point);
  }

  done(): Split {
    const points = [...this.#points.values()];
    return {
      values: points.map(({ attributes }) => ({ attributes, weight: 1 })),
      rates: points.map(({ rate }) => rate / this.#processes),
      medians: points.map(({ rate, time }) => time / rate),
      sizes: points.map(({ rate, bytes }) => bytes / rate),
    };
  }
}

/** The points of a split whose attributes are such. */
export function those(split: Split, isSuch: (attributes: Attributes) => boolean): Split {
  const places = [...split.values.keys()].filter((place) => isSuch(split.values[place]!.attributes));
  return {
    values: places.map((place) => split.values[place]!),
    rates: places.map((place) => split.rates[place]!),
    medians: places.map((place) => split.medians[place]!),
    sizes: places.map((place) => split.sizes[place]!),
  };
}

/** The same split for a process that has `factor` times its share. */
export function scaled(split: Split, factor: number): Split {
  return { ...split, rates: split.rates.map((rate) => rate * factor) };
}
