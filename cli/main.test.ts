import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type Ran, startMain } from "./test-process.ts";

const stampede = (args: string[]): Promise<Ran> => startMain(args).ran();

const directory = mkdtempSync(join(tmpdir(), "stampede-cli-"));
afterAll(() => rmSync(directory, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

describe("the command", () => {
  test("--help names every command and shows an example, exit 0", async () => {
    const { stdout, stderr, exitCode } = await stampede(["--help"]);
    expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
    for (const name of ["demo", "generate", "replay", "sink", "inspect", "check", "ledger"]) {
      expect(stdout).toMatch(new RegExp(`^ {2}${name} `, "m"));
    }
    expect(stdout).toContain("Examples:");
  });

  test("--version prints the version, exit 0", async () => {
    expect(await stampede(["--version"])).toEqual({ stdout: "0.1.0\n", stderr: "", exitCode: 0 });
  });

  test.each([
    ["no command", [], "Usage: stampede"],
    ["an unknown command", ["replya"], "unknown command 'replya'\n(Did you mean replay?)"],
    ["an unknown option", ["check", "--hepl"], "unknown option '--hepl'\n(Did you mean --help?)"],
    ["a missing argument", ["check"], "missing required argument 'file'"],
  ])("%s is wrong usage: a hint on stderr, exit 2", async (_, args, hint) => {
    const { stdout, stderr, exitCode } = await stampede(args);
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
    expect(stderr).toContain(hint);
  });
});

describe("a password in an address is not repeated", () => {
  const config = file("with-password.yaml", "ledger: u:s3cret@h:4330\n");
  test.each([
    [["replay", "--ledger", "http://u:s3cret@h:1"], "'http://***@h:1' is invalid. must be http://host:port"],
    [
      ["replay", "--config", config],
      'must be http://host:port, such as http://127.0.0.1:4330, got "***@h:4330"',
    ],
    [["replay", "--endpoint", "http://u:s3/cret@h"], 'endpoint "http://***@h": holds a user name'],
    [["replay", "--ledgr=http://u:s3cret@h"], "unknown option '--ledgr=http://***@h'"],
    [["replay", "http://u:s3cret@h"], "too many arguments"],
    [["ledger", "u:s3cret@h:1"], "value '***@h:1' is invalid for argument 'url'"],
    [
      ["ledger", "serve", "--collectors", "http://u:s3cret@h:1/metrics"],
      '"http://***@h:1/metrics": holds a user name',
    ],
    [["ledger", "serve", "--sink", "u:s3cret@h"], "argument '***@h' is invalid. \"***@h\": must begin with"],
    [["ledger", "serve", "--console-url", "ftp://u:s3cret@h"], "'ftp://***@h' is invalid"],
  ])("%j: one line, exit 2", async (args, said) => {
    const { stdout, stderr, exitCode } = await stampede(args);
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
    expect(stderr).toContain(said);
    expect(stderr).not.toMatch(/cret/);
  });
});

describe("check", () => {
  test("recognises both kinds of files by their keys", async () => {
    const generator = file("generator.yaml", "seed: 1\nmetrics: {metric_count: 10}\n");
    const replayer = file("replayer.yaml", "seed: 1\nmetrics: {interval: 5s}\n");
    expect(await stampede(["check", generator, replayer])).toEqual({
      stdout: `${generator}: ok (generator config)\n${replayer}: ok (replayer config)\n`,
      stderr: "",
      exitCode: 0,
    });
  });

  test("reports the problems of every file in one pass, exit 2", async () => {
    const good = file("good.yaml", "sending: {concurrency: 5}\n");
    const bad = file("bad.yaml", "sending: {concurrency: 0, duration: 5}\nsedn: 1\n");
    const neither = file("neither.yaml", "spec: {a: 1}\n");
    const missing = join(directory, "missing.yaml");
    const { stdout, stderr, exitCode } = await stampede(["check", bad, good, neither, missing]);
    expect({ stdout, exitCode }).toEqual({ stdout: `${good}: ok (replayer config)\n`, exitCode: 2 });
    expect(stderr.trimEnd().split("\n")).toEqual([
      `${bad}:1:24 sending.concurrency: must be a whole number from 1 to 10000, got 0`,
      `${bad}:1:37 sending.duration: must be a duration such as 500ms, 10s, 5m or 1h30m, got 5`,
      `${bad}:2:1 sedn: unknown key; did you mean seed?`,
      expect.stringContaining(`${neither}:1:1: is neither a generator nor a replayer config`),
      `${missing}: no such file`,
    ]);
  });

  test("a reader that goes away is no bug", async () => {
    const path = file("many.yaml", "seed: 1\n");
    const { child, ran } = startMain(["check", ...Array<string>(2000).fill(path)]);
    child.stdout!.destroy();
    const { stderr, exitCode } = await ran();
    expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  });
});
