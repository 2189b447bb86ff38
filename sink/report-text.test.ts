import { expect, test } from "vitest";
import { SIGNALS } from "../otlp/signal.ts";
import { newSinkCounts, transportCounts } from "./counts.ts";
import type { SinkReport } from "./report.ts";
import { reportText } from "./report-text.ts";
import { tracesBody, wholeTrace } from "./sample-bodies.ts";
import { Verifier } from "./verify/verifier.ts";

test("a report tells counts, faults, findings and losses as a person reads them", () => {
  const startedAt = Date.UTC(2026, 0, 1);
  const verifier = new Verifier({
    seed: 0,
    doubtMs: 10_000,
    futureMs: 1000,
    maxAgeMs: 0,
    maxSeries: 10,
    startedAt,
  });
  const at = (second: number, spans: Parameters<typeof tracesBody>[0]) => {
    const now = startedAt + second * 1000;
    verifier.check("traces", tracesBody(spans.map((span) => ({ ...span, endMs: now }))), now);
  };
  at(1, [...wholeTrace(0, 2), ...wholeTrace(2, 40).slice(2)]);
  at(20, [...wholeTrace(3, 2), ...wholeTrace(3, 2).slice(1)]);
  at(30, wholeTrace(5, 1));
  const counts = newSinkCounts();
  counts.signals.traces = {
    ...counts.signals.traces,
    received: 44,
    requests: 3,
    bodyBytes: 12_345,
    wireBytes: 2345,
  };
  Object.assign(transportCounts(counts, "grpc/protobuf/gzip"), {
    requests: 3,
    bodyBytes: 12_345,
    wireBytes: 2345,
  });
  const verification = verifier.report();
  const report: SinkReport = {
    startedAt: new Date(startedAt).toISOString(),
    durationMs: 31_000,
    ...counts,
    faults: { unavailable: 2 },
    verification,
    exitCode: verification.ok ? 0 : 1,
  };
  expect(reportText(report)).toMatchInlineSnapshot(`
    "received in 31.0 s

                 received  rejected  refused  repeated  requests   bodies  on wire
    spans              44         0        0         0         3  12.3 kB  2.35 kB
    data points         0         0        0         0         0      0 B      0 B
    log records         0         0        0         0         0      0 B      0 B

    grpc/protobuf/gzip: 3 requests, 2,345 bytes
    faults made: unavailable 2

    traces: 3 complete, from 1 incarnation
    logs: 0 linked to traces, 0 on their own, 0 whose trace is not here
    metrics: 0 series, 0 late points, 0 restarts
    FOUND 1: spans that came more than once
          trace 6e55f6f5d6ed464bc733b1b1785ea67e span a3c1fd40f564f45f, which is span 1 of trace 3 in pass 0 of abcdef012345
    MISSING 1 trace and 2 spans of 1 incomplete trace from abcdef012345, last seen 2026-01-01T00:00:30.000Z
          pass 0: traces 1; parts of traces 2
    doubtful, in flight or not sent yet when it fell silent: 1 trace from abcdef012345, last seen 2026-01-01T00:00:30.000Z
          pass 0: traces 4
    NOT VERIFIED: see above; what was under way at an end is in doubt"
  `);
});

test("the table of a large run fits in 80 columns", () => {
  const counts = newSinkCounts();
  for (const signal of SIGNALS) {
    counts.signals[signal] = {
      ...counts.signals[signal],
      received: 9_999_999_999,
      rejected: 999_999,
      refused: 999_999,
      repeated: 999_999,
      requests: 9_999_999,
      bodyBytes: 999.6e12,
      wireBytes: 999.4e9,
    };
  }
  const report = { startedAt: "", durationMs: 1, ...counts, faults: {}, exitCode: 0 } as const;
  const table = reportText(report).split("\n").slice(2, 6);
  expect(table[1]).toMatch(/ 1000 TB {2}999 GB$/);
  for (const line of table) expect(line.length).toBeLessThanOrEqual(80);
});
