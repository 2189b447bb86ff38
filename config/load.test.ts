import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { loadConfig, parseConfig } from "./load.ts";
import { ConfigError } from "./problem.ts";
import { duration } from "./units.ts";

const schema = z.strictObject({
  seed: z.int().optional(),
  name: z.string().min(1).optional(),
  on: z.boolean().optional(),
  list: z.array(z.strictObject({ kind: z.enum(["a", "b"]), share: z.number().min(0).max(1) })).optional(),
  either: z.union([z.string(), z.strictObject({ deep: z.number() })]).optional(),
  headers: z.record(z.string(), z.string()).optional(),
  sending: z
    .strictObject({
      rate_limit: z.strictObject({ events_per_second: z.number().positive() }).optional(),
      pause: duration().prefault("10s"),
      low: z.number().default(1),
      high: z.number().default(2),
    })
    .refine((sending) => sending.low <= sending.high, { error: "low must not be above high" })
    .prefault({}),
});

const ENV = { KEY: "hush-hush", RATE: "10_000", FLAG: "true", BAD: "fast", EMPTY: "" };
const load = (text: string) => parseConfig(text, "load.yaml", schema, ENV);

/** The lines that a text's problems are printed as. */
function problems(text: string): string[] {
  try {
    load(text);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message.split("\n");
  }
  return [];
}

describe("one problem is one line with place, rule, finding and remedy", () => {
  test.each([
    [
      "a wrong type",
      "sending:\n  rate_limit:\n    events_per_second: fast\n",
      'load.yaml:3:24 sending.rate_limit.events_per_second: must be a number above 0, got "fast"',
    ],
    [
      "a number out of range",
      "sending: {rate_limit: {events_per_second: -5}}",
      "load.yaml:1:43 sending.rate_limit.events_per_second: must be a number above 0, got -5",
    ],
    ["a fraction for a whole number", "seed: 1.5", "load.yaml:1:7 seed: must be a whole number, got 1.5"],
    ["a quoted number", 'seed: "5"', 'load.yaml:1:7 seed: must be a whole number, got "5"'],
    [
      "a whole number beyond what is exact",
      "seed: 1e18",
      "load.yaml:1:7 seed: must be a whole number up to 9007199254740991, got 1e18",
    ],
    ["such a number for a switch", "on: 1e18", "load.yaml:1:5 on: must be true or false, got 1e18"],
    [
      "a key without a value",
      "seed:\nname: x",
      "load.yaml:1:6 seed: must be a whole number, got nothing; leave the key out for its default",
    ],
    [
      "a missing key",
      "sending:\n  rate_limit: {}",
      "load.yaml:2:3 sending.rate_limit.events_per_second: is missing; it must be a number above 0",
    ],
    [
      "an unknown key with a near one",
      "sending:\n  puase: 1s",
      "load.yaml:2:3 sending.puase: unknown key; did you mean pause?",
    ],
    [
      "an unknown key",
      "sending: {zzzzzz: 1}",
      "load.yaml:1:11 sending.zzzzzz: unknown key; known here: rate_limit, pause, low, high",
    ],
    [
      "a list's member",
      "list:\n  - {kind: a, share: 0.5}\n  - {kind: c, share: 2}",
      'load.yaml:3:12 list[1].kind: must be one of a, b, got "c"\nload.yaml:3:22 list[1].share: must be a number from 0 to 1, got 2',
    ],
    [
      "a list for a mapping",
      "sending: [1]",
      "load.yaml:1:10 sending: must be a mapping (key: value), got a list",
    ],
    [
      "a duration without unit",
      "sending: {pause: 10}",
      "load.yaml:1:18 sending.pause: must be a duration such as 500ms, 10s, 5m or 1h30m, got 10",
    ],
    [
      "a duration that is a list",
      "sending: {pause: [1]}",
      "load.yaml:1:18 sending.pause: must be a duration such as 500ms, 10s, 5m or 1h30m, got a list",
    ],
    ["a rule between fields", "sending:\n  low: 3\n", "load.yaml:2:3 sending: low must not be above high"],
    [
      "a union, by the branch that was meant",
      "either: {deep: x}",
      'load.yaml:1:16 either.deep: must be a number, got "x"',
    ],
    [
      "a union, by none",
      "either: 5.0.0\nname: true",
      "load.yaml:2:7 name: must be a text that is not empty, got true",
    ],
    ["a key given twice", "seed: 1\nseed: 2", "load.yaml:2:1 seed: is given twice; keep one of them"],
    [
      "a tag",
      "name: !secret x",
      "load.yaml:1:7 name: has a tag (!name); tags are not supported, write the plain value, in quotes if it begins with !",
    ],
    [
      "an undefined variable",
      'name: "${NONE}"',
      "load.yaml:1:7 name: needs the environment variable NONE, which is not set; set it or write ${NONE:-default}",
    ],
    [
      "a variable of the wrong type",
      "seed: ${BAD}",
      "load.yaml:1:7 seed: must be a whole number, got the value of ${BAD}",
    ],
    [
      "a variable inside braces",
      "headers: {x: ${KEY}}",
      "load.yaml:1:15 headers.x: has ${NAME} inside { } or [ ]; put quotes around it there",
    ],
    ["a tab", "sending:\n\tlow: 1", "load.yaml:2:1: is indented with a tab; YAML takes blanks only"],
    [
      "an unknown alias",
      "name: *x",
      "load.yaml:1:7 name: uses an alias (*name) that no anchor (&name) before it defines; quote a text that begins with *",
    ],
    [
      "a second document",
      "seed: 1\n---\nseed: 2",
      "load.yaml:2:1: a second document (---) begins; a config is one document",
    ],
    ["an empty file", "", "load.yaml: the file is empty; write at least one key"],
    ["a file of comments", "# seed: 1\n", "load.yaml: the file is empty; write at least one key"],
    ["a list", "- 1\n", "load.yaml:1:1: must be a mapping (key: value), got a list"],
    ["a plain text", "hello\n", "load.yaml:1:1: must be a mapping (key: value), got plain text"],
    ["a list as key", "? [a, b]\n: 1", "load.yaml:1:3: a key must be one word, found a list or mapping"],
    [
      "depth",
      `name: ${"[".repeat(60)}${"]".repeat(60)}`,
      "load.yaml: nested more than 50 levels deep; is this a config?",
    ],
    [
      "depth beyond any stack",
      "[".repeat(100_000),
      "load.yaml: nested more than 50 levels deep; is this a config?",
    ],
  ])("%s", (_, text, expected) => expect(problems(text).join("\n")).toBe(expected));

  test("all problems come in one pass, in the order of the file", () => {
    const lines = problems(
      'name: ""\nsede: 1\nsending:\n  pause: 1\n  pause: 2s\n  hihg: 3\nseed: ${NONE}\n',
    );
    expect(lines.map((line) => line.split(": ")[0])).toEqual([
      "load.yaml:1:7 name",
      "load.yaml:2:1 sede",
      "load.yaml:5:3 sending.pause",
      "load.yaml:6:3 sending.hihg",
      "load.yaml:7:7 seed",
    ]);
  });
});

