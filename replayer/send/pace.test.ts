/** What leaves when, by a clock that the test owns: the loop, its lanes and its schedules are real, sockets and time are not. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { makeTemplates } from "../../generator/test-templates.ts";
import { countItems } from "../../otlp/message/count.ts";
import { openReplay } from "../open-replay.ts";
import type { Plan } from "../plan.ts";
import { jobOf, takingAll } from "../test-run.ts";

const directory = mkdtempSync(join(tmpdir(), "stampede-pace-"));

beforeAll(() => makeTemplates(directory));
afterEach(() => vi.useRealTimers());
afterAll(() => rmSync(directory, { recursive: true }));

interface Arrival {
  atMs: number;
  items: number;
}

/** Everything that a fleet sends within a time, in its order. */
async function deliver(rate_limit: object, durationMs: number, replicas = 1) {
  const config = { sending: { rate_limit, duration: `${durationMs}ms` } };
  const job = await jobOf({ address: "127.0.0.1:1", inputs: directory, config });
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] });
  const beganMs = performance.now();
  const arrivals: Arrival[] = [];
  const target = takingAll((signal, body) => {
    arrivals.push({ atMs: performance.now() - beganMs, items: countItems(signal, body) });
  });
  const fleet = await Promise.all(
    Array.from({ length: replicas }, (_, index) =>
      openReplay({ ...job, replica: { index, count: replicas } }, undefined, async () => target),
    ),
  );
  const running = fleet.map(({ replay }) => replay.run());
  await vi.advanceTimersByTimeAsync(durationMs + 2000);
  await Promise.all(running);
  vi.useRealTimers();
  return { arrivals, plans: fleet.map(({ plan }) => plan) };
}

const itemsBetween = (arrivals: readonly Arrival[], fromMs: number, toMs: number) =>
  arrivals.reduce((sum, { atMs, items }) => sum + (atMs >= fromMs && atMs < toMs ? items : 0), 0);

/** Items that all lanes of a fleet have due by a moment. */
function dueBy(plans: readonly Plan[], elapsedMs: number): number {
  const laws = plans.flatMap(({ lanes }) => Object.values(lanes).map(({ law }) => law!));
  return laws.reduce((sum, law) => sum + law.dueItems(elapsedMs), 0);
}

describe("what leaves", () => {
  test.each<[string, object, number]>([
    ["a constant rate", { events_per_second: 20_000 }, 120_000],
    ["a ramp", { law: { ramp: { from: 15_000, to: 25_000, over: "6s" } } }, 120_000],
    ["steps", { law: { steps: [{ rate: 16_000, for: "2500ms" }, { rate: 24_000 }] } }, 124_000],
    ["bursts", { law: { burst: { normal: 16_000, peak: 36_000, period: "3s", width: "600ms" } } }, 120_000],
    ["a sine", { law: { sine: { normal: 15_000, peak: 25_000, period: "3s" } } }, 120_000],
    ["random arrivals", { events_per_second: 20_000, law: { poisson: true } }, Number.NaN],
  ])("follows %s within one percent in every second, and is exact in the end", async (_, limit, total) => {
    const { arrivals, plans } = await deliver(limit, 6000);
    for (let second = 0; second < 6; second++) {
      const due = dueBy(plans, (second + 1) * 1000) - dueBy(plans, second * 1000);
      const came = itemsBetween(arrivals, second * 1000, (second + 1) * 1000);
      expect(Math.abs(came / due - 1)).toBeLessThan(0.01);
    }
    const sent = itemsBetween(arrivals, 0, Number.POSITIVE_INFINITY);
    if (!Number.isNaN(total)) expect(sent).toBe(total);
    // Nobody knows ahead how many arrivals there will be: the last request of each signal is whole.
    else expect(sent - dueBy(plans, 6000)).toSatisfy((more: number) => more >= 0 && more < 3 * 64);
  });

  test("at half an event a second is ten in twenty seconds, points and records each by itself at its moment", async () => {
    const { arrivals, plans } = await deliver({ events_per_second: 0.5 }, 20_000);
    expect(itemsBetween(arrivals, 0, Number.POSITIVE_INFINITY)).toBe(10);
    // The end cuts the first trace, which leaves with its first span.
    const { traces, metrics, logs } = plans[0]!.lanes;
    expect(arrivals.map(({ items }) => items).sort((a, b) => b - a)).toEqual([
      traces!.items,
      ...Array(metrics!.items + logs!.items).fill(1),
    ]);
    const moments = [metrics!, logs!]
      .flatMap(({ law, items }) => Array.from({ length: items }, (_, n) => law!.momentMs(n)))
      .concat(traces!.law!.momentMs(0))
      .sort((a, b) => a - b);
    for (const [n, { atMs }] of arrivals.entries()) expect(Math.abs(atMs - moments[n]!)).toBeLessThan(2);
  });

  test.each([1, 40])(
    "at 1,000 a second never bursts, from %d replicas that begin together",
    async (replicas) => {
      const { arrivals } = await deliver({ events_per_second: 1000 }, 5000, replicas);
      const tenths = arrivals.map(({ atMs }) => itemsBetween(arrivals, atMs, atMs + 100));
      expect(Math.max(...tenths)).toBeLessThan(300);
      expect(itemsBetween(arrivals, 0, Number.POSITIVE_INFINITY)).toBe(5000);
    },
  );
});
