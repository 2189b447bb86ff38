import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { tracesBody, wholeTrace } from "../sink/sample-bodies.ts";

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "stampede-sink-"));
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Run {
  child: ChildProcess;
  /** Text so far. */
  output: { stdout: string; stderr: string };
}

function run(...args: string[]): Run {
  const child = spawn(process.execPath, [MAIN, "sink", ...args], { stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => (output.stdout += chunk));
  child.stderr.on("data", (chunk) => (output.stderr += chunk));
  return { child, output };
}

/** The HTTP address that a sink says it is bound to. */
async function httpAddress({ output }: Run): Promise<string> {
  await expect.poll(() => output.stderr, { timeout: 20_000 }).toMatch(/http \S+\n/);
  return /http (\S+)\n/.exec(output.stderr)![1]!;
}

async function post(address: string, body: Buffer): Promise<number> {
  const headers = { "content-type": "application/x-protobuf" };
  const request = { method: "POST", headers, body: new Uint8Array(body) };
  return (await fetch(`http://${address}/v1/traces`, request)).status;
}

describe("stampede sink", () => {
  test.each([
    ["SIGINT", "0", wholeTrace(0, 3), 0, "verified: nothing missing"],
    ["SIGTERM", "0", wholeTrace(0, 3).slice(1), 1, "MISSING 1 span of 1 incomplete trace"],
  ] as const)("reports and exits on %s", async (signal, doubt, spans, exitCode, text) => {
    const file = join(folder, `${signal}.json`);
    const sink = run("--grpc", "127.0.0.1:0", "--http", "127.0.0.1:0", "--doubt", doubt, "--report", file);
    expect(await post(await httpAddress(sink), tracesBody([...spans]))).toBe(200);
    sink.child.kill(signal);
    expect(await once(sink.child, "exit")).toEqual([exitCode, null]);
    await expect.poll(() => sink.output.stdout).toContain(text);
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({
      exitCode,
      signals: { traces: { received: spans.length } },
    });
  });

  test.each([
    ["a fault that it does not know", ["--fault", "unavailabel=0.1"], /did you mean unavailable\?/],
    [
      "an address that is none",
      ["--grpc", "4317"],
      /host:port, such as 127\.0\.0\.1:4317, but this is "4317"/,
    ],
    ["a seed that is none", ["--seed", "x"], /whole number from 0 on, got "x"/],
  ])("refuses %s with a clear line and code 2", async (_what, args, message) => {
    const sink = run("--http", "127.0.0.1:0", ...args);
    expect(await once(sink.child, "exit")).toEqual([2, null]);
    await expect.poll(() => sink.output.stderr).toMatch(message);
    expect(sink.output.stderr).not.toMatch(/^ {4}at /m);
  });
});
