import { expect, test } from "vitest";
import { ControlError, type ControlState, obey, replyOf, UNCONTROLLED } from "./control.ts";

const BEGIN_MS = Date.parse("2026-01-01T00:00:00Z");

/** The state after orders, each at its second. */
function after(...orders: [second: number, order: object][]): ControlState {
  return orders.reduce<ControlState>(
    (state, [second, order]) => obey(state, order, "here", BEGIN_MS + second * 1000),
    UNCONTROLLED,
  );
}

/** What replicas are told at a second. */
const toldAt = (state: ControlState, second: number) =>
  replyOf(state, BEGIN_MS + second * 1000, false).steering;

const burst = { action: "burst", eventsPerSecond: 9000, seconds: 10 };

test("a burst is over when its time is, and the rate is what it was", () => {
  const state = after([0, { action: "rate", eventsPerSecond: 100 }], [5, burst]);
  expect([5, 14.9, 15, 1000].map((second) => toldAt(state, second).rate)).toEqual([
    { eventsPerSecond: 9000 },
    { eventsPerSecond: 9000 },
    { eventsPerSecond: 100 },
    { eventsPerSecond: 100 },
  ]);
  expect(state.uses.at(-1)).toEqual({
    at: "2026-01-01T00:00:05.000Z",
    from: "here",
    what: "burst 9000 for 10 s",
  });
});

test("after a burst over a rate that nobody had set, the configured one holds", () => {
  const state = after([0, burst]);
  expect(toldAt(state, 9).rate).toEqual({ eventsPerSecond: 9000 });
  expect(toldAt(state, 10).rate).toBe("config");
});

test.each<[object, unknown]>([
  [{ action: "rate", eventsPerSecond: 7 }, { eventsPerSecond: 7 }],
  [{ action: "rate", eventsPerSecond: null }, "config"],
  [{ action: "pause" }, "config"],
  [{ action: "stop" }, "config"],
  [{ action: "burst", eventsPerSecond: 50, seconds: 3 }, { eventsPerSecond: 50 }],
])("%j ends a burst", (order, rate) => {
  expect(toldAt(after([0, burst], [2, order]), 3).rate).toEqual(rate);
});

test("a burst that was paused does not come back", () => {
  const state = after([0, burst], [2, { action: "pause" }], [3, { action: "resume" }]);
  expect(toldAt(state, 4)).toEqual({ isPaused: false, rate: "config" });
});

test("to resume what is not paused leaves a burst as it is", () => {
  expect(toldAt(after([0, burst], [2, { action: "resume" }]), 3).rate).toEqual({ eventsPerSecond: 9000 });
});

test.each([
  { action: "burst" },
  { action: "burst", eventsPerSecond: 0, seconds: 1 },
  { action: "burst", eventsPerSecond: null, seconds: 1 },
  { action: "burst", eventsPerSecond: 2e9, seconds: 1 },
  { action: "burst", eventsPerSecond: 5 },
  { action: "burst", eventsPerSecond: 5, seconds: 0 },
  { action: "burst", eventsPerSecond: 5, seconds: 3601 },
  { action: "burst", eventsPerSecond: 5, seconds: "1" },
])("%j is no order", (order) => {
  expect(() => after([0, order])).toThrow(ControlError);
  expect(() => after([0, order])).toThrow(/must be a number from 1 to/);
});

test("who is paused is not burst", () => {
  expect(() => after([0, { action: "pause" }], [1, burst])).toThrow(
    'action: must be "resume" first, the fleet is paused',
  );
});
