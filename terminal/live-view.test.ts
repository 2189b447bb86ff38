import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { openLiveView } from "./live-view.ts";
import { BAD, GOOD, signalSample } from "./sample.cases.ts";
import type { Sample } from "./sample.ts";

const HEADLINE = { command: "replay", destination: "localhost:4317" };

function sampleAt(elapsedMs: number): Sample {
  const logs = signalSample(1000, elapsedMs, { recentMs: { p50: 1, p90: 1.5, p99: 2 } });
  return { ...GOOD, elapsedMs, targetRate: 1000, signals: { logs }, total: logs };
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
    const counts = signalSample(1000, 5000, { recentMs: { p50: Number.NaN, p90: 2, p99: 2.34567 } });
    view.show({
      ...sampleAt(5000),
      total: counts,
      signals: { logs: counts },
      errors: BAD.errors.slice(0, 1),
    });
    view.show({ ...sampleAt(10_000), targets: BAD.targets });
    const fields = {
      eventsPerSecond: 1000,
      sent: 5000,
      accepted: 5000,
      rejected: 0,
      failed: 0,
      inDoubt: 0,
      unsent: 0,
      requests: 5,
      retriedRequests: 0,
      bodyBytes: 2_000_000,
      wireBytes: 250_000,
      wireBytesPerSecond: 50_000,
      p50Ms: null,
      p90Ms: 2,
      p99Ms: 2.346,
      runP50Ms: 3.21,
      runP90Ms: 12.4,
      runP99Ms: 44,
    };
    const [line, other] = linesOf(written());
    expect(line).toEqual({
      level: "info",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      elapsedMs: 5000,
      remainingMs: 537_700,
      targetEventsPerSecond: 1000,
      ...fields,
      lagMs: 0,
      worstLagMs: 12,
      inFlight: 12,
      cpu: 0.83,
      rssBytes: 71_300_000,
      processes: 4,
      signals: { logs: fields },
      answers: [expect.objectContaining({ code: "UNAVAILABLE", count: 1414, perSecond: 12.2 })],
      msg: expect.stringMatching(
        /^00:05 1\.00 k\/s of 1\.00 k\/s, sent 5,000, accepted 5,000, p50 -, p90 2\.00 ms, p99 2\.35 ms/,
      ),
    });
    expect(other).toMatchObject({
      targets: [
        { address: "10.0.0.1:4317", requestsPerSecond: 210, rejected: 120_500 },
        { address: "10.0.0.2:4317", inDoubt: 300 },
      ],
    });
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
    expect(written()).toMatch(/^\u001B\[\d+A\r\u001B\[J/);
    view.close({ ...sampleAt(2500), isOver: true });
    expect(written()).toContain("done");
    view.close();
    view.show(sampleAt(3000));
    view.redraw();
    expect(written()).toBe("");
  });

  test("nothing is changed that would have to be restored: no hidden cursor, no other screen, no unwrapped lines", async () => {
    const { stream, written } = recorder(true);
    const view = await openLiveView({ headline: HEADLINE, stream, env: {} });
    view.show(sampleAt(1000));
    view.note("a note");
    view.show(sampleAt(2000));
    view.close();
    // Synchronized output alone, which every write ends again.
    const modes = [...written().matchAll(/\u001B\[\?(\d+)([hl])/g)].map(([, mode, set]) => `${mode}${set}`);
    expect([...new Set(modes)]).toEqual(["2026h", "2026l"]);
    expect(modes.at(-1)).toBe("2026l");
  });

  test("a note stands above the picture, broken between words, and the picture comes back below it", async () => {
    const { stream, written } = recorder(true);
    const view = await openLiveView({ headline: HEADLINE, stream, env: {} });
    const address = `http://${"name.".repeat(30)}example:4317`;
    const long = `${"some words ".repeat(9)}and then ${address} end`;
    view.note(long);
    const lines = [`${"some words ".repeat(9)}`.trimEnd(), "and then", address, "end"].join("\n");
    expect(written()).toBe(`${lines}\n`);
    view.show(sampleAt(1000));
    written();
    view.note(long);
    const [above, below] = written().split(`${lines}\n`);
    expect(above).not.toContain("stampede");
    expect(below).toContain("stampede");
  });

  test("when the terminal becomes narrower, all rows are taken away that its lines now take", async () => {
    const { stream, written } = recorder(true);
    const view = await openLiveView({ headline: HEADLINE, stream, env: { NO_COLOR: "1" } });
    view.show(sampleAt(1000));
    const lines = written()
      .replace(/\u001B\[\?2026[hl]/g, "")
      .replace(/\n$/, "")
      .split("\n");
    stream.columns = 60;
    stream.emit("resize");
    const wrapped = lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / 60)), 0);
    expect(wrapped).toBeGreaterThan(lines.length);
    const redrawn = written();
    expect(redrawn).toContain(`\u001B[${wrapped}A\r\u001B[J`);
    expect(redrawn).toContain("stampede replay");
    view.close();
    stream.emit("resize");
    expect(written()).toBe("\n");
  });

  test("after others have written on the screen, it is drawn anew below and nothing of theirs is taken away", async () => {
    const { stream, written } = recorder(true);
    const view = await openLiveView({ headline: HEADLINE, stream, env: {} });
    view.show(sampleAt(1000));
    written();
    view.redraw();
    const redrawn = written();
    expect(redrawn).toContain("stampede");
    expect(redrawn).not.toMatch(/\u001B\[\d*[AJ]/);
  });

  test("where the ledger follows, the last picture leaves its tables to it", async () => {
    const { stream, written } = recorder(true);
    const view = await openLiveView({ headline: HEADLINE, stream, env: {}, ledgerFollows: true });
    view.show(sampleAt(1000));
    expect(written()).toContain("accepted");
    view.close({ ...sampleAt(2000), isOver: true });
    expect(written()).not.toContain("accepted");
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
