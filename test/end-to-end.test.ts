/**
 * Replay into a real Collector. Three witnesses count every item: the replayer's report, the Collector's self-metrics, and
 * its file exporter, whose output JSON.parse reads. They must agree, over every protocol and compression.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Ran } from "../cli/test-process.ts";
import type { SelfMetrics } from "../fleet/ledger/watch/self-metrics.ts";
import type { Report } from "../ledger/report.ts";
import { SIGNALS } from "../otlp/signal.ts";
import { type Collector, receivedItems, startCollector } from "./collector.ts";
import { countItems } from "./otlp-json.ts";
import { stampede } from "./stampede.ts";
import { generateTemplates } from "./templates.ts";

let directory = "";
let templates = "";
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "stampede-e2e-"));
  templates = await generateTemplates(directory);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const WAYS = [
  { protocol: "grpc", compression: "none" },
  { protocol: "grpc", compression: "gzip" },
  { protocol: "http/protobuf", compression: "none" },
  { protocol: "http/protobuf", compression: "gzip" },
  { protocol: "http/protobuf", compression: "zstd" },
] as const;

const EVENTS = 20_000;

describe.each(WAYS)("over $protocol, compression $compression", ({ protocol, compression }) => {
  let collector: Collector;
  let ran: Ran;
  let report: Report;
  let selfMetrics: SelfMetrics;
  beforeAll(async () => {
    collector = await startCollector("file");
    const file = join(directory, `${protocol.replace("/", "-")}-${compression}.json`);
    const endpoint = protocol === "grpc" ? collector.grpc : collector.http;
    const flags = {
      endpoint,
      protocol,
      compression,
      input: templates,
      rate: 10_000,
      count: EVENTS,
      report: file,
    };
    ran = await stampede("replay", ...Object.entries(flags).map(([name, value]) => `--${name}=${value}`));
    report = JSON.parse(readFileSync(file, "utf8"));
    selfMetrics = await collector.selfMetrics();
    await collector.stop();
  });
  afterAll(() => collector?.dispose());

  test("the run ends with 0 and sends as many events as it was told, to the item", () => {
    expect({ exitCode: ran.exitCode, stderr: ran.exitCode === 0 ? "" : ran.stderr }).toEqual({
      exitCode: 0,
      stderr: "",
    });
    expect(report.balanced).toBe(true);
    expect(SIGNALS.reduce((sum, signal) => sum + report.signals[signal]!.sent, 0)).toBe(EVENTS);
  });

  test.each(SIGNALS)("%s: sent = accepted = the receiver's counter = what the exporter wrote", (signal) => {
    const { sent, accepted } = report.signals[signal]!;
    expect(sent).toBeGreaterThan(0);
    expect({
      accepted,
      received: receivedItems(selfMetrics, signal),
      written: countItems(signal, collector.exported(signal)),
    }).toEqual({ accepted: sent, received: sent, written: sent });
  });

  test("compression shows in the bytes on the wire, and only there", () => {
    for (const signal of SIGNALS) {
      const { bodyBytes, wireBytes, requests } = report.signals[signal]!;
      // A gRPC message has a header of five bytes.
      const headerBytes = protocol === "grpc" ? 5 * requests : 0;
      if (compression === "none") expect(wireBytes).toBe(bodyBytes + headerBytes);
      else expect(wireBytes).toBeLessThan(bodyBytes / 2);
    }
  });
});

describe("a collector that is not there", () => {
  test("ends the run with 3 and a line that names it", async () => {
    const config = join(directory, "impatient.yaml");
    writeFileSync(config, "sending: {connect_timeout: 1s}\n");
    const args = [
      "--config",
      config,
      "--input",
      templates,
      "--endpoint",
      "http://127.0.0.1:1",
      "--count",
      "10",
    ];
    const { exitCode, stderr } = await stampede("replay", ...args);
    expect(exitCode).toBe(3);
    expect(stderr).toContain("127.0.0.1:1");
  });
});
