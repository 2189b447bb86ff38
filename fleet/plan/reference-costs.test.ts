import { expect, test } from "vitest";
import { coresAt } from "./cost-curve.ts";
import { type FormName, REFERENCE, referenceCosts } from "./reference-costs.ts";
import { REQUEST, TRAFFIC } from "./test-plan.ts";
import type { Sizes, Traffic } from "./traffic.ts";

/** Templates with these sizes, which all signals have. */
function traffic(change: Partial<Sizes>): Traffic {
  const sizes = { ...TRAFFIC.all, eventsPerRequest: REFERENCE.eventsPerRequest, ...change };
  return { shares: { traces: 1 }, of: { traces: sizes }, all: sizes };
}

const costs = (of: Traffic, change: Partial<typeof REQUEST> = {}) => {
  const { toCollectors, toBackend, exporter } = { ...REQUEST, ...change };
  return referenceCosts(of, toCollectors, toBackend, exporter);
};
const like = traffic({
  plainBytes: REFERENCE.plainBytes,
  frozenBytes: {
    none: REFERENCE.senders["grpc none"].wireBytes,
    gzip: REFERENCE.senders["grpc gzip"].wireBytes,
    zstd: REFERENCE.senders["grpc zstd"].wireBytes,
  },
});

test("templates like those that were measured cost what was measured", () => {
  const { toCollectors, collector, measured } = costs(like);
  expect(measured.isHere).toBe(false);
  for (const { eventsPerSecond, cores } of REFERENCE.senders["grpc none"].curve) {
    expect(coresAt(toCollectors, eventsPerSecond)).toBeCloseTo(cores, 9);
  }
  const ns = REFERENCE.plainBytes * (REFERENCE.receiveNs["grpc none"] + REFERENCE.forwardNs.zstd);
  expect(coresAt(collector, 1e6)).toBeCloseTo(ns / 1000, 6);
});

test("larger events cost more, and smaller requests too", () => {
  const larger = costs(traffic({ plainBytes: 2000, frozenBytes: { none: 2000, gzip: 300, zstd: 200 } }));
  expect(coresAt(larger.toCollectors, 400_000)).toBeGreaterThan(coresAt(costs(like).toCollectors, 400_000));
  expect(coresAt(larger.collector, 1e5)).toBeGreaterThan(coresAt(costs(like).collector, 1e5));
  const small = costs({ ...like, all: { ...like.all, eventsPerRequest: 50 } });
  expect(coresAt(small.toCollectors, 25_000)).toBeGreaterThan(coresAt(costs(like).toCollectors, 25_000));
});

test("a Collector that hands nothing on costs what receiving costs", () => {
  const exporter = { ...REQUEST.exporter, by: "nothing" as const };
  const { collector } = costs(like, { exporter });
  const ns = REFERENCE.plainBytes * REFERENCE.receiveNs["grpc none"];
  expect(coresAt(collector, 1e6)).toBeCloseTo(ns / 1000, 6);
});

test("there are figures for every form", () => {
  const forms: FormName[] = ["grpc none", "grpc gzip", "grpc zstd"];
  const all = [...forms, ...forms.map((form) => form.replace("grpc", "http/protobuf") as FormName)];
  for (const form of all) {
    expect(REFERENCE.senders[form].curve.length).toBeGreaterThan(2);
    expect(REFERENCE.receiveNs[form]).toBeGreaterThan(0);
  }
});
