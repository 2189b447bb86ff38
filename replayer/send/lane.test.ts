import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import type { Signal } from "../../otlp/signal.ts";
import { HEADER_INTS } from "../../template/slots.ts";
import { CONTINUES_TRACE, FrozenFile, FrozenFileWriter, type FrozenSummary } from "../freeze/frozen-file.ts";
import { constant } from "../pace/laws/constant.ts";
import { Schedule } from "../pace/schedule.ts";
import { SendBuffer } from "../stamp/send-buffer.ts";
import { newStampKey, type StampKey, secondsBetween } from "../stamp/stamp-key.ts";
import { Lane, type LaneSettings } from "./lane.ts";

const directory = mkdtempSync(join(tmpdir(), "stampede-lane-"));
afterAll(() => rmSync(directory, { recursive: true }));
let files = 0;

/** A frozen file of empty records: what a lane reads of them is a header of zeros. */
function freeze(
  signal: Signal,
  batches: { items: number; flags?: number }[],
  changes: Partial<FrozenSummary> = {},
): FrozenFile {
  const path = join(directory, `${files++}.frozen`);
  const writer = new FrozenFileWriter(path);
  for (const { items, flags } of batches) writer.append(Buffer.alloc(4 * HEADER_INTS), items, flags ?? 0);
  writer.finish({
    signal,
    items: batches.reduce((sum, { items }) => sum + items, 0),
    droppedItems: 0,
    dropped: [],
    traces: 0,
    lateRoots: 0,
    bodyBytes: 0,
    maxRecordBytes: 4 * HEADER_INTS,
    series: 0,
    metricNames: 0,
    lifetimeSeconds: null,
    hasDelta: signal === "metrics",
    linked: 0,
    ...changes,
  });
  return new FrozenFile(path);
}

const FOREVER = {
  durationMs: Number.POSITIVE_INFINITY,
  items: Number.POSITIVE_INFINITY,
  endsWithItems: true,
};

function open(
  file: FrozenFile,
  itemsPerSecond: number | undefined,
  changes: Partial<LaneSettings> = {},
): Lane {
  const law = itemsPerSecond === undefined ? undefined : constant(itemsPerSecond);
  return new Lane(file, new Schedule(law, FOREVER, 30_000), {
    signal: file.summary.signal,
    passes: Number.POSITIVE_INFINITY,
    backdateMs: 0,
    instances: 1,
    intervalMs: 10_000,
    block: undefined,
    incarnation: 77,
    maxPendingRoots: 0,
    nextIncarnation: () => 78,
    ...changes,
  });
}

const EPOCH_MS = 1_790_000_000_000;
const record = new SendBuffer(4 * HEADER_INTS);

/** Send the next request at this moment of the run, so much later than it was due. */
function send(lane: Lane, nowMs: number, lateMs = 0): StampKey {
  const key = newStampKey();
  lane.schedule.advance(lane.take(key, EPOCH_MS + nowMs, lateMs));
  lane.setBase(key, record, EPOCH_MS + nowMs, lateMs);
  return key;
}

/** The shortest time between two points of one series, in seconds, and what was sent last of each. */
class Series {
  shortest = Number.POSITIVE_INFINITY;
  readonly #last = new Map<string, StampKey>();

  add(key: StampKey): void {
    const name = `${key.block}/${key.instance}/${key.batch}`;
    const last = this.#last.get(name);
    if (last) {
      this.shortest = Math.min(this.shortest, secondsBetween(last.baseSteps, key.baseSteps));
      // A difference covers exactly what lies between two points.
      if (last.runSteps === key.runSteps) expect(key.previousSteps).toBe(last.baseSteps);
    } else expect(key.previousSteps).toBe(key.runSteps);
    expect(key.previousSteps).toBeLessThan(key.baseSteps);
    this.#last.set(name, key);
  }

  get instances(): number {
    return new Set([...this.#last.values()].map(({ block, instance }) => `${block}/${instance}`)).size;
  }
}

/** Times are in steps of 16.8 ms. */
const STEP_SECONDS = 0.017;

describe("a lane of metrics", () => {
  test("sends each series once an interval, however the rate and the batches fall, stalls caught up with included", () => {
    const batches = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 });
    const stalls = fc.array(fc.record({ at: fc.nat(200), ms: fc.integer({ min: 1, max: 25_000 }) }), {
      maxLength: 3,
    });
    fc.assert(
      fc.property(batches, fc.integer({ min: 1, max: 60 }), stalls, (sizes, pointsPerItem, pauses) => {
        const items = sizes.reduce((sum, size) => sum + size, 0);
        const perSecond = (items * pointsPerItem) / 10;
        // As replayer/plan.ts has it.
        const instances = Math.max(1, Math.ceil((perSecond * 10) / items));
        const file = freeze(
          "metrics",
          sizes.map((size) => ({ items: size })),
        );
        const lane = open(file, perSecond, { instances });
        const series = new Series();
        let now = 0;
        for (let request = 0; request < 250; request++) {
          const pause = pauses.find(({ at }) => at === request);
          if (pause) now += pause.ms;
          const due = lane.schedule.nextMomentMs(now);
          now = Math.max(now, due);
          series.add(send(lane, now, now - due));
        }
        file.close();
        expect(series.instances).toBeLessThanOrEqual(instances);
        expect(series.shortest).toBeGreaterThanOrEqual(10 - STEP_SECONDS);
      }),
      { numRuns: 60 },
    );
  });

  test("without a rate adds instances until the interval is over, then begins with the first again", () => {
    const file = freeze("metrics", [{ items: 10 }, { items: 10 }]);
    const lane = open(file, undefined, { instances: undefined, intervalMs: 1000 });
    const series = new Series();
    // A request every 50 ms, two a pass: ten instances fill a second.
    const instances = Array.from({ length: 80 }, (_, n) => {
      const key = send(lane, n * 50);
      series.add(key);
      return key.instance;
    });
    expect(instances.slice(0, 24)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1].flatMap((one) => [one, one]));
    expect(series.instances).toBe(10);
    expect(series.shortest).toBeGreaterThanOrEqual(1 - STEP_SECONDS);
  });

