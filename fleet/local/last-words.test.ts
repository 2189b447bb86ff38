import { expect, test } from "vitest";
import { keepEnd, lastWords } from "./last-words.ts";

/** As Node 26 prints it, shortened. */
const HEAP_IS_FULL = `
<--- Last few GCs --->

[4711:0x7f1] 1024 ms: Mark-Compact 22.1 (24.0) -> 21.9 (24.0) MB, allocation failure; scavenge might not succeed

FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory
----- Native stack trace -----

 1: 0xe1d2b0 node::OOMErrorHandler(char const*, v8::OOMDetails const&) [node]
`;

const THROWN = `file:///somewhere/worker.ts:12
  throw new RangeError("no such slot");
        ^

RangeError: no such slot
    at work (file:///somewhere/worker.ts:12:9)

Node.js v26.1.0
`;

test.each([
  [
    "a full heap",
    HEAP_IS_FULL,
    "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
  ],
  [
    "an error that nobody caught",
    THROWN,
    "RangeError: no such slot at work (file:///somewhere/worker.ts:12:9)",
  ],
  ["an option that is none", "node: bad option: --no\n\n", "node: bad option: --no"],
  ["nothing", "\n", undefined],
])("of %s, the line that tells most is picked", (_, stderr, words) => {
  expect(lastWords(stderr)).toBe(words);
});

test("a line is cut, and only the end of much text is kept", () => {
  const text = keepEnd("first\n", "x".repeat(1_000_000));
  expect(text.length).toBeLessThan(20_000);
  expect(lastWords(text)).toMatch(/^x{200}…$/);
});
