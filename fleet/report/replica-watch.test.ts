import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { waitForReplicas } from "./replica-watch.ts";

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "reports-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

const leave = (name: string, content = "{}") => writeFileSync(join(directory, name), content);
const watch = () => ({
  directory,
  known: new Set<string>(),
  appearWithinMs: 0,
  eachSecond: async () => {},
  signal: new AbortController().signal,
});

test("without a number or a name, what is there counts", async () => {
  leave("a.json");
  leave("half-written.tmp");
  expect(await waitForReplicas(watch())).toEqual({ reports: ["a.json"], expected: 1 });
});

test("a number of replicas is waited for, reports of earlier runs aside", async () => {
  leave("earlier.json");
  const stages = [() => leave("a.json"), () => leave("b.json")];
  const result = await waitForReplicas({
    ...watch(),
    known: new Set(["earlier.json"]),
    expected: 2,
    eachSecond: async () => stages.shift()?.(),
  });
  expect(result).toEqual({ reports: ["a.json", "b.json"], expected: 2 });
});

test("aborting ends the wait with what is there", async () => {
  leave("a.json");
  const abort = new AbortController();
  const result = await waitForReplicas({
    ...watch(),
    expected: 3,
    signal: abort.signal,
    eachSecond: async () => abort.abort(),
  });
  expect(result).toEqual({ reports: ["a.json"], expected: 3 });
});
