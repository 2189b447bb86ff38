/** The tables of keys in the documentation are those of the schemas. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { keysWithoutTable, TABLES_FILE, withTables } from "./config-tables.ts";
import { CONFIGS } from "./documented-configs.ts";

const document = readFileSync(join(import.meta.dirname, "..", TABLES_FILE), "utf8");

test(`${TABLES_FILE} has the tables of the schemas; if not, run: scripts/node scripts/write-schemas.ts`, () => {
  expect(document).toBe(withTables(document));
});

test.each(CONFIGS)("every key of the $name has a row", (config) => {
  expect(keysWithoutTable(document, config)).toEqual([]);
});

describe("a table", () => {
  const table = (section: string) =>
    withTables(`<!-- keys of generator: ${section} -->\n<!-- end of keys -->\n`);

  test("has a row per key, with what it takes, its default, its meaning and an example", () => {
    expect(table("traces.root.rootless")).toContain(
      "| `percentage` | number, 0 to 100 | `0` | of all traces: so many have no root | `5` |\n",
    );
  });

  test("leaves keys to the tables of the sections inside it", () => {
    const [outer = "", inner = ""] = withTables(
      "<!-- keys of generator: traces -->\n<!-- end of keys -->\n<!-- keys of generator: traces.root -->\n<!-- end of keys -->",
    ).split("<!-- end of keys -->");
    expect([outer.includes("`spans.std_dev`"), outer.includes("rootless")]).toEqual([true, false]);
    expect(inner).toContain("`rootless.percentage`");
  });

  test("of a section that is not there is an error", () => {
    expect(() => table("traces.sapns")).toThrow("generator has no keys at traces.sapns");
  });
});
