import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { getPriority, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { spanIdBytes, type TemplateRequest, templateFile, traceIdBytes } from "../freeze/arbitrary.ts";
import { freezeTemplate } from "../freeze/freeze.ts";
import { CompilingBehind } from "./compile-behind.ts";
import { compiledFileOf, summaryOfCompiled } from "./compiled-files.ts";

const root = mkdtempSync(join(tmpdir(), "stampede-behind-"));
const original = join(root, "original");
const begun: CompilingBehind[] = [];
let cases = 0;

/** Enough to be busy for some tenths of a second. */
const TRACES = 4000;

beforeAll(() => {
  const requests = Array.from({ length: TRACES }, (_, trace) => ({
    resourceSpans: [
      {
        scopeSpans: [
          {
            spans: Array.from({ length: 12 }, (_, ordinal) => ({
              traceId: traceIdBytes(trace),
              spanId: spanIdBytes(ordinal, 12),
              name: `operation ${ordinal} of ${trace % 17}`,
              endTimeUnixNano: 20_000_000 + trace,
            })),
          },
        ],
      },
    ],
  })) as TemplateRequest<"traces">[];
  const template = join(root, "template.pb");
  writeFileSync(template, templateFile("traces", requests));
  const settings = { batchSize: 100, maxRequestBytes: 1 << 20, seed: 0, jitterMs: 10, linkLogs: true };
  freezeTemplate("traces", template, original, { ...settings, models: {}, lateRoots: [] });
});
afterEach(async () => {
  for (const compiling of begun.splice(0)) compiling.end();
  await expect.poll(compilers, LIMIT).toEqual([]);
});
afterAll(() => rmSync(root, { recursive: true }));

/** A frozen file alone in its directory. */
function frozenFile(): string {
  const directory = join(root, `case-${cases++}`);
  mkdirSync(directory);
  copyFileSync(original, join(directory, "t.frozen"));
  return join(directory, "t.frozen");
}

/** Begin, and keep what it tells. */
function compile(path: string): string[] {
  const notes: string[] = [];
  begun.push(
    new CompilingBehind({ frozen: { traces: path }, form: "zstd-fast", onNote: (text) => notes.push(text) }),
  );
  return notes;
}

const filesBeside = (path: string) => readdirSync(join(path, "..")).sort();
const LIMIT = { timeout: 20_000, interval: 20 };

/** Compiling processes that this test process has started. */
function compilers(): number[] {
  const table = execFileSync("ps", ["-o", "pid=,ppid=,args=", "-A"], { encoding: "utf8" });
  return table
    .split("\n")
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .filter((match) => match?.[2] === String(process.pid) && match[3]!.includes("compile-process.ts"))
    .map((match) => Number(match![1]));
}

describe("compiling behind a run", () => {
  test("leaves a whole file and says so to all who want it, in a process that gives way", async () => {
    const path = frozenFile();
    const [one, other] = [compile(path), compile(path)];
    // The other begins none where the first one's is at it already.
    expect(new Set(compilers().map(getPriority))).toEqual(new Set([15]));
    for (const notes of [one, other]) {
      await expect.poll(() => notes.length, LIMIT).toBe(2);
      expect(notes).toEqual([
        "traces: batches are being compiled; until they are, requests are compressed as they go",
        "traces: batches are compiled (zstd, effort fast) and taken from now on",
      ]);
    }
    expect(filesBeside(path)).toEqual(["t.frozen", "t.frozen.zstd-fast"]);
    expect(summaryOfCompiled(compiledFileOf(path, "zstd")!)).toMatchObject({ records: 40, compressed: 40 });
  });

  test("is not begun while another process is at it, and is taken over when that one has died", async () => {
    const path = frozenFile();
    const lock = `${path}.zstd-fast.lock`;
    writeFileSync(lock, "");
    writeFileSync(`${path}.zstd-fast.1.part`, "half of it");
    const notes = compile(path);
    expect(compilers()).toEqual([]);
    for (const file of [lock, `${path}.zstd-fast.1.part`]) utimesSync(file, new Date(0), new Date(0));
    await expect.poll(() => notes.length, LIMIT).toBe(2);
    expect(filesBeside(path)).toEqual(["t.frozen", "t.frozen.zstd-fast"]);
  });

  test("that is killed leaves nothing that anybody would take for a compiled file", async () => {
    const path = frozenFile();
    const notes = compile(path);
    await expect.poll(() => filesBeside(path).some((name) => name.endsWith(".part")), LIMIT).toBe(true);
    process.kill(compilers()[0]!, "SIGKILL");
    await expect.poll(() => notes.length, LIMIT).toBe(2);
    expect(notes[1]).toBe(
      "traces: batches cannot be compiled (the compiling process ended with SIGKILL); requests go on being compressed as they go",
    );
    expect(compiledFileOf(path, "zstd")).toBeUndefined();
    expect(filesBeside(path).map((name) => name.replace(/\d+/, "PID"))).toEqual([
      "t.frozen",
      "t.frozen.zstd-fast.PID.part",
      "t.frozen.zstd-fast.lock",
    ]);
  });

  test("ends with the run, and removes what it has begun", async () => {
    const path = frozenFile();
    const notes = compile(path);
    await expect.poll(() => filesBeside(path).some((name) => name.endsWith(".part")), LIMIT).toBe(true);
    for (const compiling of begun) compiling.end();
    await expect.poll(compilers, LIMIT).toEqual([]);
    expect([filesBeside(path), notes.length]).toEqual([["t.frozen"], 1]);
  });

  test("that fails is told of once, with the reason", async () => {
    const path = join(root, "nowhere", "t.frozen");
    const notes = compile(path);
    await expect.poll(() => notes.length, LIMIT).toBe(2);
    expect(notes[1]).toMatch(/^traces: batches cannot be compiled \(ENOENT: .*\); requests go on /);
    await expect.poll(compilers, LIMIT).toEqual([]);
    expect(notes.length).toBe(2);
  });
});
