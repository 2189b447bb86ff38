import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { COUNTER_INDEX, newCounts } from "../../ledger/counts.ts";
import { Latencies } from "../../ledger/latency.ts";
import { makeReport } from "../../ledger/report.ts";
import { perSignal, type Signal } from "../../otlp/signal.ts";
import { itemsOf, listReports, mergeReportFiles, ReplicaReportError } from "./replica-reports.ts";

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "reports-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

const leave = (name: string, content: string) => writeFileSync(join(directory, name), content);

/** A replica's report as `replay` writes it, with `sent` spans. */
function reportOf(sent: number, signals: Signal[]): string {
  const counts = perSignal(newCounts);
  for (const name of ["intended", "sent", "accepted"] as const) counts.traces[COUNTER_INDEX[name]] = sent;
  const snapshot = {
    elapsedMs: 1000,
    counts,
    latencies: perSignal(() => new Latencies().counts()),
    lagMs: 0,
    worstLagMs: 0,
    inFlight: 0,
    share: 1,
    isPaused: false,
    plannedRate: 0,
    cpuSeconds: 1,
    rssBytes: 1,
    maxRssBytes: 1,
    incarnations: ["0123456789ab"],
    targets: {},
    answers: [],
    notes: [],
  };
  const context = { version: "0", startedAt: "2026-01-01T00:00:00Z", replicas: 2, config: {}, signals };
  return JSON.stringify(makeReport([snapshot], context));
}

test("the reports of replicas are added, and a signal that none sent is zero", () => {
  leave("a.json", reportOf(3, ["traces", "logs"]));
  leave("b.json", reportOf(4, ["traces"]));
  leave("c.json.tmp", "half a report");
  const items = itemsOf(mergeReportFiles(directory, listReports(directory)));
  expect(items.traces).toMatchObject({ intended: 7, sent: 7, accepted: 7, failed: 0 });
  expect(items.metrics.sent).toBe(0);
});

test("no reports are no items", () => {
  expect(itemsOf(mergeReportFiles(directory, [])).traces.sent).toBe(0);
});

test.each([
  { name: "no JSON", content: "{" },
  { name: "no report", content: '{"signals": {"traces": {"sent": 1}}}' },
])("a file that is $name is named", ({ content }) => {
  leave("a.json", content);
  const merge = () => mergeReportFiles(directory, ["a.json"]);
  expect(merge).toThrow(ReplicaReportError);
  expect(merge).toThrow(join(directory, "a.json"));
});