  test("begins a new life before values run out of room: other incarnation, start time and series", () => {
    const lives = [101, 102];
    const file = freeze("metrics", [{ items: 5 }, { items: 5 }], { lifetimeSeconds: 25 });
    const lane = open(file, 1, { nextIncarnation: () => lives.shift()! });
    const series = new Series();
    const keys = Array.from({ length: 14 }, (_, n) => send(lane, n * 5000));
    for (const key of keys) series.add(key);
    expect(keys.map(({ incarnation }) => incarnation)).toEqual([
      ...Array(6).fill(77),
      ...Array(6).fill(101),
      ...Array(2).fill(102),
    ]);
    for (const key of keys) {
      expect(secondsBetween(key.runSteps, key.baseSteps)).toBeLessThan(25 + 10);
      expect(key.block).toBe(key.incarnation);
    }
    expect(new Set(keys.map(({ runSteps }) => runSteps)).size).toBe(3);
  });

  test("counts its instances by the replica's index where that lasts, else by its incarnation", () => {
    const file = freeze("metrics", [{ items: 5 }]);
    expect([0, 1, 2].map((block) => send(open(file, 1, { block }), 0).block)).toEqual([0, 1, 2]);
    expect([5, 6].map((incarnation) => send(open(file, 1, { incarnation }), 0).block)).toEqual([5, 6]);
  });
});

describe("a lane", () => {
  test("keeps the base time of a trace that goes on, and takes a new one for the next", () => {
    const flags = CONTINUES_TRACE;
    const file = freeze("traces", [{ items: 3 }, { items: 3, flags }, { items: 3, flags }, { items: 3 }]);
    const lane = open(file, 1);
    const bases = [0, 1000, 2000, 3000, 4000].map((now) => send(lane, now).baseSteps);
    expect([bases[1], bases[2]]).toEqual([bases[0], bases[0]]);
    expect(bases[3]).toBeGreaterThan(bases[0]!);
    expect(bases[4]).toBeGreaterThan(bases[3]!);
  });

  test("is of the present when it is late, and of the past by as much as it is told to be", () => {
    const file = freeze("logs", [{ items: 3 }]);
    const onTime = send(open(file, 1), 20_000).baseSteps;
    expect(send(open(file, 1), 20_000, 15_000).baseSteps).toBe(onTime);
    const back = send(open(file, 1, { backdateMs: 3_600_000 }), 20_000).baseSteps;
    expect(secondsBetween(back, onTime)).toBeGreaterThan(3600 - STEP_SECONDS);
    expect(secondsBetween(back, onTime)).toBeLessThan(3600 + STEP_SECONDS);
  });

  test("goes through its batches in order, pass after pass, and is done after the last one", () => {
    const file = freeze("logs", [{ items: 1 }, { items: 2 }, { items: 3 }]);
    const lane = open(file, 1, { passes: 2 });
    const places: [number, number][] = [];
    const progress: number[] = [];
    while (!lane.isDone) {
      progress.push(lane.progress);
      const { pass, batch } = send(lane, places.length);
      places.push([pass, batch]);
    }
    expect(places).toEqual([0, 1].flatMap((pass) => [0, 1, 2].map((batch) => [pass, batch])));
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(lane.schedule.position).toBe(12);
  });

  test("goes on with the compiled form of its file from where it is, looking for it once a second", () => {
    const batches = [{ items: 1 }, { items: 2 }, { items: 3 }];
    const [plain, compiled] = [freeze("logs", batches), freeze("logs", batches)];
    let looks = 0;
    const openCompiled = () => (++looks < 3 ? undefined : compiled);
    const lane = open(plain, 1, { openCompiled });
    const sent = [0, 200, 1000, 1900, 2000, 9000].map((now) => {
      lane.lookForCompiled(EPOCH_MS + now);
      return { batch: send(lane, now).batch, isCompiled: lane.records === compiled, looks };
    });
    expect(sent.map(({ batch }) => batch)).toEqual([0, 1, 2, 0, 1, 2]);
    expect(sent.map(({ isCompiled }) => isCompiled)).toEqual([false, false, false, false, true, true]);
    expect(sent.map((one) => one.looks)).toEqual([1, 1, 2, 2, 3, 3]);
    lane.refuseCompiled();
    lane.lookForCompiled(EPOCH_MS + 20_000);
    expect([lane.records, looks]).toEqual([plain, 3]);
    expect(() => compiled.read(0, Buffer.alloc(4 * HEADER_INTS))).toThrow("EBADF");
  });
});
