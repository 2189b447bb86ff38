/** The shipped collector configurations, judged by the Collector's own `validate`. */
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { collectorBinary } from "./collector.ts";
import { run } from "./stampede.ts";

const config = fileURLToPath(new URL("../collector-config/", import.meta.url));
const backends = readdirSync(`${config}backends`);

let binary = "";
beforeAll(async () => {
  binary = await collectorBinary();
});

test("there is a file for every backend that the documentation names", () => {
  expect(backends).toEqual(
    expect.arrayContaining(["debug.yaml", "file.yaml", "honeycomb.yaml", "nop.yaml", "sink.yaml"]),
  );
});

test.each(backends)("the Collector accepts base.yaml with backends/%s", async (backend) => {
  const args = ["validate", "--config", `${config}base.yaml`, "--config", `${config}backends/${backend}`];
  const { exitCode, stderr } = await run(binary, args, {
    HONEYCOMB_API_KEY: "key",
    COLLECTOR_EXPORT_DIRECTORY: "/tmp",
  });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
});

test("base.yaml alone is refused: it has no exporters", async () => {
  const { exitCode } = await run(binary, ["validate", "--config", `${config}base.yaml`]);
  expect(exitCode).not.toBe(0);
});

const CHECKS = [
  { name: "nop goes", environment: { BACKEND: "nop" }, exitCode: 0, says: "backend: nop" },
  {
    name: "an unknown backend is named",
    environment: { BACKEND: "foo" },
    exitCode: 2,
    says: "no backend named 'foo'",
  },
  {
    name: "a missing API key is named",
    environment: { BACKEND: "honeycomb" },
    exitCode: 2,
    says: "HONEYCOMB_API_KEY, which is not set",
  },
  {
    name: "a costly rate must be meant",
    environment: { BACKEND: "honeycomb", HONEYCOMB_API_KEY: "k", RATE: "10001" },
    exitCode: 2,
    says: "CONFIRM=yes",
  },
  {
    name: "a costly rate that is meant goes",
    environment: { BACKEND: "honeycomb", HONEYCOMB_API_KEY: "k", RATE: "10001", CONFIRM: "yes" },
    exitCode: 0,
    says: "36003600 an hour",
  },
];

test.each(CHECKS)("check-backend: $name", async ({ environment, exitCode, says }) => {
  const unset = { RATE: "1000", HONEYCOMB_API_KEY: "", CONFIRM: "" };
  const ran = await run(`${config}check-backend`, [], { ...unset, ...environment });
  expect(ran.exitCode).toBe(exitCode);
  expect(ran.stdout + ran.stderr).toContain(says);
});