describe("values", () => {
  test("numbers may be grouped with underscores; quoted ones stay texts", () => {
    expect(load("seed: 10_000\nname: '10_000'").value).toMatchObject({ seed: 10_000, name: "10_000" });
  });

  test("defaults are filled in, durations are milliseconds", () => {
    expect(load("seed: 1").value.sending).toEqual({ pause: 10_000, low: 1, high: 2 });
    expect(load("sending: {pause: 0}").value.sending.pause).toBe(0);
  });

  test("a variable takes the type that its key has", () => {
    const text =
      'seed: "${RATE}"\non: ${FLAG}\nname: ${RATE}\nsending: {rate_limit: {events_per_second: "${NONE:-2.5}"}}';
    expect(load(text).value).toMatchObject({
      seed: 10_000,
      on: true,
      name: "10_000",
      sending: { rate_limit: { events_per_second: 2.5 } },
    });
  });

  test("a header that looks like a number is the text as written", () => {
    expect(load('headers: {a: 0123, b: 1.50, c: "x"}').value.headers).toEqual({
      a: "0123",
      b: "1.50",
      c: "x",
    });
  });

  test("aliases and merge keys work, and problems in them have a place", () => {
    expect(load("sending: &s {low: 1, high: 5}\n").value.sending.high).toBe(5);
    expect(load("list:\n  - &a {kind: a, share: 0.5}\n  - *a\n  - {<<: *a, share: 1}").value.list).toEqual([
      { kind: "a", share: 0.5 },
      { kind: "a", share: 0.5 },
      { kind: "a", share: 1 },
    ]);
    expect(problems("list:\n  - &a {kind: c, share: 0.5}\n  - {<<: *a, share: 1}")).toEqual([
      'load.yaml:2:15 list[0].kind: must be one of a, b, got "c"',
      'load.yaml:2:15 list[1].kind: must be one of a, b, got "c"',
    ]);
  });

  test("an alias bomb is refused", () => {
    const levels = Array.from(
      { length: 12 },
      (_, i) => `k${i}: &l${i} [${Array(9).fill(i ? `*l${i - 1}` : "x")}]`,
    );
    expect(problems(levels.join("\n"))).toEqual([
      "load.yaml:12:52: aliases (*name) up to here stand for more than 100 values; write the values out",
    ]);
  });

  test("keys of Object.prototype are unknown keys", () => {
    for (const key of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
      expect(problems(`${key}: {seed: 1}`)).toEqual([
        expect.stringContaining(`load.yaml:1:1 ${key}: unknown key`),
      ]);
    }
  });
});

