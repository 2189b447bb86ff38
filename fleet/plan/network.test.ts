import { expect, test } from "vitest";
import { interfaceFor, legOf, machineTraffic } from "./network.ts";

test("a leg has its bytes in bits, and 6 % more for packets", () => {
  expect(legOf("collectors", 480, 15_000_000).bitsPerSecond / 1e9).toBeCloseTo(57.6 * 1.0622, 2);
});

test.each([
  [0.6e9, 1],
  [0.7e9, 10],
  [7e9, 25],
  [60e9, 100],
  [300e9, undefined],
])("%s bits a second want an interface of %s Gb/s, at two thirds", (bits, gigabits) => {
  expect(interfaceFor(bits, 0.65)).toBe(gigabits);
});

test("on one machine nothing leaves but what goes to the backend", () => {
  const legs = [legOf("collectors", 100, 1e6), legOf("backend", 10, 1e6)];
  expect(machineTraffic(legs, 1, 0.65)).toEqual({
    sentBitsPerSecond: legs[1]!.bitsPerSecond,
    takenBitsPerSecond: 0,
    interface: 1,
  });
});

test("over four machines three quarters of what goes to Collectors crosses the network", () => {
  const legs = [legOf("collectors", 100, 1e6), legOf("backend", 10, 1e6)];
  const { sentBitsPerSecond, takenBitsPerSecond } = machineTraffic(legs, 4, 0.65);
  expect(takenBitsPerSecond * 4).toBeCloseTo(legs[0]!.bitsPerSecond * 0.75, 3);
  expect((sentBitsPerSecond - takenBitsPerSecond) * 4).toBeCloseTo(legs[1]!.bitsPerSecond, 3);
});
