/** Hostile answers, some thousand of them; by hand there are more: test/fuzz/main.ts. */
import { expect, test } from "vitest";
import { fuzz } from "./fuzz.ts";

/** Of 10^5 answers the process may keep no more than this, over what 10^4 took. */
const MOST_HEAP_GROWTH_BYTES = 30e6;

test("whatever a server answers, each request has one answer, and the transport works afterwards", async () => {
  const result = await fuzz({ seed: 20_261_121, count: 3_000 });
  expect(result.failures).toEqual([]);
  expect(result.cases).toBe(3_000);
  // Hostile servers that are only ever refused would prove little.
  const kinds = Object.keys(result.answers).map((answer) => answer.split(" ")[0]);
  expect(new Set(kinds)).toEqual(new Set(["accepted", "partial", "retryable", "permanent", "lost"]));
  const [early, late] = result.memory;
  expect(late!.heapBytes - early!.heapBytes).toBeLessThan(MOST_HEAP_GROWTH_BYTES);
});
