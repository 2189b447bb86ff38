import { expect, test } from "vitest";
import { type PlanRequest, planCapacity } from "./capacity-plan.ts";
import { planNotes } from "./notes.ts";
import { COSTS, REQUEST, TRAFFIC } from "./test-plan.ts";

function notesOf(change: Partial<PlanRequest>, concurrency = 1_000_000): string {
  const request = { ...REQUEST, ...change };
  return planNotes(request, planCapacity(request, TRAFFIC, COSTS), concurrency).join("\n");
}

test("a leg that no 10 Gb/s interface carries is told, and what each machine needs", () => {
  expect(notesOf({})).toContain(
    "Through Collectors: 64 Gbit/s to the Collectors in all are more than a 10 Gb/s interface carries; a machine's share fits into 10 Gb/s.",
  );
  expect(notesOf({ eventsPerSecond: 1e6 })).not.toContain("Gbit/s");
});

test("a leg without compression is told where it is large", () => {
  expect(notesOf({})).toContain("With --compression zstd it is a tenth");
  expect(notesOf({ toCollectors: { protocol: "grpc", compression: "zstd" } })).not.toContain("--compression");
});

test("too few replicas, and far too many, are told", () => {
  expect(notesOf({ replicas: 10 })).toContain("10 replicas are too few through Collectors: 30 are planned.");
  expect(notesOf({ eventsPerSecond: 1e5, replicas: 40 })).toContain("next to nothing to do");
  expect(notesOf({ replicas: 40 })).not.toMatch(/too few|next to nothing/);
});

test("requests in flight beyond the usual are told", () => {
  expect(notesOf({}, 50)).toContain("each replayer has 1000 requests in flight");
  expect(notesOf({}, 1000)).not.toContain("in flight");
});

test("what stands in for something else is told", () => {
  const { exporter } = REQUEST;
  expect(notesOf({ exporter: { ...exporter, by: "other", isExact: false } })).toContain(
    "a protocol of its own",
  );
  expect(notesOf({ exporter: { ...exporter, isExact: false } })).toContain("counted as gzip");
  expect(notesOf({ isEncrypted: true })).toContain("TLS");
});
