/** What the documents say is held against the code, where a machine can. */
import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { REPORT_SCHEMA_FILE, reportJsonSchema } from "./report-json-schema.ts";

const ROOT = join(import.meta.dirname, "..");
const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");
const DOCUMENTS = globSync(["*.md", "docs/**/*.md"], { cwd: ROOT });

test(`${REPORT_SCHEMA_FILE} is what the code says; if not, run: scripts/node scripts/write-schemas.ts`, () => {
  expect(JSON.parse(read(REPORT_SCHEMA_FILE))).toEqual(reportJsonSchema());
});

test.each(DOCUMENTS)("every file that %s links to is there", (document) => {
  const links = [...read(document).matchAll(/\]\(([^)#:]+)(#[^)]*)?\)/g)].map((match) => match[1]!);
  const absent = links.filter((link) => globSync(join(ROOT, dirname(document), link)).length === 0);
  expect(absent).toEqual([]);
});
