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

function linesOf(text: string): { msg: string }[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

describe("without a terminal", () => {
  test("there is one line an interval of the run, and one for what came after the last", async () => {
    const { stream, written } = recorder(false);
    const view = await openLiveView({ headline: HEADLINE, stream, env: {}, lineIntervalMs: 5000 });
    for (let ms = 0; ms <= 12_000; ms += 250) view.show(sampleAt(ms));
    view.close();
    view.close();
    const lines = linesOf(written());
    expect(lines.map(({ msg }) => msg.slice(0, 5))).toEqual(["00:05", "00:10", "00:12"]);
  });

  test("a line says for machines what it says for people; what is not known is null", async () => {
    const { stream, written } = recorder(false);
    const view = await openLiveView({ headline: HEADLINE, stream, env: {} });
    view.show({ ...sampleAt(5000), latencyMs: { p50: Number.NaN, p99: 2.34567 } });
    expect(linesOf(written())).toEqual([
      {
        level: "info",
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        elapsedMs: 5000,
        eventsPerSecond: 1000,
        targetEventsPerSecond: 1000,
        sent: 5000,
        accepted: 5000,
        rejected: 0,
        failed: 0,
        inDoubt: 0,
        unsent: 0,
        p50Ms: null,
        p99Ms: 2.346,
        lagMs: 0,
        cpu: 0.1,
        rssBytes: 1e6,
        msg: expect.stringMatching(
          /^00:05 1\.00 k\/s of 1\.00 k\/s, sent 5,000, accepted 5,000, p50 -, p99 2\.35 ms/,
        ),
      },
    ]);
  });

  test("a note is a line of the same kind, whatever is in it", async () => {
    const { stream, written } = recorder(false);
    const view = await openLiveView({ headline: HEADLINE, stream, env: {} });
    view.note('the target said "no"\nand left');
    expect(linesOf(written())).toMatchObject([{ level: "info", msg: 'the target said "no"\nand left' }]);
  });

  test.each([
    ["TERM=dumb", { TERM: "dumb" }, 100],
    ["no width", {}, 0],
  ])("a terminal that cannot draw (%s) gets plain lines", async (_, env, columns) => {
    const { stream, written } = recorder(true);
    const view = await openLiveView({ headline: HEADLINE, stream: Object.assign(stream, { columns }), env });
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

  test("a note stays whole above the picture, which comes back below it", async () => {
    const { stream, written } = recorder(true);
    const view = await openLiveView({ headline: HEADLINE, stream, env: {} });
    const long = "a note ".repeat(30);
    view.note(long);
    expect(written()).toBe(`${long}\n`);
    view.show(sampleAt(1000));
    written();
    view.note(long);
    expect(written()).toMatch(new RegExp(`${long}\n.*stampede`, "s"));
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
