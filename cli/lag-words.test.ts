import { expect, test } from "vitest";
import { LagWords } from "./lag-words.ts";

test("falling behind is said once, and being back once with the worst of it, each time it happens", () => {
  const words = new LagWords();
  const said = [0, 900, 1200, 3000, 900, 250, 100, 100, 1000, 1500, 0].map((lagMs) => words.look(lagMs));
  expect(said.map((text) => text?.split(":")[0])).toEqual([
    undefined,
    undefined,
    "behind the schedule by 1.2 s",
    undefined,
    undefined,
    undefined,
    "with the schedule again; it was 3.0 s behind at the worst",
    undefined,
    undefined,
    "behind the schedule by 1.5 s",
    "with the schedule again; it was 1.5 s behind at the worst",
  ]);
});
