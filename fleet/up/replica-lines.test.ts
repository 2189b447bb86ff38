import { expect, test } from "vitest";
import { ReplicaLines } from "./replica-lines.ts";

const progress = (sent: number, lagMs = 0) =>
  JSON.stringify({ msg: "working", elapsedMs: 1, eventsPerSecond: 10, sent, accepted: sent - 1, lagMs });
const note = (msg: string) => JSON.stringify({ level: "info", msg });

test("what replicas have done is added up, each by its latest word, and the worst lag counts", () => {
  const lines = new ReplicaLines(() => {});
  expect(lines.progress()).toBeUndefined();
  lines.read("replica 0", progress(5));
  lines.read("replica 0", progress(7, 20));
  lines.read("replica 1", progress(100, 10));
  expect(lines.progress()).toMatchObject({
    eventsPerSecond: 20,
    sent: 107,
    accepted: 105,
    failed: 0,
    lagMs: 20,
  });
});

test("one that has ended sends nothing any more, and what it has sent stays", () => {
  const lines = new ReplicaLines(() => {});
  lines.read("replica 0", progress(5, 2000));
  lines.end("replica 0");
  expect(lines.progress()).toMatchObject({ eventsPerSecond: 0, sent: 5, lagMs: 0 });
});

test("what several replicas say is told once; what each says of its own share is not", () => {
  const told: string[] = [];
  const lines = new ReplicaLines((text) => told.push(text));
  for (const replica of ["replica 0", "replica 1"]) {
    lines.read(replica, note("sending 10 events/s"));
    lines.read(replica, note("the target refuses zstd"));
    lines.read(replica, progress(1));
  }
  expect(told).toEqual(["replica 0: the target refuses zstd"]);
});

test("last words are notes and what is no JSON, but no progress", () => {
  const lines = new ReplicaLines(() => {});
  expect(lines.read("replica 0", progress(1))).toBeUndefined();
  expect(lines.read("replica 0", note("a note"))).toBe("a note");
  expect(lines.read("replica 0", "FATAL ERROR: out of memory")).toBe("FATAL ERROR: out of memory");
  expect(lines.read("replica 0", "{half of a li")).toBe("{half of a li");
});
