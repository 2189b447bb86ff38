import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planCapacity } from "./capacity-plan.ts";
import { COSTS, REQUEST, TRAFFIC } from "./test-plan.ts";

describe("fifteen million a second at half of each core", () => {
  const { through, straight } = planCapacity(REQUEST, TRAFFIC, COSTS);

  test("through Collectors", () => {
    expect(through).toMatchObject({
      name: "through Collectors",
      sender: { protocol: "grpc", compression: "none" },
      replicas: { processes: 30, eventsPerSecondEach: 500_000, cores: 15, memoryBytes: 30 * 100e6 },
      collectors: { processes: 180, cores: 90 },
      cores: 105,
      coresToHave: 210,
      machines: 14,
    });
    expect(through.legs.map(({ to, bytesPerEvent }) => [to, bytesPerEvent])).toEqual([
      ["collectors", 500],
      ["backend", 40],
    ]);
    // Every Collector at the limit that compose gives it, 2 GiB and what a process has beside.
    expect(through.memoryToHaveBytes).toBe(3e9 + 180 * 2098 * 2 ** 20);
  });

  test("straight to the backend", () => {
    expect(straight).toMatchObject({
      name: "straight to the backend",
      sender: { protocol: "http/protobuf", compression: "zstd" },
      replicas: { processes: 3, eventsPerSecondEach: 5_000_000 },
      cores: 1.5,
      coresToHave: 3,
      machines: 1,
      legs: [{ to: "backend", bytesPerEvent: 50 }],
      // 5,000 requests a second of 100 ms each are 500 under way on average.
      requestsInFlight: 1000,
    });
    expect(straight!.collectors).toBeUndefined();
  });
});

test("a Collector that may use four cores takes four times as much", () => {
  const { through } = planCapacity({ ...REQUEST, coresPerCollector: 4 }, TRAFFIC, COSTS);
  expect(through.collectors).toMatchObject({ processes: 45, cores: 90, coresEach: 2 });
});

test("replicas that are asked for are there, on both ways", () => {
  const { through, straight } = planCapacity({ ...REQUEST, replicas: 40 }, TRAFFIC, COSTS);
  expect([through.replicas.processes, straight!.replicas.processes]).toEqual([40, 40]);
});

test("encryption costs whoever talks to the backend", () => {
  const plain = planCapacity(REQUEST, TRAFFIC, COSTS);
  const encrypted = planCapacity({ ...REQUEST, isEncrypted: true }, TRAFFIC, COSTS);
  expect(encrypted.through.replicas).toEqual(plain.through.replicas);
  expect(encrypted.through.collectors!.cores - plain.through.collectors!.cores).toBeCloseTo(
    15e6 * 40 * 0.55e-9,
    6,
  );
  expect(encrypted.straight!.cores - plain.straight!.cores).toBeCloseTo(15e6 * 50 * 0.55e-9, 6);
});

test("what a Collector was seen to send on counts more than what the templates say", () => {
  const { through } = planCapacity(REQUEST, TRAFFIC, { ...COSTS, forwardedBytes: 44 });
  expect(through.legs[1]!.bytesPerEvent).toBe(44);
});

test("a backend that takes spans alone is sent their bytes alone", () => {
  const exporter = { ...REQUEST.exporter, signals: ["traces" as const] };
  const { through } = planCapacity({ ...REQUEST, exporter }, TRAFFIC, COSTS);
  expect(through.legs[1]!.bytesPerEvent).toBe(20);
});

test("where Collectors drop everything nothing goes to a backend, and there is no straight way", () => {
  const exporter = { ...REQUEST.exporter, by: "nothing" as const };
  const { through, straight } = planCapacity({ ...REQUEST, exporter }, TRAFFIC, COSTS);
  expect(through.legs.map(({ to }) => to)).toEqual(["collectors"]);
  expect(straight).toBeUndefined();
});

test("twice the rate never takes less of anything", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5e8 }), (eventsPerSecond) => {
      const once = planCapacity({ ...REQUEST, eventsPerSecond }, TRAFFIC, COSTS);
      const twice = planCapacity({ ...REQUEST, eventsPerSecond: 2 * eventsPerSecond }, TRAFFIC, COSTS);
      for (const way of ["through", "straight"] as const) {
        const [less, more] = [once[way]!, twice[way]!];
        expect(more.machines).toBeGreaterThanOrEqual(less.machines);
        expect(more.replicas.processes).toBeGreaterThanOrEqual(less.replicas.processes);
        expect(more.cores).toBeCloseTo(2 * less.cores, 3);
      }
    }),
  );
});
