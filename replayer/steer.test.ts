/** What leaves when a replay is told something on the way, by a clock that the test owns: sockets and time are all that is not real. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { makeTemplates } from "../generator/test-templates.ts";
import { countItems } from "../otlp/message/count.ts";
import type { Signal } from "../otlp/signal.ts";
import { type OpenReplay, openReplay } from "./open-replay.ts";
import type { Steering } from "./steering.ts";
import { imbalances, jobOf, outcomeOf, takingAll } from "./test-run.ts";

const directory = mkdtempSync(join(tmpdir(), "stampede-steer-"));

beforeAll(() => makeTemplates(directory));
afterEach(() => vi.useRealTimers());
afterAll(() => rmSync(directory, { recursive: true }));

/** A fleet in this process, and what has come from it. */
async function openFleet(sending: object, replicas: number, address = "127.0.0.1:1") {
  const job = await jobOf({ address, inputs: directory, config: { sending } });
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] });
  const beganMs = performance.now();
  const arrivals: { atMs: number; items: number; signal: Signal }[] = [];
  const target = takingAll((signal, body) => {
    arrivals.push({ atMs: performance.now() - beganMs, items: countItems(signal, body), signal });
  });
  const open = (index: number, count: number) =>
    openReplay({ ...job, replica: { index, count } }, undefined, async () => target);
  const fleet = await Promise.all(Array.from({ length: replicas }, (_, index) => open(index, replicas)));
  return {
    fleet,
    open,
    between: (fromMs: number, toMs: number) =>
      arrivals.reduce((sum, { atMs, items }) => sum + (atMs >= fromMs && atMs < toMs ? items : 0), 0),
    most: () =>
      Math.max(
        ...arrivals.map(({ atMs }) =>
          arrivals.reduce(
            (sum, other) => sum + (other.atMs >= atMs && other.atMs < atMs + 100 ? other.items : 0),
            0,
          ),
        ),
      ),
  };
}

const tell = (fleet: readonly OpenReplay[], change: (index: number) => Steering) => {
  for (const [index, { steer }] of fleet.entries()) steer(change(index));
};
const books = ({ replay }: OpenReplay) => imbalances(outcomeOf(replay.snapshot()));

