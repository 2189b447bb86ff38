import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startMain } from "./test-process.ts";

const MAIN = new URL("main.ts", import.meta.url).pathname;
const directory = mkdtempSync(join(tmpdir(), "stampede-freeze-"));
const templates = join(directory, "templates");
const caches = join(templates, ".stampede");

const stampede = (...args: string[]) =>
  spawnSync(process.execPath, [MAIN, ...args], { encoding: "utf8", cwd: directory });
const filesCached = () => (existsSync(caches) ? readdirSync(caches) : []);

beforeAll(() => {
  writeFileSync(
    join(directory, "generator.yaml"),
    "{traces: {count: 1500}, metrics: {metric_count: 0}, logs: {count: 300}}",
  );
  stampede("generate", "--config", "generator.yaml", "--output-dir", "templates");
});
afterAll(() => rmSync(directory, { recursive: true }));

describe("stampede freeze", () => {
  test("that is interrupted leaves what was complete, and nothing else", async () => {
    const { child, ran } = startMain(["freeze", "--input", templates, "--effort", "best"]);
    const isWriting = () =>
      filesCached().some((name) => name.includes(".zstd-best.") && name.endsWith(".part"));
    await expect.poll(isWriting, { timeout: 20_000, interval: 20 }).toBe(true);
    child.kill("SIGINT");
    const { exitCode, stderr } = await ran();
    expect([exitCode, stderr]).toEqual([
      130,
      expect.stringMatching(/^interrupted: signals that were complete stay$/m),
    ]);
    expect(filesCached().filter((name) => !name.endsWith(".frozen"))).toEqual([]);
  });

  test("compiles to what the config says: compression and effort; flags win", () => {
    const endings = () => new Set(filesCached().map((name) => name.replace(/^.*\.frozen\.?/, "")));
    writeFileSync(join(directory, "replayer.yaml"), "otlp: {compression: gzip}\n");
    const first = stampede("freeze", "--config", "replayer.yaml", "--input", templates);
    expect(first.stdout).toMatch(
      /^traces: \d+ requests, .*\n {2}gzip, effort fast: .*\nlogs: \d+ requests, .*\n.* smaller\n$/,
    );
    expect(endings()).toEqual(new Set(["", "gzip-fast"]));
    const flags = ["--compression", "zstd", "--effort", "fast"];
    expect(stampede("freeze", "--config", "replayer.yaml", "--input", templates, ...flags).status).toBe(0);
    expect(endings()).toEqual(new Set(["", "gzip-fast", "zstd-fast"]));
  });

  test("makes requests as large as they get, unless it is told a rate", () => {
    const requests = (...flags: string[]) =>
      Number(/^logs: (\d+) requests?/m.exec(stampede("freeze", "--input", templates, ...flags).stdout)![1]);
    expect([requests(), requests("--rate", "1000")]).toEqual([1, 75]);
  });
});
