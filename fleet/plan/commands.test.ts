import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readBackend } from "../backends/backend-file.ts";
import { COLLECTOR_CONFIG } from "../local-collectors/backends.ts";
import { planCapacity } from "./capacity-plan.ts";
import { type CommandContext, commandsOf, rateText } from "./commands.ts";
import { COSTS, REQUEST, TRAFFIC } from "./test-plan.ts";

const plan = planCapacity(REQUEST, TRAFFIC, COSTS);
const context = (name: string, rest: Partial<CommandContext> = {}): CommandContext => ({
  backend: readBackend(COLLECTOR_CONFIG, name),
  bills: name === "honeycomb",
  input: undefined,
  config: undefined,
  concurrency: 50,
  ...rest,
});
const linesOf = (told: ReturnType<typeof commandsOf>, title: string) =>
  told.find((one) => one.title.startsWith(title))!.lines.join("\n");

test("through Collectors: keys by name, the rate, and how many of each", () => {
  const told = commandsOf(plan, context("honeycomb"));
  expect(linesOf(told, "through Collectors, on one machine of 210 cores")).toBe(`\
HONEYCOMB_API_KEY=... BACKEND=honeycomb CONFIRM=yes RATE=15M PROTOCOL=grpc \\
  COMPRESSION=none COLLECTOR_METRICS_PORTS=0 \\
  docker compose up --build --detach \\
    --scale replayer=30 --scale collector=180`);
  expect(linesOf(told, "through Collectors, in Kubernetes")).toContain(
    "kubectl -n stampede scale deployment/collector --replicas=180",
  );
});

test("Collectors that docker-compose.yml has ports for get those", () => {
  const few = planCapacity({ ...REQUEST, eventsPerSecond: 1_666_666 }, TRAFFIC, COSTS);
  const told = linesOf(commandsOf(few, context("nop")), "through Collectors, on one machine");
  expect(told).toContain("--scale collector=20");
  expect(told).not.toContain("COLLECTOR_METRICS_PORTS");
  const compose = readFileSync(join(COLLECTOR_CONFIG, "../docker-compose.yml"), "utf8");
  const [, first, last] = /COLLECTOR_METRICS_PORTS:-(\d+)-(\d+)/.exec(compose)!;
  expect(Number(last) - Number(first) + 1).toBe(20);
});

test("a machine of one core has one core", () => {
  const small = planCapacity({ ...REQUEST, eventsPerSecond: 10_000 }, TRAFFIC, COSTS);
  expect(commandsOf(small, context("nop"))[0]!.title).toBe("through Collectors, on one machine of 1 core");
});

test("straight to Honeycomb: its config file, so that no key stands on a command line", () => {
  expect(linesOf(commandsOf(plan, context("honeycomb")), "straight")).toBe(`\
scripts/stampede freeze --compression zstd --rate 15M
HONEYCOMB_API_KEY=... scripts/stampede replay \\
  --config examples/honeycomb.yaml --compression zstd --rate 15M \\
  --duration 10m --processes 3 --concurrency 1000 --yes`);
});

test("over several machines each is told its part", () => {
  const many = planCapacity({ ...REQUEST, coresPerMachine: 1 }, TRAFFIC, COSTS);
  const told = commandsOf(many, context("otlp", { input: "my templates" }));
  expect(told.at(-1)!.title).toBe("straight to the backend, on machine I of 3, from 0 to 2");
  const lines = told.at(-1)!.lines.join("\n");
  expect(lines).toContain("--replica I/3");
  expect(lines).toContain("--input 'my templates'");
  expect(lines).toContain('--endpoint "$OTLP_ENDPOINT"');
  expect(lines).not.toContain("--processes");
});

test("every line fits into 80 columns, and every line but the last of a command goes on", () => {
  for (const name of ["honeycomb", "splunk", "grafana-cloud", "jaeger"]) {
    for (const { lines } of commandsOf(plan, context(name))) {
      for (const [n, line] of lines.entries()) {
        expect(line.length).toBeLessThanOrEqual(80);
        if (lines[n + 1]?.startsWith("  ")) expect(line).toMatch(/ \\$/);
      }
    }
  }
});

test.each([
  [15e6, "15M"],
  [250e3, "250k"],
  [1.25e6, "1.25M"],
  [1234, "1234"],
  [1234.5, "1234.5"],
  [7, "7"],
])("a rate of %s is written %s", (rate, text) => {
  expect(rateText(rate)).toBe(text);
});
