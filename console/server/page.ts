/**
 * The page as browsers take it. It is kept as HTML, CSS and TypeScript in console/page/ and needs no build: Node strips the types here, as it does
 * when it runs our own code.
 *
 *   console/page/main.ts     /console/main.js, and so every module, with its imports `./x.ts` as `./x.js`
 *   console/page/style.css   /console/style.css
 *   uplot                    /console/uplot.js, which sets the global `uPlot`, and /console/uplot.css
 */
import { readdir, readFile } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Files of the page by name, without folders: `main.js`, `style.css`. */
export interface Page {
  /** index.html: names the files as console/NAME. */
  html: string;
  /** Modules, each by its name; they import each other as `./NAME`. */
  modules: Map<string, string>;
  /** Scripts that are no modules. */
  scripts: Map<string, string>;
  styles: Map<string, string>;
}

const PAGE = fileURLToPath(new URL("../page", import.meta.url));

/** Read all of it. Throws errors of the file system, and an Error for a module that imports what a browser does not have. */
export async function readPage(): Promise<Page> {
  const page: Page = {
    html: await readFile(join(PAGE, "index.html"), "utf8"),
    modules: new Map(),
    scripts: new Map(),
    styles: new Map(),
  };
  for (const file of (await readdir(PAGE)).sort()) {
    if (file.endsWith(".css")) page.styles.set(file, await readFile(join(PAGE, file), "utf8"));
    if (!/(?<!\.test|\.d)\.ts$/.test(file)) continue;
    const code = stripTypeScriptTypes(await readFile(join(PAGE, file), "utf8"));
    page.modules.set(
      moduleName(file),
      withImports(code, (from) => moduleImport(from, file)),
    );
  }
  const uplot = dirname(fileURLToPath(import.meta.resolve("uplot")));
  page.scripts.set("uplot.js", await readFile(join(uplot, "uPlot.iife.min.js"), "utf8"));
  page.styles.set("uplot.css", await readFile(join(uplot, "uPlot.min.css"), "utf8"));
  return page;
}

// Our own code in its one format: an import begins a line or stands behind an empty type, and its path is in double quotes.
const IMPORT =
  /((?:^|\n)\s*(?:import|export)\b[^"';]*?\bfrom\s*|(?:^|\n)\s*import\s*|\bimport\(\s*)"([^"\n]+)"/g;

/** A module with other paths in its imports. */
export function withImports(code: string, pathOf: (from: string) => string): string {
  return code.replace(IMPORT, (_, before: string, from: string) => `${before}"${pathOf(from)}"`);
}

function moduleImport(from: string, file: string): string {
  const name = /^\.\/([\w-]+\.ts)$/.exec(from)?.[1];
  if (name === undefined)
    throw new Error(
      `console/page/${file}: imports "${from}", which is not served; import types alone from there`,
    );
  return `./${moduleName(name)}`;
}

const moduleName = (file: string): string => file.replace(/\.ts$/, ".js");
