import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { ConfigError } from "../config/problem.ts";
import { FrameError } from "../template/frames.ts";
import { CliError, EXIT, endingOf } from "./exit.ts";

const thrownBy = (act: () => unknown): unknown => {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error("did not throw");
};

describe("endingOf", () => {
  test("a CliError ends with its own words and code", () => {
    expect(endingOf(new CliError("nobody answers", EXIT.unreachable))).toEqual({
      exitCode: 3,
      text: "nobody answers",
    });
  });

  test("errors with a code of ours are the user's: their line, code 2", () => {
    expect(endingOf(new FrameError("x.pb: the file is empty"))).toEqual({
      exitCode: 2,
      text: "x.pb: the file is empty",
    });
    const problem = { file: "a.yaml", line: 2, column: 3, path: "seed", message: "must be a number" };
    expect(endingOf(new ConfigError([problem]))).toEqual({
      exitCode: 2,
      text: "a.yaml:2:3 seed: must be a number",
    });
  });

  test("what the system says about a file is one line, code 2", () => {
    expect(endingOf(thrownBy(() => readFileSync("/nowhere/at/all")))).toEqual({
      exitCode: 2,
      text: "/nowhere/at/all: no such file or directory",
    });
    expect(endingOf(thrownBy(() => readFileSync("/")))).toEqual({
      exitCode: 2,
      text: "a path: is a directory, a file is needed",
    });
  });

  test("an address in use is one line, code 2", async () => {
    const first = createServer().listen(0, "127.0.0.1");
    await once(first, "listening");
    const { port } = first.address() as { port: number };
    const [error] = await once(createServer().listen(port, "127.0.0.1"), "error").catch((reason: unknown) => [
      reason,
    ]);
    first.close();
    expect(endingOf(error)).toEqual({
      exitCode: 2,
      text: `127.0.0.1:${port}: the address is in use; stop what listens there or choose another`,
    });
  });

  test.each([
    ["a type error", new TypeError("x is not a function"), "TypeError: x is not a function"],
    ["a Node error without a file", Object.assign(new Error("odd"), { code: "ERR_INVALID_ARG_TYPE" }), "odd"],
    ["what is no error", "just text", "just text"],
    ["nothing", undefined, "undefined"],
  ])("%s is a bug of ours", (_, error, words) => {
    const { exitCode, text } = endingOf(error);
    expect(exitCode).toBe(70);
    expect(text).toContain(words);
    expect(text).toContain("this is a bug of ours");
  });
});
