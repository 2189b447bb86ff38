import { describe, expect, it } from "vitest";
import { encodeAttributes } from "../attributes.ts";
import { by } from "./dimension.ts";
import { pointsOf } from "./point-list.ts";

const STATES = by("state", { used: 0.25, free: 0.75 });
const CORES = by("cpu", ["cpu0", "cpu1", "cpu2"]);

describe("points of lists", () => {
  it("run through the last list first, with the attributes of all and the product of their weights", () => {
    const points = pointsOf([CORES, STATES], 7);
    points.reach(6);
    const expected = CORES.flatMap((core) =>
      STATES.map((state) =>
        Buffer.from(encodeAttributes(7, { ...core.attributes, ...state.attributes })).toString("hex"),
      ),
    );
    expect(points.attributes.map((each) => Buffer.from(each).toString("hex"))).toEqual(expected);
    expect(points.weights).toEqual([0.25, 0.75, 0.25, 0.75, 0.25, 0.75]);
  });

  it("are made no further than somebody needs, and once for the same lists", () => {
    const lists = [
      by(
        "name",
        Array.from({ length: 10_000 }, (_, index) => `thing-${index}`),
      ),
    ];
    const points = pointsOf(lists, 7);
    points.reach(3);
    expect(points.attributes).toHaveLength(3);
    const first = points.attributes[0];
    const again = pointsOf([lists[0]!], 7);
    again.reach(5);
    expect(again).toBe(points);
    expect(again.attributes).toHaveLength(5);
    expect(again.attributes[0]).toBe(first);
    expect(pointsOf(lists, 9)).not.toBe(points);
  });

  it("are one without attributes when there is no list", () => {
    const points = pointsOf([], 7);
    points.reach(1);
    expect(points.weights).toEqual([1]);
    expect(points.attributes[0]).toHaveLength(0);
  });
});
