import { Writable } from "node:stream";
import { describe, expect, test } from "vitest";
import { renderRows } from "./cell.ts";
import { openProgress } from "./progress-view.ts";
import { progressRows, progressText, type WorkStep } from "./work-progress.ts";

const steps: WorkStep[] = [
  { name: "traces", unit: "spans", done: 1_203_000, total: 1_150_000, elapsedMs: 4200, isOver: true },
  { name: "metrics", unit: "data points", done: 150_000, total: 600_000, elapsedMs: 1500, isOver: false },
  { name: "logs", unit: "log records", done: 0, total: 50_000, elapsedMs: Number.NaN, isOver: false },
];

describe("bars", () => {
  test.each([
    [
      100,
      `  traces   ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━  100 %        1.20 M spans    286 k/s       00:04
  metrics  ━━━━━━━╸──────────────────────   25 %   150 k data points    100 k/s  00:05 left
  logs     ──────────────────────────────`,
    ],
    [
      80,
      `  traces   ━━━━━━━━━━━━━━━━━━  100 %        1.20 M spans    286 k/s       00:04
  metrics  ━━━━╸─────────────   25 %   150 k data points    100 k/s  00:05 left
  logs     ──────────────────`,
    ],
    [
      50,
      `  traces   ━━━━━━━━━━━  100 %        1.20 M spans
  metrics  ━━━────────   25 %   150 k data points
  logs     ───────────`,
    ],
    [
      24,
      `  traces   ━━━━━  100 %
  metrics  ━╸───   25 %
  logs     ─────`,
    ],
    [
      10,
      `  traces   100 %
  metrics   25 %
  logs`,
    ],
  ])("fit into %d columns", (columns, expected) => {
    const text = renderRows(progressRows(steps, columns), false);
    expect(text).toBe(expected);
    if (columns >= 24) for (const line of text.split("\n")) expect(line.length).toBeLessThan(columns);
  });

  test("of bytes are in bytes, and never full before the end", () => {
    const step = { name: "freezing logs", unit: "B", done: 3e6, total: 3e6, elapsedMs: 100, isOver: false };
    expect(renderRows(progressRows([step], 60), false)).toMatch(/━ {3}99 % {2}3.00 MB {2}30.0 MB\/s$/);
  });
});

test("a step as a line of text", () => {
  expect(progressText(steps[1]!)).toBe(
    "metrics: 150,000 of about 600,000 data points, 25 %, 100 k/s, 00:05 left",
  );
});

describe("the view", () => {
  /** A stream that keeps what is written, and a clock that is set by hand. */
  function fake(more: { isTTY?: boolean; columns?: number }) {
    let text = "";
    const stream = new Writable({
      write(chunk, _, done) {
        text += chunk;
        done();
      },
    });
    const clock = { now: 0 };
    return { stream: Object.assign(stream, more), clock, now: () => clock.now, text: () => text };
  }
  const planned = [
    { name: "traces", unit: "spans", total: 100 },
    { name: "logs", unit: "log records", total: 10 },
  ];

  test("draws on a terminal, without colours where NO_COLOR is set, and takes it away again", async () => {
    const { stream, clock, now, text } = fake({ isTTY: true, columns: 80 });
    const view = await openProgress({ steps: planned, stream, now, env: { NO_COLOR: "1" } });
    view.show("traces", 10);
    expect(text()).toBe("");
    clock.now = 1000;
    view.show("traces", 50);
    expect(text()).toMatch(/traces {2}━+─+ {2}49|50 %/);
    clock.now = 2000;
    view.show("logs", 5);
    expect(text()).toMatch(/traces {2}━+ {2}100 % {2,}50 spans/);
    expect(text()).not.toMatch(/\u001B\[\d+m/);
    const before = text().length;
    view.close();
    view.close();
    expect(text().slice(before)).toMatch(/\u001B\[2K/);
  });

  test("writes a line of JSON every five seconds where there is no terminal, and none for short work", async () => {
    const { stream, clock, now, text } = fake({});
    const view = await openProgress({ steps: planned, stream, now });
    for (clock.now = 0; clock.now < 11_000; clock.now += 100) view.show("traces", clock.now / 200);
    view.close();
    const lines = text().trimEnd().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
      "traces: 25 of about 100 spans, 25 %, 5/s, 00:15 left",
      "traces: 50 of about 100 spans, 50 %, 5/s, 00:10 left",
    ]);
  });
});
