/**
 * Every Node that Stampede says it runs on writes the same bytes: the oldest one, the last of its line, and the one that
 * scripts/node brings where the machine has none. Each is npm's bare binary, and runs the command by its launcher.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import packageJson from "../package.json" with { type: "json" };
import type { TemplateMetadata } from "../template/metadata.ts";
import { run } from "./stampede.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const STAMPEDE = join(ROOT, "scripts/stampede");
/** It has every key, so every branch that a key opens is run. */
const CONFIG = join(ROOT, "examples/generator-every-key.yaml");
const GOLDEN = join(ROOT, "generator/golden.json");

const OLDEST = "24.0.0";
const VERSIONS = [OLDEST, "24.21.0", "26.10.0"];

let directory = "";
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "stampede-nodes-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test("the oldest one tried is the oldest that package.json allows", () => {
  expect(packageJson.engines.node).toBe(`>=${OLDEST.replace(/(\.0)+$/, "")}`);
});

describe.each(VERSIONS)("Node %s", (version) => {
  const environment = { STAMPEDE_NODE: version };
  let output = "";
  beforeAll(async () => {
    const node = await run(join(ROOT, "scripts/node"), ["--version"], environment);
    expect(node).toMatchObject({ exitCode: 0, stdout: `v${version}\n` });
    output = join(directory, version);
    const ran = await run(
      STAMPEDE,
      ["generate", "--config", CONFIG, "--output-dir", output, "--json"],
      environment,
    );
    // Progress and the note on keys without effect, and no warnings of Node's own.
    expect(
      ran.stderr.split("\n").filter((line) => line !== "" && !line.startsWith('{"level":"info"')),
    ).toEqual([]);
    expect(ran.exitCode).toBe(0);
  });

  test("writes the bytes on record, if not: scripts/update-golden, when they are meant to change", () => {
    const { signals } = parse(readFileSync(join(output, "metadata.yaml"), "utf8")) as TemplateMetadata;
    const found = Object.entries(signals).map(([signal, entry]) => [signal, entry!.sha256]);
    const golden = JSON.parse(readFileSync(GOLDEN, "utf8")) as Record<
      string,
      Record<string, { sha256: string }>
    >;
    const recorded = Object.entries(golden["every key"]!).map(([signal, { sha256 }]) => [signal, sha256]);
    expect(found).toEqual(recorded);
  });

  test("writes the same JSON as the first one", () => {
    for (const signal of ["traces", "metrics", "logs"]) {
      const file = (of: string) => readFileSync(join(directory, of, `shop-${signal}.json`));
      expect(file(version).equals(file(VERSIONS[0]!))).toBe(true);
    }
  });
});
