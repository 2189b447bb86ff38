import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type FleetView, isRestless, look, NO_VIEW, RESTLESS_MS, STABLE_MS } from "./fleet-view.ts";

const OWN = new Set(["10.0.0.5"]);

/** Look at these answers at these moments. */
function see(
  looks: readonly [number, readonly string[] | undefined][],
  from: FleetView = NO_VIEW,
): FleetView {
  return looks.reduce((view, [atMs, answer]) => look(view, answer, OWN, atMs), from);
}

const TWO = ["10.0.0.5", "10.0.0.1"];
const THREE = [...TWO, "10.0.0.9"];
const OTHERS = ["10.0.0.1", "10.0.0.9"];
const ofTwo = see([
  [0, TWO],
  [STABLE_MS, TWO],
]);

describe("a view of the fleet", () => {
  test("is taken once it has stood still, whatever order the addresses come in", () => {
    expect(
      see([
        [0, TWO],
        [STABLE_MS - 1, TWO],
      ]).share,
    ).toBeUndefined();
    expect(
      see([
        [0, TWO],
        [STABLE_MS, TWO.toReversed()],
      ]).share,
    ).toEqual({ index: 1, count: 2 });
  });

  test("that changes begins anew, and that goes back to what was taken changes nothing", () => {
    expect(
      see(
        [
          [5000, THREE],
          [6999, THREE],
        ],
        ofTwo,
      ).share,
    ).toEqual({ index: 1, count: 2 });
    const back = see(
      [
        [5000, THREE],
        [6000, TWO],
        [6500, THREE],
        [8400, THREE],
      ],
      ofTwo,
    );
    expect([back.share, back.taken.length]).toEqual([{ index: 1, count: 2 }, 2]);
    expect(
      see(
        [
          [5000, THREE],
          [6000, TWO],
          [9000, TWO],
        ],
        ofTwo,
      ).share,
    ).toBe(ofTwo.share);
  });

  test("that never stands still is taken as it is after a while", () => {
    let view = ofTwo;
    for (let atMs = 5000; atMs < 5000 + RESTLESS_MS; atMs += 500) {
      view = look(view, [...TWO, `10.0.1.${atMs % 200}`], OWN, atMs);
      expect(view.share).toBe(ofTwo.share);
    }
    expect(look(view, THREE, OWN, 5000 + RESTLESS_MS).share).toEqual({ index: 1, count: 3 });
  });

  test.each([
    ["is not there, for the server does not answer", undefined, "no answer"],
    ["does not have this replica", OTHERS, "not in it"],
    ["is empty", [], "not in it"],
  ] as const)("that %s is passed over: the last one is kept", (_, answer, doubt) => {
    const view = see(
      [
        [5000, answer],
        [60_000, answer],
      ],
      ofTwo,
    );
    expect([view.share, view.doubt, isRestless(view)]).toEqual([ofTwo.share, doubt, false]);
    expect(see([[61_000, TWO]], view)).toMatchObject({ share: ofTwo.share, doubt: undefined });
  });

  test("is not to be had without this replica: it goes on looking", () => {
    const view = see([
      [0, OTHERS],
      [60_000, OTHERS],
    ]);
    expect([view.share, isRestless(view)]).toEqual([undefined, true]);
  });
});

test("replicas that see the same addresses are at different places of the same number, all of them", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.ipV4(), { minLength: 1, maxLength: 200 }), (addresses) => {
      const shares = addresses.map((own, at) => {
        const rotated = [...addresses.slice(at), ...addresses.slice(0, at)];
        const first = look(NO_VIEW, rotated, new Set([own]), 0);
        return look(first, rotated, new Set([own]), STABLE_MS).share!;
      });
      expect(shares.map(({ index }) => index).sort((a, b) => a - b)).toEqual(addresses.map((_, at) => at));
      expect(new Set(shares.map(({ count }) => count))).toEqual(new Set([addresses.length]));
    }),
  );
});
