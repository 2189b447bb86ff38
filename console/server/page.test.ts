import { stripTypeScriptTypes } from "node:module";
import { expect, test } from "vitest";
import { readPage, withImports } from "./page.ts";

const page = await readPage();

test("modules are JavaScript, and import nothing but each other", () => {
  expect(Object.keys(page.modules)).toContain("main.js");
  for (const [name, code] of Object.entries(page.modules)) {
    // What has no types is left as it is; what is no JavaScript throws.
    expect(stripTypeScriptTypes(code), name).toBe(code);
    withImports(code, (from) => {
      expect(page.modules, `${name} imports ${from}`).toHaveProperty([from.replace("./", "")]);
      return from;
    });
    expect(code).not.toMatch(/\bfrom\s+"(?!\.\/[\w-]+\.js")/);
  }
});

test("the page names each file of it, and no other", () => {
  const named = [...page.html.matchAll(/(?:src|href)="\/?console\/([^"]+)"/g)].map(([, name]) => name);
  const modules = ["load-again.js", "main.js"];
  expect(named.sort()).toEqual(
    [...Object.keys(page.styles), ...Object.keys(page.scripts), ...modules].sort(),
  );
});

test("nothing in the page needs more than its policy gives: no script, style or handler in its markup", () => {
  expect(page.html).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:/i);
  expect(page.html).not.toMatch(/https?:\/\/(?!www\.w3\.org)/);
});

test.each([
  ['import { a } from "./a.js";', 'import { a } from "A";'],
  ['import {\n  a,\n  b,\n} from "./a.js";\nf();', 'import {\n  a,\n  b,\n} from "A";\nf();'],
  ['import "./a.js";', 'import "A";'],
  ['import * as a from "./a.js"', 'import * as a from "A"'],
  ['export { a } from "./a.js";', 'export { a } from "A";'],
  ['export * from "./a.js";', 'export * from "A";'],
  ['const a = await import("./a.js");', 'const a = await import("A");'],
  ['                  \nimport { a } from "./a.js";', '                  \nimport { a } from "A";'],
  ['say("it comes from \\"./a.js\\"");', 'say("it comes from \\"./a.js\\"");'],
  ['export const from = "./a.js";', 'export const from = "./a.js";'],
  ['// as in: import a from "./a.js"', '// as in: import a from "./a.js"'],
])("imports are found where they are: %j", (code, expected) => {
  expect(withImports(code, () => "A")).toBe(expected);
});
