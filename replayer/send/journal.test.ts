import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import { COUNTER_INDEX } from "../../ledger/counts.ts";
import { JOURNAL_BYTES, Journal, type NotedLane, readJournal } from "./journal.ts";

const directory = mkdtempSync(join(tmpdir(), "stampede-journal-"));
let file = 0;

beforeEach(() => {
  file = openSync(join(directory, "journal"), "w+");
  ftruncateSync(file, JOURNAL_BYTES);
});
afterEach(() => closeSync(file));
afterAll(() => rmSync(directory, { recursive: true }));

const laneAt = (position: number): NotedLane => ({
  signal: "logs",
  schedule: { position },
  through: position - 1,
  deferred: { pending: 2 },
  incarnation: 2 ** 48 - 1,
});

test("a journal that nobody wrote to has no note", () => {
  expect(readJournal(file)).toBeUndefined();
});

test("the last of many notes is read, as it was written", () => {
  const journal = new Journal(file);
  for (let position = 1; position <= 101; position++) {
    journal.counts.logs[COUNTER_INDEX.sent] = position * 10;
    journal.write([laneAt(position)], 1000 + position, 0.5);
  }
  const entry = readJournal(file)!;
  expect(entry).toMatchObject({ elapsedMs: 1101, worstLagMs: 0.5 });
  const { counts, ...state } = entry.lanes.logs;
  expect(state).toEqual({ position: 101, through: 100, waiting: 2, incarnation: 2 ** 48 - 1 });
  expect(counts[COUNTER_INDEX.sent]).toBe(1010);
  expect(entry.lanes.traces.counts).toEqual(new Float64Array(counts.length));
});

test.each([1, 8, 9, 100, 495])("a note cut after %d bytes is passed over for the one before", (bytes) => {
  const journal = new Journal(file);
  for (let position = 1; position <= 5; position++) journal.write([laneAt(position)], position, 0);
  // Odd notes go to the second slot, even ones to the first: the sixth begins to overwrite the fourth.
  const sixth = Buffer.alloc(496, 0xff);
  sixth.writeDoubleLE(6, 0);
  writeSync(file, sixth, 0, bytes, 0);
  expect(readJournal(file)!.lanes.logs.position).toBe(5);
});
