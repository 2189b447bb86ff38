/**
 * The metrics of one kind of resource that still want series, by what a resource must be about to report them.
 */
import type { MetricEncoder } from "./metric-encoder.ts";
import type { SeriesQuota } from "./series.ts";

/** A metric in the making. */
export interface Entry {
  readonly encoder: MetricEncoder;
  readonly quota: SeriesQuota;
}

interface Placed extends Entry {
  readonly place: number;
}

export class OpenEntries {
  /** Reported by every resource. */
  readonly #common: Placed[] = [];
  /** Reported by resources of a subject only. Lists in here are in order, and so is the other one. */
  readonly #special = new Map<string, Placed[]>();
  #open: number;

  constructor(entries: readonly Entry[]) {
    this.#open = entries.length;
    for (const [place, { encoder, quota }] of entries.entries()) {
      const { only } = encoder.metric;
      let list = this.#common;
      if (only !== undefined) {
        list = this.#special.get(only) ?? [];
        this.#special.set(only, list);
      }
      list.push({ encoder, quota, place });
    }
  }

  /** Every metric has its series, as far as `on` has seen. */
  get isEmpty(): boolean {
    return this.#open === 0;
  }

  /** What a resource of these subjects reports, in order; valid until the next call. What is done is dropped for good. */
  on(subjects: readonly string[]): readonly Entry[] {
    this.#drop(this.#common);
    let found: readonly Placed[] = this.#common;
    for (const subject of subjects) {
      const special = this.#special.get(subject);
      if (!special) continue;
      this.#drop(special);
      if (special.length === 0) this.#special.delete(subject);
      else found = merged(found, special);
    }
    return found;
  }

  #drop(list: Placed[]): void {
    let kept = 0;
    for (let index = 0; index < list.length; index++) {
      const entry = list[index]!;
      if (!entry.quota.done) list[kept++] = entry;
    }
    this.#open -= list.length - kept;
    list.length = kept;
  }
}

/** Two lists in order as one. */
function merged(one: readonly Placed[], other: readonly Placed[]): readonly Placed[] {
  if (one.length === 0) return other;
  const all: Placed[] = [];
  let at = 0;
  for (const entry of other) {
    while (at < one.length && one[at]!.place < entry.place) all.push(one[at++]!);
    all.push(entry);
  }
  while (at < one.length) all.push(one[at++]!);
  return all;
}
