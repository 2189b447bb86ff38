import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { tracesBody, wholeTrace } from "../sink/sample-bodies.ts";
import { killStarted, startMain } from "./test-process.ts";

const folder = mkdtempSync(join(tmpdir(), "stampede-sink-"));

afterEach(killStarted);
afterAll(() => rmSync(folder, { recursive: true }));

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
    const flags = ["--grpc=127.0.0.1:0", "--http=127.0.0.1:0", `--doubt=${doubt}`, `--report=${file}`];
    const sink = startMain(["sink", ...flags]);
    const [, address] = await sink.printed(/http (\S+)\n/);
    expect(await post(address!, tracesBody([...spans]))).toBe(200);
    sink.child.kill(signal);
    expect(await sink.ended).toBe(exitCode);
    expect(sink.stdout()).toContain(text);
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
    const sink = startMain(["sink", "--http", "127.0.0.1:0", ...args]);
    expect(await sink.ended).toBe(2);
    expect(sink.stderr()).toMatch(message);
    expect(sink.stderr()).not.toMatch(/^ {4}at /m);
  });
});
