/** Traffic, costs and a request that tests change a part of: round figures. */

import type { PlanRequest } from "./capacity-plan.ts";
import type { Costs } from "./costs.ts";
import type { Sizes, Traffic } from "./traffic.ts";

const SIZES: Sizes = {
  eventsPerRequest: 1000,
  plainBytes: 500,
  frozenBytes: { none: 500, gzip: 80, zstd: 50 },
  forwardedBytes: { none: 500, gzip: 70, zstd: 40 },
  countedPerItem: 1,
};

/** Half spans, a quarter each of the others. */
export const TRAFFIC: Traffic = {
  shares: { traces: 0.5, metrics: 0.25, logs: 0.25 },
  of: {
    traces: { ...SIZES, countedPerItem: 1.1 },
    metrics: { ...SIZES, countedPerItem: 0.4 },
    logs: SIZES,
  },
  all: SIZES,
};

/** A microsecond a core for what a replayer sends to Collectors, a tenth of it straight, six for a Collector. */
export const COSTS: Costs = {
  toCollectors: [{ eventsPerSecond: 1e6, cores: 1, memoryBytes: 100e6 }],
  toBackend: [{ eventsPerSecond: 1e7, cores: 1, memoryBytes: 80e6 }],
  collector: [{ eventsPerSecond: 1e6, cores: 6, memoryBytes: 200e6 }],
  measured: {
    isHere: true,
    at: "2026-11-22T04:00:00Z",
    machine: { cpu: "Some CPU", cores: 2, system: "Linux x64", node: "26.10.0" },
    notes: [],
  },
};

export const REQUEST: PlanRequest = {
  eventsPerSecond: 15e6,
  toCollectors: { protocol: "grpc", compression: "none" },
  toBackend: { protocol: "http/protobuf", compression: "zstd" },
  exporter: {
    by: "http/protobuf",
    compression: "zstd",
    isExact: true,
    signals: ["traces", "metrics", "logs"],
  },
  isEncrypted: false,
  utilisation: 0.5,
  coresPerMachine: 16,
  coresPerCollector: 1,
  replicas: undefined,
  latencyMs: 100,
};
