import { expect, test } from "vitest";
import { ProcessLines } from "./process-lines.ts";

const progress = (sent: number) => JSON.stringify({ msg: "working", elapsedMs: 1, sent });
const note = (msg: string) => JSON.stringify({ level: "info", msg });

test("what several replicas say is told once; what each says of its own share is not", () => {
  const told: string[] = [];
  const lines = new ProcessLines((text) => told.push(text));
  for (const replica of ["replica 0", "replica 1"]) {
    lines.read(replica, note("sending 10 events/s"));
    lines.read(replica, note("the target refuses zstd"));
    lines.read(replica, progress(1));
  }
  expect(told).toEqual(["replica 0: the target refuses zstd"]);
});

test("last words are notes and what is no JSON, but no progress", () => {
  const lines = new ProcessLines(() => {});
  expect(lines.read("replica 0", progress(1))).toBeUndefined();
  expect(lines.read("replica 0", note("a note"))).toBe("a note");
  expect(lines.read("replica 0", "FATAL ERROR: out of memory")).toBe("FATAL ERROR: out of memory");
  expect(lines.read("replica 0", "{half of a li")).toBe("{half of a li");
});
