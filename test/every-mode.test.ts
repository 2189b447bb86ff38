/**
 * A real Collector takes every form in which requests leave: over both protocols, plain, compressed at each send, and compiled to each
 * compression with each effort; with ids, times and values of this run each time.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Report } from "../ledger/report.ts";
import { SIGNALS } from "../otlp/signal.ts";
import { type Collector, receivedItems, startCollector } from "./collector.ts";
import { stampede } from "./stampede.ts";
import { generateTemplates } from "./templates.ts";

const directory = mkdtempSync(join(tmpdir(), "stampede-modes-"));
/** Before anything is compiled, and then what is compiled is taken, `best` before `fast`. */
const MODES = [
  { what: "plain", mode: "plain", compression: "none" },
  { what: "packed to gzip at each send", mode: "compressed", compression: "gzip" },
  { what: "packed to zstd at each send", mode: "compressed", compression: "zstd" },
  { what: "compiled to gzip, effort fast", mode: "compiled", compression: "gzip", effort: "fast" },
  { what: "compiled to zstd, effort fast", mode: "compiled", compression: "zstd", effort: "fast" },
  { what: "compiled to gzip, effort best", mode: "compiled", compression: "gzip", effort: "best" },
  { what: "compiled to zstd, effort best", mode: "compiled", compression: "zstd", effort: "best" },
] as const;

let templates = "";
let collector: Collector;
beforeAll(async () => {
  [templates, collector] = await Promise.all([generateTemplates(directory), startCollector("nop")]);
});
afterAll(async () => {
  await collector.dispose();
  rmSync(directory, { recursive: true });
});

describe.each(MODES)("requests $what", (mode) => {
  beforeAll(async () => {
    if (!("effort" in mode)) return;
    const flags = [`--compression=${mode.compression}`, `--effort=${mode.effort}`];
    const { exitCode, stderr } = await stampede("freeze", `--input=${templates}`, ...flags);
    expect([exitCode, stderr]).toEqual([0, expect.not.stringContaining('"error"')]);
  });

  test.each(["grpc", "http/protobuf"])(
    "are taken by a Collector to the last item over %s",
    async (protocol) => {
      const before = await collector.selfMetrics();
      const file = join(directory, "report.json");
      const { exitCode } = await stampede(
        "replay",
        `--input=${templates}`,
        `--endpoint=${protocol === "grpc" ? collector.grpc : collector.http}`,
        `--protocol=${protocol}`,
        `--compression=${mode.compression}`,
        "--rate=20000",
        "--multiplier=2",
        `--report=${file}`,
      );
      const report = JSON.parse(readFileSync(file, "utf8")) as Report;
      expect([exitCode, report.answers, report.balanced]).toEqual([0, [], true]);
      const after = await collector.selfMetrics();
      for (const signal of SIGNALS) {
        const { intended, accepted, mode: sentAs } = report.signals[signal]!;
        const received = receivedItems(after, signal) - receivedItems(before, signal);
        expect([accepted, received, sentAs]).toEqual([intended, intended, mode.mode]);
      }
    },
  );
});
