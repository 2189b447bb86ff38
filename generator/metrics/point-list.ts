/**
 * The points that a metric can have on a resource, apart from their numbers: attributes as bytes, and shares.
 */
import { encodeAttributes } from "../attributes.ts";
import type { DimensionValue } from "./definition.ts";

/** One list for each dimension. */
export type Lists = readonly (readonly DimensionValue[])[];

/** Points are numbered with the last dimension running fastest. They are made as far as somebody asks for them. */
export class PointList {
  /** Of point i: its attributes as fields of the point. */
  readonly attributes: Uint8Array[] = [];
  /** Of point i: its share of the metric's amount. */
  readonly weights: number[] = [];
  readonly #lists: Lists;
  readonly #field: number;

  /** field: of the attributes in a point. */
  constructor(lists: Lists, field: number) {
    this.#lists = lists;
    this.#field = field;
  }

  /** Make the first `count` points known. */
  reach(count: number): void {
    for (let index = this.weights.length; index < count; index++) {
      let weight = 1;
      let rest = index;
      const parts: Uint8Array[] = [];
      for (let at = this.#lists.length - 1; at >= 0; at--) {
        const list = this.#lists[at]!;
        const value = list[rest % list.length]!;
        weight *= value.weight;
        parts.unshift(encodeAttributes(this.#field, value.attributes));
        rest = Math.floor(rest / list.length);
      }
      this.weights.push(weight);
      this.attributes.push(joined(parts));
    }
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}

/** What was made of the same lists before; it lasts as long as they do. */
class Branch {
  #next: WeakMap<readonly DimensionValue[], Branch> | undefined;
  readonly points = new Map<number, PointList>();

  next(list: readonly DimensionValue[]): Branch {
    this.#next ??= new WeakMap();
    let branch = this.#next.get(list);
    if (!branch) {
      branch = new Branch();
      this.#next.set(list, branch);
    }
    return branch;
  }
}

const root = new Branch();

/** The points of these lists, one object for the same lists and field. */
export function pointsOf(lists: Lists, field: number): PointList {
  let branch = root;
  for (const list of lists) branch = branch.next(list);
  let points = branch.points.get(field);
  if (!points) {
    points = new PointList(lists, field);
    branch.points.set(field, points);
  }
  return points;
}
