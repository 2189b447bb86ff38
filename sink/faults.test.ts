import { describe, expect, test } from "vitest";
import { FaultDice, parseFaults } from "./faults.ts";

describe("parseFaults", () => {
  test("reads probabilities, hints, delay and seed", () => {
    expect(parseFaults("unavailable=0.1, throttled=0.05@2s, partial=.5,delay=200ms@0.3,seed=7")).toEqual({
      faults: [
        { name: "unavailable", probability: 0.1 },
        { name: "throttled", probability: 0.05, hintMs: 2000 },
        { name: "partial", probability: 0.5 },
      ],
      delay: { ms: 200, probability: 0.3 },
      seed: 7,
    });
  });

  test("lets a throttled client come again after a second, a delay happen always", () => {
    expect(parseFaults("throttled=1").faults[0]).toMatchObject({ hintMs: 1000 });
    expect(parseFaults("throttled_date=1@3s").faults[0]).toMatchObject({ hintMs: 3000 });
    expect(parseFaults("slow_read=10ms@0.5").slowRead).toEqual({ ms: 10, probability: 0.5 });
    expect(parseFaults("delay=1s").delay).toEqual({ ms: 1000, probability: 1 });
  });

  test.each([
    [
      "unavailabel=1",
      /no "unavailabel"; did you mean unavailable\? Known are unavailable, exhausted, throttled/,
    ],
    ["unavailable", /unavailable: must be a probability from 0 to 1, such as unavailable=0\.1, got ""/],
    ["reset=2", /reset: must be a probability from 0 to 1, such as reset=0\.1, got "2"/],
    ["delay=200", /delay: must be a duration such as 500ms, .*, got "200"/],
    ["partial=0.1@2s", /partial: only unavailable, throttled, throttled_date take a hint/],
    ["toString=1", /there is no "toString"/],
    ["seed=x", /seed: must be a whole number from 0 on, got "x"/],
    ["drop=0.6,reset=0.6", /sum to 1\.2, at most 1 is possible/],
  ])("refuses %s", (text, message) => {
    expect(() => parseFaults(text)).toThrow(message);
  });
});

describe("FaultDice", () => {
  test("draws each fault as often as planned, and the same ones for the same seed", () => {
    const plan = parseFaults("unavailable=0.2,partial=0.1,seed=5");
    const draw = () => {
      const dice = new FaultDice(plan);
      return Array.from({ length: 20_000 }, () => dice.fault()?.name ?? "none");
    };
    const drawn = draw();
    expect(drawn.filter((name) => name === "unavailable").length / 20_000).toBeCloseTo(0.2, 1.8);
    expect(drawn.filter((name) => name === "partial").length / 20_000).toBeCloseTo(0.1, 1.8);
    expect(draw()).toEqual(drawn);
  });

  test("draws what is decided early and what is decided late each as often as planned", () => {
    const dice = new FaultDice(parseFaults("stalled=0.2,reset_early=0.1,invalid=0.35,seed=9"));
    const counts: Record<string, number> = {};
    for (let n = 0; n < 20_000; n++) {
      const name = (dice.earlyFault() ?? dice.fault())?.name ?? "none";
      counts[name] = (counts[name] ?? 0) + 1 / 20_000;
    }
    expect(Object.keys(counts)).toHaveLength(4);
    expect(counts.stalled).toBeCloseTo(0.2, 1.8);
    expect(counts.reset_early).toBeCloseTo(0.1, 1.8);
    expect(counts.invalid).toBeCloseTo(0.35, 1.8);
  });

  test("has nothing to decide early in a plan that has nothing early", () => {
    const hasEarly = (plan: string) => new FaultDice(parseFaults(plan)).hasEarly;
    expect(["drop=1,delay=1s", "stalled=0.1", "reset_early=0.1", "slow_read=1s"].map(hasEarly)).toEqual([
      false,
      true,
      true,
      true,
    ]);
  });
});
