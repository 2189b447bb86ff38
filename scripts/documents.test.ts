/** What the documents say is held against the code, where a machine can. */
import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import {
  LEDGER_SCHEMA_FILE,
  ledgerJsonSchema,
  REPORT_SCHEMA_FILE,
  reportJsonSchema,
} from "./report-json-schema.ts";

const ROOT = join(import.meta.dirname, "..");
const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");
const DOCUMENTS = globSync(["*.md", "docs/**/*.md"], { cwd: ROOT });

test.each([
  [REPORT_SCHEMA_FILE, reportJsonSchema()],
  [LEDGER_SCHEMA_FILE, ledgerJsonSchema()],
])("%s is what the code says; if not, run: scripts/node scripts/write-schemas.ts", (file, schema) => {
  expect(JSON.parse(read(file))).toEqual(schema);
});

test.each(DOCUMENTS)("every file that %s links to is there", (document) => {
  const links = [...read(document).matchAll(/\]\(([^)#:]+)(#[^)]*)?\)/g)].map((match) => match[1]!);
  const absent = links.filter((link) => globSync(join(ROOT, dirname(document), link)).length === 0);
  expect(absent).toEqual([]);
});

/** What a user may be told: the sources, with what they put in and the seams of long texts as `...` and nothing. */
const SOURCES = globSync("{cli,config,fleet,otlp,replayer,template}/**/*.ts", {
  cwd: ROOT,
  exclude: ["**/*.test.ts"],
})
  .map((file) =>
    read(file)
      .replaceAll(/["`] \+\s*["`]/g, "")
      .replaceAll('\\"', '"'),
  )
  .join("\n");

test("every message that docs/troubleshooting.md quotes is in the code, word for word but for `...`", () => {
  const rows = read("docs/troubleshooting.md")
    .split("\n## ")
    .flatMap((section) => section.split("\n\n"))
    .filter((table) => /(^|\n)\| message \|/.test(table))
    .flatMap((table) => table.split("\n").filter((line) => line.startsWith("| `")));
  expect(rows.length).toBeGreaterThan(50);
  const pieces = rows
    .map((row) => row.split(" | ")[0]!)
    .flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1]!))
    .flatMap((message) => message.split("..."))
    .filter((piece) => /[a-z]{3}/i.test(piece));
  expect(pieces.filter((piece) => !SOURCES.includes(piece))).toEqual([]);
});
