import { expect, test } from "vitest";
import {
  collectorOptions,
  type FleetPlan,
  ledgerProcess,
  needsSink,
  replicaProcess,
  sinkProcess,
} from "./plan.ts";

const PLAN: FleetPlan = {
  stampede: { command: "node", args: ["--expose-gc", "main.ts"] },
  replicas: 3,
  replica: { words: ["replay", "--told"], run: (...told) => ({ told }) },
  protocol: "grpc",
  seed: 7,
  collectors: { binary: "/bin/otelcol", backend: "nop", count: 2, rate: 500, isConfirmed: false },
  environment: { HOME: "/home/me" },
};
const behindIt = { ...PLAN.collectors!, backend: "sink" };

test("each replica is told its share, all targets and the ledger, and not by its arguments, which everybody can list", () => {
  const endpoints = ["http://127.0.0.1:1", "http://127.0.0.1:2"];
  expect(replicaProcess(PLAN, 2, endpoints, "http://127.0.0.1:3")).toEqual({
    name: "replica 2",
    command: "node",
    args: ["--expose-gc", "main.ts", "replay", "--told", "--replica=2/3"],
    message: { told: [2, endpoints, "http://127.0.0.1:3"] },
  });
});

test("the ledger reads all Collectors and the sink behind them, and waits for every replica", () => {
  const place = { listen: "127.0.0.1:0", directory: "/tmp/ledger", collectors: [], sink: undefined };
  const kept = ["--expect=3", "--state-dir=/tmp/ledger", "--report=/tmp/ledger/account.json"];
  const brake = ["--backend=nop", "--rate=500"];
  const always = [...kept, ...brake];
  const wordsAt = (where: Partial<Parameters<typeof ledgerProcess>[1]>) =>
    ledgerProcess(PLAN, { ...place, ...where }).args.slice(2);
  expect(wordsAt({})).toEqual(["ledger", "serve", "--listen=127.0.0.1:0", ...always]);
  const all = {
    collectors: ["http://127.0.0.1:1/metrics", "http://127.0.0.1:2/metrics"],
    sink: "127.0.0.1:3",
  };
  expect(wordsAt(all)).toEqual([
    ...["ledger", "serve", "--listen=127.0.0.1:0"],
    "--collectors=http://127.0.0.1:1/metrics,http://127.0.0.1:2/metrics",
    "--sink=http://127.0.0.1:3",
    ...always,
  ]);
  const { args } = ledgerProcess({ ...PLAN, html: "run.html" }, place);
  expect(args.slice(2)).toEqual([...wordsAt({}).slice(0, -2), "--html=run.html", ...brake]);
  const confirmed = { ...PLAN.collectors!, isConfirmed: true };
  expect(ledgerProcess({ ...PLAN, collectors: confirmed }, place).args.at(-1)).toBe("--yes");
  // What the shell has for another fleet does not count.
  expect(ledgerProcess({ ...PLAN, collectors: undefined }, place).args.at(-1)).toBe("--backend=nop");
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
