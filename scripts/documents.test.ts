/** What the documents say is held against the code, where a machine can. */
import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { loadConfig } from "../config/load.ts";
import { generatorConfigSchema } from "../generator/config.ts";
import { replayerConfigSchema } from "../replayer/config.ts";
import { REPORT_SCHEMA_FILE, reportJsonSchema } from "./report-json-schema.ts";

const ROOT = join(import.meta.dirname, "..");
const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");
const DOCUMENTS = globSync(["*.md", "docs/**/*.md"], { cwd: ROOT });
const [generatorText = "", replayerText = ""] = read("docs/configuration.md")
  .split(/^## /m)
  .filter((section) => /^(Generator|Replayer)\n/.test(section));

test(`${REPORT_SCHEMA_FILE} is what the code says; if not, run: scripts/node scripts/write-schemas.ts`, () => {
  expect(JSON.parse(read(REPORT_SCHEMA_FILE))).toEqual(reportJsonSchema());
});

test.each([
  ["generator", generatorConfigSchema, generatorText],
  ["replayer", replayerConfigSchema, replayerText],
] as const)("docs/configuration.md names every key of the %s", (_, schema, section) => {
  const keys = keysOf(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }));
  expect(keys.length).toBeGreaterThan(20);
  expect(keys.filter((key) => !section.includes(key))).toEqual([]);
});

test.each(globSync("examples/*.yaml", { cwd: ROOT }))("%s is a valid config", (file) => {
  const schema = /generator/.test(file) ? generatorConfigSchema : replayerConfigSchema;
  const { notes } = loadConfig(join(ROOT, file), schema, { HONEYCOMB_API_KEY: "key" });
  expect(notes).toEqual([]);
});

test.each(DOCUMENTS)("every file that %s links to is there", (document) => {
  const links = [...read(document).matchAll(/\]\(([^)#:]+)(#[^)]*)?\)/g)].map((match) => match[1]!);
  const absent = links.filter((link) => globSync(join(ROOT, dirname(document), link)).length === 0);
  expect(absent).toEqual([]);
});

/** Names of all keys of a JSON Schema, at any depth. */
function keysOf(schema: unknown): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const { properties = {} } = schema as { properties?: Record<string, unknown> };
  return [...Object.keys(properties), ...Object.values(schema).flatMap(keysOf)];
}