describe("secrets", () => {
  test.each([
    ["from the environment", "seed: ${KEY}\nlist: ${KEY}\nsending: {pause: '${KEY}', low: 'a${KEY}'}"],
    ["as a header", "headers: {a: [hush-hush], b: {c: hush-hush}}"],
    ["in broken YAML", "headers: {a: *hush-hush}"],
    ["in more broken YAML", "headers:\n  a: @hush-hush\n b: `hush-hush\n"],
    ["under a tag", "headers: {a: !hush-hush x}"],
  ])("%s are never in a problem", (_, text) => {
    const lines = problems(text);
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.join("\n")).not.toContain("hush");
  });

  test("a rule's own text that quotes a value from the environment shows its source", () => {
    const strict = z.strictObject({
      url: z.string().superRefine((url, context) => context.addIssue(`bad address ${url}`)),
    });
    expect(() => parseConfig("url: ${KEY}", "load.yaml", strict, ENV)).toThrow(
      "load.yaml:1:6 url: bad address ${KEY}",
    );
  });
});

describe("older files", () => {
  test("limits have no effect and a note says so", () => {
    const { value, notes } = load("seed: 1\nlimits: {max_memory_gb: 4, allow_unbounded: true}");
    expect(value).not.toHaveProperty("limits");
    expect(notes).toEqual([
      "load.yaml:2:1 limits: has no effect: memory is bounded whatever the size of the output; the key can be removed",
    ]);
  });

  test("unknown keys in limits are problems", () => {
    expect(problems("limits: {max_memroy_gb: 4}")).toEqual([
      "load.yaml:1:10 limits.max_memroy_gb: unknown key; did you mean max_memory_gb?",
    ]);
  });
});

describe("files", () => {
  const directory = mkdtempSync(join(tmpdir(), "stampede-config-"));
  afterAll(() => rmSync(directory, { recursive: true }));
  const file = (name: string, content: string | Uint8Array) => {
    const path = join(directory, name);
    writeFileSync(path, content);
    return path;
  };

  test("a file loads", () => {
    expect(loadConfig(file("good.yaml", "\uFEFFseed: 7\r\non: true\r\n"), schema, ENV).value).toMatchObject({
      seed: 7,
      on: true,
    });
  });

  test.each([
    ["that is missing", () => join(directory, "none.yaml"), "no such file"],
    ["that is a directory", () => directory, "is a directory; name a YAML file"],
    [
      "that is no text",
      () => file("binary.yaml", Uint8Array.of(0xff, 0xfe, 0x00)),
      "is not UTF-8 text; a config is a YAML file",
    ],
    ["with a zero byte", () => file("zero.yaml", "seed: 1\0"), "is not UTF-8 text; a config is a YAML file"],
    [
      "that is huge",
      () => file("huge.yaml", "#".repeat(2_000_000)),
      "larger than 1 MiB; a config is a short text file, is this one?",
    ],
    ["that never ends", () => "/dev/zero", "larger than 1 MiB; a config is a short text file, is this one?"],
  ])("a file %s is one clear line", (_, path, message) => {
    expect(() => loadConfig(path(), schema, ENV)).toThrow(
      new ConfigError([{ file: path(), path: "", message }]),
    );
  });

  test("any text loads or gives a ConfigError", () => {
    const bits = fc.constantFrom(
      "seed",
      "name",
      "list",
      "headers",
      ":",
      " ",
      "\n",
      "  ",
      "- ",
      "{",
      "}",
      "[",
      "]",
      ",",
      "'",
      '"',
      "&a",
      "*a",
      "!t",
      "<<",
      "${KEY}",
      "1",
      "?",
      "|",
      "#",
      "\t",
      "---",
    );
    fc.assert(
      fc.property(fc.array(bits, { maxLength: 40 }), (parts) => {
        try {
          load(parts.join(""));
        } catch (error) {
          if (!(error instanceof ConfigError)) throw error;
          expect(error.problems.length).toBeGreaterThan(0);
          expect(error.message).not.toContain("hush");
        }
      }),
      { numRuns: 2000 },
    );
  });
});
