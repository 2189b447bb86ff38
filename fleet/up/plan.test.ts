import { expect, test } from "vitest";
import { collectorOptions, type FleetPlan, needsSink, replicaProcess, sinkProcess } from "./plan.ts";

const PLAN: FleetPlan = {
  stampede: { command: "node", args: ["--expose-gc", "main.ts"] },
  replicas: 3,
  replayWords: ["--rate=1000", "--poisson"],
  protocol: "grpc",
  seed: 7,
  collectors: { binary: "/bin/otelcol", backend: "nop", count: 2 },
  environment: { HOME: "/home/me" },
};
const behindIt = { ...PLAN.collectors!, backend: "sink" };

test("each replica is a stampede replay of its own share, before all targets, with a report of its own", () => {
  const endpoints = ["http://127.0.0.1:1", "http://127.0.0.1:2"];
  expect(replicaProcess(PLAN, 2, endpoints, "/tmp/reports")).toEqual({
    name: "replica 2",
    command: "node",
    args: [
      "--expose-gc",
      "main.ts",
      "replay",
      "--rate=1000",
      "--poisson",
      "--endpoint=http://127.0.0.1:1,http://127.0.0.1:2",
      "--replica=2/3",
      "--report=/tmp/reports/",
    ],
  });
});

test.each([
  { name: "without Collectors", plan: { ...PLAN, collectors: undefined }, is: true },
  { name: "behind Collectors that forward to it", plan: { ...PLAN, collectors: behindIt }, is: true },
  { name: "behind Collectors that forward elsewhere", plan: PLAN, is: false },
  {
    name: "where somebody has one already",
    plan: { ...PLAN, collectors: behindIt, environment: { COLLECTOR_SINK_ENDPOINT: "there:4317" } },
    is: false,
  },
])("a sink $name: $is", ({ plan, is }) => {
  expect(needsSink(plan)).toBe(is);
});

test("a sink takes requests twice for a repetition only behind Collectors, which repeat them", () => {
  const alone = sinkProcess({ ...PLAN, collectors: undefined }, "/tmp/sink.json");
  expect(alone.args).toEqual([
    "--expose-gc",
    "main.ts",
    "sink",
    "--grpc=127.0.0.1:0",
    "--http=127.0.0.1:0",
    "--seed=7",
    "--report=/tmp/sink.json",
  ]);
  expect(sinkProcess({ ...PLAN, collectors: behindIt }, "/tmp/sink.json").args).toEqual([
    ...alone.args,
    "--allow-repeats",
  ]);
});

test("a Collector has what its backend needs from the environment, a name of its own, and memory limits that agree", () => {
  const plan = { ...PLAN, environment: { HONEYCOMB_API_KEY: "secret", COLLECTOR_MEMORY_MIB: "1000" } };
  const { name, environment } = collectorOptions(plan, 1, "127.0.0.1:9");
  expect(name).toBe("collector 1");
  expect(environment).toMatchObject({
    HONEYCOMB_API_KEY: "secret",
    HOSTNAME: "collector-1",
    GOMEMLIMIT: "800MiB",
    COLLECTOR_SINK_ENDPOINT: "127.0.0.1:9",
  });
});

test("one Collector listens where the environment says, several on ports that are free", () => {
  const environment = { COLLECTOR_GRPC_PORT: "4317", COLLECTOR_HTTP_PORT: "" };
  const one = { ...PLAN, collectors: { ...PLAN.collectors!, count: 1 }, environment };
  expect(collectorOptions(one, 0, undefined).ports).toEqual({ grpc: 4317 });
  expect(collectorOptions({ ...PLAN, environment }, 0, undefined).ports).toEqual({});
});