describe("a replay that is told", () => {
  test("another rate of the fleet goes by that from then on, and by its config's again", async () => {
    const { fleet, between } = await openFleet(
      { rate_limit: { events_per_second: 10_000 }, duration: "6s" },
      2,
    );
    const running = fleet.map(({ replay }) => replay.run());
    await vi.advanceTimersByTimeAsync(2000);
    tell(fleet, () => ({ rate: { eventsPerSecond: 30_000 } }));
    await vi.advanceTimersByTimeAsync(2000);
    tell(fleet, () => ({ rate: "config" }));
    await vi.advanceTimersByTimeAsync(4000);
    await Promise.all(running);
    for (const [second, asked] of [10_000, 10_000, 30_000, 30_000, 10_000, 10_000].entries()) {
      expect(Math.abs(between(second * 1000, (second + 1) * 1000) / asked - 1)).toBeLessThan(0.02);
    }
    // Each signal of each replica is rounded.
    expect(Math.abs(between(0, 10_000) - 100_000)).toBeLessThanOrEqual(6);
    expect(fleet.map(books)).toEqual([Array(6).fill(0), Array(6).fill(0)]);
    expect(fleet.map(({ replay }) => replay.snapshot().counts.traces[1])).toEqual([0, 0]);
  });

  test("another share goes by that: three become five become two, and the sum stays the fleet's rate", async () => {
    const { fleet, open, between, most } = await openFleet(
      { rate_limit: { events_per_second: 20_000 }, duration: "60s" },
      3,
    );
    for (const { replay } of fleet) void replay.run();
    await vi.advanceTimersByTimeAsync(2000);
    tell(fleet, (index) => ({ share: { index, count: 5 } }));
    const more = await Promise.all([open(3, 5), open(4, 5)]);
    for (const { replay } of more) void replay.run();
    await vi.advanceTimersByTimeAsync(2000);
    for (const { replay } of [...more, fleet[0]!]) replay.stop();
    tell(fleet.slice(1), (index) => ({ share: { index, count: 2 } }));
    await vi.advanceTimersByTimeAsync(2000);
    for (let second = 0; second < 6; second++) {
      expect(Math.abs(between(second * 1000, (second + 1) * 1000) / 20_000 - 1)).toBeLessThan(0.02);
    }
    expect(most()).toBeLessThan(2000 * 1.25);
    expect(fleet.map(({ replay }) => replay.snapshot().share)).toEqual([0, 1 / 2, 1 / 2]);
    for (const { replay } of fleet) replay.stop();
    expect([...fleet, ...more].flatMap(books).every((difference) => difference === 0)).toBe(true);
  });

  test("a share while it has a total sends as much more or less of the rest", async () => {
    const { fleet, between } = await openFleet(
      { rate_limit: { events_per_second: 10_000 }, total: 40_000 },
      4,
    );
    const running = fleet.map(({ replay }) => replay.run());
    await vi.advanceTimersByTimeAsync(2000);
    // Half of the fleet goes, and half of the total is left.
    fleet[2]!.replay.stop();
    fleet[3]!.replay.stop();
    tell(fleet.slice(0, 2), (index) => ({ share: { index, count: 2 } }));
    await vi.advanceTimersByTimeAsync(4000);
    await Promise.all(running);
    // The turns of replicas, and a request of each.
    expect(Math.abs(between(0, 10_000) - 40_000)).toBeLessThan(200);
  });

  test("a share while passes end it sends the rest of them as items", async () => {
    const { fleet, between } = await openFleet(
      { rate_limit: { events_per_second: 0 }, multiplier: 8, concurrency: 1 },
      1,
    );
    const whole = await openFleet({ rate_limit: { events_per_second: 0 }, multiplier: 8 }, 1);
    await Promise.all([whole.fleet[0]!.replay.run(), vi.advanceTimersByTimeAsync(1000)]);
    const running = fleet[0]!.replay.run();
    fleet[0]!.steer({ share: { index: 0, count: 2 } });
    await vi.advanceTimersByTimeAsync(1000);
    await running;
    const [half, all] = [between(0, 2000), whole.between(0, 2000)];
    expect(half).toBeGreaterThanOrEqual(all / 2 - 3);
    expect(half).toBeLessThan(all);
  });

  test("to pause is idle, does not fall behind, and ends with its duration all the same", async () => {
    const { fleet, between, most } = await openFleet(
      { rate_limit: { events_per_second: 10_000 }, duration: "30s" },
      1,
    );
    const { replay, steer } = fleet[0]!;
    const running = replay.run();
    await vi.advanceTimersByTimeAsync(2000);
    steer({ isPaused: true });
    await vi.advanceTimersByTimeAsync(100);
    // The one that ends the run.
    expect(vi.getTimerCount()).toBe(1);
    const looks = vi.spyOn(globalThis, "setTimeout");
    await vi.advanceTimersByTimeAsync(17_900);
    expect(looks).not.toHaveBeenCalled();
    looks.mockRestore();
    expect(replay.snapshot()).toMatchObject({ isPaused: true, lagMs: 0, plannedRate: 0, share: 1 });
    expect(between(2001, 20_000)).toBe(0);
    steer({ isPaused: false });
    expect(replay.snapshot()).toMatchObject({ isPaused: false });
    expect(replay.snapshot().lagMs).toBeLessThan(60);
    await vi.advanceTimersByTimeAsync(11_000);
    await running;
    expect(Math.abs(between(20_000, 30_000) - 100_000)).toBeLessThan(100);
    expect(most()).toBeLessThan(1300);
    expect([replay.snapshot().elapsedMs, books(fleet[0]!)]).toEqual([30_000, Array(6).fill(0)]);
  });

  test.each([
    ["a rate", 1_000_000],
    ["as fast as it goes", 0],
  ])(
    "%s that nobody said yes to sends no more than may cost by mistake, and says so",
    async (_, eventsPerSecond) => {
      const sending = { rate_limit: { events_per_second: 1000 }, duration: "4s" };
      const { fleet, between } = await openFleet(sending, 1, "192.0.2.1:4317");
      const { replay, steer } = fleet[0]!;
      const running = replay.run();
      await vi.advanceTimersByTimeAsync(1000);
      steer({ rate: { eventsPerSecond } });
      await vi.advanceTimersByTimeAsync(5000);
      await running;
      expect(Math.abs(between(0, 5000) - 31_000)).toBeLessThanOrEqual(6);
      expect(replay.snapshot().notes.at(-1)).toMatch(
        /^told to send faster than 10000 events a second to a target/,
      );
    },
  );

  test("what it does already changes nothing, and what comes after its end neither", async () => {
    const { fleet, between } = await openFleet(
      { rate_limit: { events_per_second: 10_000 }, duration: "2s" },
      1,
    );
    const { replay, steer } = fleet[0]!;
    const running = replay.run();
    for (let at = 0; at < 20; at++) {
      steer({ share: { index: 0, count: 1 }, rate: "config", isPaused: false });
      steer({});
      await vi.advanceTimersByTimeAsync(100);
    }
    await vi.advanceTimersByTimeAsync(1000);
    await running;
    steer({ rate: { eventsPerSecond: 1 }, isPaused: true });
    expect([between(0, 9000), replay.snapshot().isPaused]).toEqual([20_000, false]);
  });

  test("a share before it begins deals out a total by that, to the item", async () => {
    const { fleet, between } = await openFleet(
      { rate_limit: { events_per_second: 10_000 }, total: 10_001 },
      1,
    );
    fleet[0]!.steer({ share: { index: 0, count: 3 } });
    const running = fleet[0]!.replay.run();
    await vi.advanceTimersByTimeAsync(3000);
    await running;
    expect([3333, 3334]).toContain(between(0, 3000));
  });
});
