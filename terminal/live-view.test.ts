import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { openLiveView } from "./live-view.ts";
import type { Sample } from "./sample.ts";

const HEADLINE = { command: "replay", destination: "localhost:4317" };

function sampleAt(elapsedMs: number): Sample {
  const sent = elapsedMs;
  return {
    elapsedMs,
    targetRate: 1000,
    signals: {
      logs: {
        rate: 1000,
        intended: sent,
        sent,
        accepted: sent,
        rejected: 0,
        failed: 0,
        inDoubt: 0,
        unsent: 0,
      },
    },
    latencyMs: { p50: 1, p99: 2 },
    lagMs: 0,
    inFlight: 0,
    cpuShare: 0.1,
    rssBytes: 1e6,
    retried: 0,
    errors: [],
    processes: 1,
  };
}

/** A stream that remembers what was written, as a terminal or as a pipe. */
function recorder(isTTY: boolean) {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 100, rows: 40 });
  const chunks: string[] = [];
  stream.on("data", (chunk) => chunks.push(String(chunk)));
  return { stream, written: () => chunks.splice(0).join("") };
}

describe("without a terminal", () => {
  test("there is one line an interval of the run, and one for what came after the last", async () => {
    const { stream, written } = recorder(false);
    const view = await openLiveView({ headline: HEADLINE, stream, env: {}, lineIntervalMs: 5000 });
    for (let ms = 0; ms <= 12_000; ms += 250) view.show(sampleAt(ms));
    view.close();
    view.close();
    const lines = written().trimEnd().split("\n");
    expect(lines.map((line) => line.slice(0, 5))).toEqual(["00:05", "00:10", "00:12"]);
    expect(lines.join()).not.toContain("\u001B");
  });

  test("a terminal that cannot draw (TERM=dumb) gets lines too", async () => {
    const { stream, written } = recorder(true);
    const view = await openLiveView({ headline: HEADLINE, stream, env: { TERM: "dumb" } });
    view.show(sampleAt(5000));
    view.note("the target is back");
    expect(written()).toMatch(/^00:05 [^\u001B]*\nthe target is back\n$/);
  });
});

describe("on a terminal", () => {
  test("the view is drawn, redrawn in place, and left on the screen", async () => {
    const { stream, written } = recorder(true);
    const view = await openLiveView({ headline: HEADLINE, stream, env: {} });
    view.show(sampleAt(1000));
    expect(written()).toContain("\u001B[1mstampede");
    view.show(sampleAt(2000));
    // Something moves the cursor up to draw over what is there.
    expect(written()).toMatch(/\u001B\[\d*[AF]/);
    view.close();
    view.close();
    view.show(sampleAt(3000));
    expect(written()).not.toContain("00:03");
  });

  test("the cursor is never hidden, so there is nothing to restore", async () => {
    const { stream, written } = recorder(true);
    const view = await openLiveView({ headline: HEADLINE, stream, env: {} });
    view.show(sampleAt(1000));
    view.note("a note");
    view.show(sampleAt(2000));
    expect(written()).not.toContain("\u001B[?25l");
  });

  test("NO_COLOR takes the colours and leaves the drawing", async () => {
    const { stream, written } = recorder(true);
    const view = await openLiveView({ headline: HEADLINE, stream, env: { NO_COLOR: "1" } });
    view.show(sampleAt(1000));
    const text = written();
    expect(text).toContain("stampede replay");
    expect(text).not.toMatch(/\u001B\[\d+m/);
  });
});
