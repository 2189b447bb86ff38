import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { logRequests, templateFile } from "./arbitrary.ts";
import type { FreezeSettings } from "./freeze.ts";
import { cacheDirectoryFor, freezeOnce } from "./freeze-cache.ts";
import { FrozenFile } from "./frozen-file.ts";

const root = mkdtempSync(join(tmpdir(), "stampede-cache-"));
afterAll(() => rmSync(root, { recursive: true }));

const settings: FreezeSettings = {
  batchSize: 3,
  maxRequestBytes: 3_670_016,
  seed: 0,
  jitterMs: 1000,
  linkLogs: true,
  models: {},
  lateRoots: [],
};
const bytes = templateFile("logs", fc.sample(logRequests, { numRuns: 1, seed: 1 })[0]!);
let directory: string;
let template: string;

beforeEach(() => {
  directory = mkdtempSync(join(root, "case-"));
  template = join(directory, "telemetry-logs.pb");
  writeFileSync(template, bytes);
});

const freeze = (changes: Partial<FreezeSettings> = {}) =>
  freezeOnce("logs", template, { ...settings, ...changes });

/** What is in the cache besides finished files. */
const leftovers = (path: string) => readdirSync(dirname(path)).filter((name) => !name.endsWith(".frozen"));

const longAgo = (path: string) =>
  utimesSync(path, new Date(Date.now() - 7_200_000), new Date(Date.now() - 7_200_000));

describe("the cache of frozen files", () => {
  test("makes a file once, and leaves it alone from then on", async () => {
    const path = await freeze();
    longAgo(path);
    const before = statSync(path);
    expect(await freeze()).toBe(path);
    const after = statSync(path);
    expect([after.ino, after.mtimeMs]).toEqual([before.ino, before.mtimeMs]);
    expect(leftovers(path)).toEqual([]);
  });

  test("serves all who ask at the same time with one file", async () => {
    const paths = await Promise.all([freeze(), freeze(), freeze()]);
    expect(new Set(paths).size).toBe(1);
    new FrozenFile(paths[0]!).close();
    expect(leftovers(paths[0]!)).toEqual([]);
  });

  test("waits for another process that makes the file, and takes what that one made", async () => {
    const path = await freeze();
    const made = `${path}.elsewhere`;
    renameSync(path, made);
    longAgo(made);
    const madeMs = statSync(made).mtimeMs;
    writeFileSync(`${path}.lock`, "");
    let isServed = false;
    const served = freeze().then(() => {
      isServed = true;
    });
    await sleep(350);
    expect(isServed).toBe(false);
    renameSync(made, path);
    await served;
    expect(statSync(path).mtimeMs).toBe(madeMs);
    expect(existsSync(`${path}.lock`)).toBe(true);
  });

  test("takes over from a process that died at it", async () => {
    const path = await freeze();
    rmSync(path);
    writeFileSync(`${path}.lock`, "");
    longAgo(`${path}.lock`);
    writeFileSync(`${path}.99.part`, "half of it");
    longAgo(`${path}.99.part`);
    expect(await freeze()).toBe(path);
    expect(leftovers(path)).toEqual([]);
  });

  test.each([
    ["cut off", (path: string) => truncateSync(path, Math.floor(statSync(path).size / 2))],
    ["empty", (path: string) => truncateSync(path, 0)],
    ["something else", (path: string) => writeFileSync(path, Buffer.alloc(statSync(path).size, 7))],
    [
      "of another format",
      (path: string) => {
        const content = readFileSync(path);
        content.write("9", content.length - 1, "latin1");
        writeFileSync(path, content);
      },
    ],
    [
      "without a directory",
      (path: string) => {
        const content = readFileSync(path);
        content.writeDoubleLE(1e9, content.length - 24);
        writeFileSync(path, content);
      },
    ],
  ])("makes a file again that is %s", async (_, spoil) => {
    const path = await freeze();
    const whole = readFileSync(path);
    spoil(path);
    expect(await freeze()).toBe(path);
    expect(readFileSync(path).equals(whole)).toBe(true);
  });

  test("makes another file for another template, batch size or seed, and keeps the few that were used last", async () => {
    const first = await freeze();
    const others: string[] = [];
    for (const batchSize of [4, 5, 6, 7]) others.push(await freeze({ batchSize }));
    expect(new Set([first, ...others]).size).toBe(5);
    expect(readdirSync(dirname(first)).length).toBe(4);
    expect(existsSync(others.at(-1)!)).toBe(true);
    expect(await freeze({ seed: 1, batchSize: 7 })).not.toBe(others.at(-1));
    longAgo(template);
    expect(await freeze({ batchSize: 7 })).not.toBe(others.at(-1));
  });

  test("says what is wrong with a template, naming it, and leaves nothing behind", async () => {
    writeFileSync(template, bytes.subarray(0, bytes.length - 3));
    await expect(freeze()).rejects.toMatchObject({
      code: "bad_frame",
      message: expect.stringContaining(template),
    });
    expect(readdirSync(cacheDirectoryFor(template))).toEqual([]);
  });

  test("is the user's own where nothing can be written beside the template", async () => {
    const before = process.env.XDG_CACHE_HOME;
    process.env.XDG_CACHE_HOME = join(directory, "of-the-user");
    try {
      const paths: string[] = [];
      for (const name of ["one", "other"]) {
        const readOnly = join(directory, name);
        mkdirSync(readOnly);
        // Whoever runs the tests may be root, whom no permission stops: a file stands in the way.
        writeFileSync(join(readOnly, ".stampede"), "");
        const copy = join(readOnly, basename(template));
        copyFileSync(template, copy);
        utimesSync(copy, new Date(0), new Date(0));
        paths.push(await freezeOnce("logs", copy, settings));
        expect(await freezeOnce("logs", copy, settings)).toBe(paths.at(-1));
      }
      expect(paths.map(dirname)).toEqual(Array(2).fill(join(directory, "of-the-user", "stampede")));
      // Same name, size and time: they may hold different things all the same.
      expect(paths[0]).not.toBe(paths[1]);
    } finally {
      if (before === undefined) delete process.env.XDG_CACHE_HOME;
      else process.env.XDG_CACHE_HOME = before;
    }
  });
});
