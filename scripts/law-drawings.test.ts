/** The drawings in the documentation are those of the laws. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DRAWINGS_FILE, withDrawings } from "./law-drawings.ts";

const document = readFileSync(join(import.meta.dirname, "..", DRAWINGS_FILE), "utf8");

test(`${DRAWINGS_FILE} has the drawings of the laws; if not, run: scripts/node scripts/write-schemas.ts`, () => {
  expect(document).toBe(withDrawings(document));
});

test("every law of the document is drawn", () => {
  const laws = ["constant", "ramp", "steps", "burst", "sine", "curve", "poisson"];
  expect(document.match(/```mermaid/g)).toHaveLength(laws.length);
});

test("a drawing shows the rate of the config above it", () => {
  const lines = withDrawings(
    "```yaml\nsending: {rate_limit: {events_per_second: 1200, law: {ramp: {over: 2m}}}}\n```\n<!-- drawing of the config above, over 4m -->\n<!-- end of drawing -->\n",
  );
  const rates = JSON.parse(/line (\[.*\])/.exec(lines)![1]!) as number[];
  expect([rates.length, rates[0], rates[30], rates[60], rates[119]]).toEqual([120, 10, 610, 1200, 1200]);
});
