import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "stampede-inspect-"));
});
afterAll(() => rmSync(dir, { recursive: true }));

const MAIN = new URL("main.ts", import.meta.url).pathname;

interface Ended {
  code: number | null;
  out: string;
  err: string;
}

function stampede(...args: string[]): Ended {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], { encoding: "utf8" });
  return { code: status, out: stdout, err: stderr };
}

const inspect = (...args: string[]): Ended => stampede("inspect", ...args);

function write(name: string, content: unknown): string {
  const path = join(dir, name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

const resource = { attributes: [{ key: "service.name", value: { stringValue: "shop" } }] };
const attributes = (value: object) => [{ key: "code", value }];
const logs = {
  resourceLogs: [
    {
      resource,
      scopeLogs: [
        {
          logRecords: [
            { severityNumber: 9, traceId: "a".repeat(32), attributes: attributes({ intValue: 1 }) },
            { severityNumber: 17, attributes: attributes({ stringValue: "1" }) },
          ],
        },
      ],
    },
  ],
};

describe("stampede inspect", () => {
  test("prints a summary that people can read", () => {
    const { code, out } = inspect(write("logs.json", logs));
    expect(code).toBe(0);
    expect(out.replace(/gzip-6 .*x, zstd-3 .*x/, "gzip-6 Nx, zstd-3 Nx")).toBe(`logs.json: logs
  log records      2
  frames           1
  bytes            81
  bytes per item   40.5 in the file, 40.5 as sent (resources shared)
  compression      gzip-6 Nx, zstd-3 Nx on requests of 81 B
  severities       error 1, info 1
  bodies           empty 2
  distinct texts   0
  linked           1 (50.0 %) belong to a trace
  linked by scope  (no name) 1
  services         shop 2
  scopes           (no name) 2
  attributes: 2 keys, those with most values first
    key           values  times  type        on
    code               2      2  int|string  record  ! more than one type
    service.name       1      1  string      resource
`);
  });

  test("shows counts in order, those of names that are numbers too", () => {
    const metric = (name: string, unit: string, points: number) => {
      const dataPoints = Array.from({ length: points }, (_, n) => ({ timeUnixNano: `${n}`, asInt: "1" }));
      return { name, unit, gauge: { dataPoints } };
    };
    const metrics = [metric("a", "1", 2), metric("b", "s", 3)];
    const path = write("metrics.json", { resourceMetrics: [{ resource, scopeMetrics: [{ metrics }] }] });
    expect(inspect(path).out).toMatch(/ {2}units +s 3, "1" 2\n/);
  });

  test("shows what a capture of real programs came to, where there are spans enough to compare", () => {
    const spansOf = (count: number) =>
      Array.from({ length: count }, (_, n) => ({
        traceId: "a".repeat(32),
        spanId: String(n).padStart(16, "0"),
        name: "GET /orders",
      }));
    const out = (count: number) =>
      inspect(write("spans.json", { resourceSpans: [{ resource, scopeSpans: [{ spans: spansOf(count) }] }] }))
        .out;
    const lines = `
  to compare        a capture of the OpenTelemetry Demo had 482 bytes per span;
                    gzip-6 7.3x, zstd-3 8.6x on requests of 156 kB
  traces `;
    expect(out(100)).not.toContain("to compare");
    expect(out(5000)).toContain(lines);
  });

  test("prints an array for programs with --json", () => {
    const path = write("logs.json", logs);
    const [summary] = JSON.parse(inspect("--json", path).out) as [Record<string, unknown>];
    expect(Object.keys(summary)).toEqual([
      ...["file", "signal", "frames", "items", "bytes", "bytesPerItem", "sentBytesPerItem"],
      ...["services", "scopes"],
      ...["logs", "attributes", "uncountedAttributes", "compression", "frozen"],
    ]);
    expect(summary).toMatchObject({ file: path, signal: "logs", items: 2 });
  });

  test("tells what of a template is frozen and compiled beside it, as long as the template stays as it was", () => {
    const templates = join(dir, "frozen");
    const config = write(
      "generator.yaml",
      "{traces: {count: 0}, metrics: {metric_count: 0}, logs: {count: 2000}}",
    );
    expect(stampede("generate", "--config", config, "--output-dir", templates).code).toBe(0);
    const file = join(templates, "telemetry-logs.pb");
    expect(inspect(file).out).not.toContain("frozen");
    const frozen = stampede("freeze", "--input", templates, "--batch-size", "1000");
    const [, perItem, ratio] = /: ([\d.]+) B an item, ([\d.]+) times smaller/.exec(frozen.out)!;
    expect(inspect(file).out.replace(/\s+/g, " ")).toContain(
      ` frozen 2 requests of 1,000 items, zstd, effort fast: ${perItem} B an item (${ratio}x), 2 of 2 compiled `,
    );
    const [{ frozen: beside }] = JSON.parse(inspect("--json", file).out);
    expect(beside).toMatchObject([
      { requests: 2, items: 2000, compiled: [{ form: "zstd-fast", records: 2, compressed: 2 }] },
    ]);
    utimesSync(file, new Date(), new Date(Date.now() + 60_000));
    expect(inspect(file).out).not.toContain("frozen");
  });

  test("prints items as OTLP/JSON with --show", () => {
    const { out } = inspect("--show", "1", write("logs.json", logs));
    expect(JSON.parse(out)).toMatchObject({
      resourceLogs: [{ resource, scopeLogs: [{ logRecords: [{ severityNumber: expect.any(Number) }] }] }],
    });
  });

  test("prints traces as trees with --trees", () => {
    const span = (id: string, parentSpanId: string, start: number, end: number, more: object = {}) => ({
      traceId: "5".repeat(32),
      spanId: id.repeat(16),
      parentSpanId,
      startTimeUnixNano: `${start}000`,
      endTimeUnixNano: `${end}000`,
      ...more,
    });
    const spans = [
      span("a", "", 0, 2500, { name: "GET /orders", kind: 2, status: { code: 2, message: "gone wrong" } }),
      span("c", "a".repeat(16), 900, 1000, { name: "publish", kind: 4, links: [{}] }),
      span("b", "a".repeat(16), 100, 350, {
        name: "SELECT orders",
        kind: 3,
        attributes: [{ key: "db.system.name", value: { stringValue: "postgresql" } }],
        events: [{ name: "retry" }],
      }),
    ];
    const path = write("tree.json", { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] });
    expect(
      inspect("--trees", "3", path).out,
    ).toBe(`trace 55555555555555555555555555555555: 3 spans of 1 service
      0.00       2.50 ms  GET /orders  [shop, server, ERROR]
                            status: gone wrong
      0.10       0.25 ms    SELECT orders  [shop, client, postgresql]
                              event retry
      0.90       0.10 ms    publish  [shop, producer, -> 1 linked]

`);
  });

  test.each([
    ["a file that is not there", ["none.pb"], "none.pb: no such file or directory"],
    ["an empty file", [""], "the file is empty; generate it again"],
    [
      "text",
      ["hello, this is no OTLP at all"],
      "byte 0: frame length must be 1 to 67108864, found 1751477356; this is not a file of OTLP frames",
    ],
    ["a file without items", ['{"resourceLogs":[]}'], "holds no spans, data points or log records"],
  ])("ends with code 2 and one line on %s", (_what, [content], message) => {
    const path = content === "none.pb" ? join(dir, content) : write("input", content);
    const { code, err } = inspect(path);
    expect(code).toBe(2);
    expect(err.trimEnd().split("\n")).toHaveLength(1);
    expect(err).toContain(message);
  });

  test("refuses a number of items that is none", () => {
    const { code, err } = inspect("--show", "0", write("logs.json", logs));
    expect(code).toBe(2);
    expect(err).toContain('must be a whole number from 1 to 10000, got "0"');
  });
});

describe("what a file of somebody else says", () => {
  const HOSTILE = "\u001b[31mred\u009b1m</script>\r\nnext \u202Egnp";
  const OBEYED = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]|^next/mu;
  const text = (key: string) => ({ key, value: { stringValue: HOSTILE } });
  const span = {
    traceId: "1".repeat(32),
    spanId: "2".repeat(16),
    name: HOSTILE,
    startTimeUnixNano: "1700000000000000000",
    endTimeUnixNano: "1700000001000000000",
    status: { code: 2, message: HOSTILE },
    attributes: [text(HOSTILE), text("error.type")],
    events: [{ name: HOSTILE, attributes: [text("exception.type"), text("exception.message")] }],
  };
  const traces = {
    resourceSpans: [
      {
        resource: { attributes: [text("service.name")] },
        scopeSpans: [{ scope: { name: HOSTILE }, spans: [span] }],
      },
    ],
  };

  test.each([[[]], [["--trees=1"]], [["--show=1"]], [["--json"]]])(
    "tells a terminal nothing: %j",
    (options) => {
      const { code, out } = inspect(...options, write("hostile.json", traces));
      expect(code).toBe(0);
      expect(out).toContain("red");
      expect(out).not.toMatch(OBEYED);
    },
  );

  test("stays the same in JSON", () => {
    const { out } = inspect("--show=1", write("hostile.json", traces));
    expect(JSON.parse(out).resourceSpans[0].scopeSpans[0].spans[0].name).toBe(HOSTILE);
  });
});
