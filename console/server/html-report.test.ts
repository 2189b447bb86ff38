import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { RunRecord } from "../../ledger/history.ts";
import { htmlReport, inlined, safeJson } from "./html-report.ts";
import { readPage } from "./page.ts";

/** A run with texts from outside; what else it holds is not looked at here. */
const runWith = (...texts: string[]): RunRecord => ({
  version: 1,
  account: { notes: texts } as unknown as RunRecord["account"],
  history: { version: 1, startedAt: "", points: [] },
});

/** The run in a report, found as a browser finds it: the script ends at the first end of a script. */
function runIn(html: string): unknown {
  const [, rest] = html.split('<script type="application/json" id="stampede-run">');
  return JSON.parse(rest!.slice(0, rest!.search(/<\/script/i)));
}

/** Scripts that a browser would run. */
const scriptsIn = (html: string) =>
  [...html.matchAll(/<script(?: type="(?:module|importmap)")?>([\s\S]*?)<\/script/gi)].map(
    ([, text]) => text!,
  );

const HOSTILE = [
  '</script><script>alert("1")</script>',
  "<!--<script>",
  "</SCRIPT >",
  "a\u2028b\u2029c",
  "$& $1 $$ $`",
  "<img src=x onerror=alert(1)>",
];

test("whatever texts a run holds, it is read back as it was, and adds no script", async () => {
  const page = await readPage();
  const plain = scriptsIn(inlined(page, runWith()));
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom(...HOSTILE))), (texts) => {
      const html = inlined(page, runWith(...texts));
      expect(runIn(html)).toEqual(runWith(...texts));
      expect(scriptsIn(html)).toEqual(plain);
    }),
    { numRuns: 30 },
  );
});

test("it runs its own scripts alone, and asks nobody for anything", async () => {
  const html = await htmlReport(runWith(...HOSTILE));
  const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(html)![1]!;
  expect(policy).toMatch(/^default-src 'none'; script-src data: 'sha256-/);
  const hashes = scriptsIn(html).map(
    (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`,
  );
  expect(hashes).toHaveLength(3);
  for (const hash of hashes) expect(policy).toContain(hash);
  // The policy stands before all that it is about.
  expect(html.indexOf("Content-Security-Policy")).toBeLessThan(html.search(/<(script|style|link)/));
  expect(html).not.toMatch(/\s(?:src|href)="(?!data:|#)/);
});

test("its modules name each other as the map does", async () => {
  const html = await htmlReport(runWith());
  const { imports } = JSON.parse(scriptsIn(html).find((text) => text.startsWith('{"imports"'))!) as {
    imports: Record<string, string>;
  };
  expect(Object.keys(imports)).toContain("stampede/main.js");
  for (const url of Object.values(imports)) {
    const code = Buffer.from(url.replace("data:text/javascript;base64,", ""), "base64").toString();
    for (const [, from] of code.matchAll(/^\s*(?:import|export)\b[^"';]*?\bfrom\s*"([^"]+)"/gm))
      expect(imports).toHaveProperty([from!]);
  }
});

test("a page that names its files otherwise is a bug that is told", async () => {
  const page = await readPage();
  const html = page.html.replace("console/main.js", "console/start.js");
  expect(() => inlined({ ...page, html }, runWith())).toThrow(
    /console\/page\/index\.html: holds .* 0 times, not once/,
  );
});

test("JSON is JSON, whatever is in it", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(safeJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      expect(safeJson(value)).not.toMatch(/[<\u2028\u2029]/);
    }),
  );
});
