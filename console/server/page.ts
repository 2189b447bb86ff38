/**
 * The page as browsers take it. It is kept as HTML, CSS and TypeScript in console/page/ and needs no build: Node strips the types here, as it does
 * when it runs our own code.
 *
 *   console/page/main.ts     /console/main.js, and so every module, with its imports `./x.ts` as `./x.js`
 *   console/page/style.css   /console/style.css
 *   uplot                    /console/uplot.js, which sets the global `uPlot`, and /console/uplot.css
 *
 * Where our code is bundled there are no sources: what this file made when it was bundled lies beside the bundle, as page.json.
 */
import { readdir, readFile } from "node:fs/promises";
import { createRequire, stripTypeScriptTypes } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Files of the page by name, without folders: `main.js`, `style.css`. Plain data. */
export interface Page {
  /** index.html: names the files as console/NAME. */
  html: string;
  /** Modules, each by its name; they import each other as `./NAME`. */
  modules: Record<string, string>;
  /** Scripts that are no modules. */
  scripts: Record<string, string>;
  styles: Record<string, string>;
}

const PAGE = fileURLToPath(new URL("../page", import.meta.url));
const MADE = new URL("./page.json", import.meta.url);

/** The page of the bundle that this is, or of the sources. Throws as makePage does. */
export async function readPage(): Promise<Page> {
  const made = await readFile(MADE, "utf8").catch(() => undefined);
  return made === undefined ? makePage() : (JSON.parse(made) as Page);
}

/** Read all of it. Throws errors of the file system, and an Error for a module that imports what a browser does not have. */
async function makePage(): Promise<Page> {
  const html = await readFile(join(PAGE, "index.html"), "utf8");
  const page: Page = { html, modules: {}, scripts: {}, styles: {} };
  for (const file of (await readdir(PAGE)).sort()) {
    if (file.endsWith(".css")) page.styles[file] = await readFile(join(PAGE, file), "utf8");
    if (!/(?<!\.test|\.d)\.ts$/.test(file)) continue;
    const code = stripTypeScriptTypes(await readFile(join(PAGE, file), "utf8"));
    page.modules[moduleName(file)] = withImports(code, (from) => moduleImport(from, file));
  }
  const uplot = dirname(createRequire(import.meta.url).resolve("uplot"));
  page.scripts["uplot.js"] = await readFile(join(uplot, "uPlot.iife.min.js"), "utf8");
  page.styles["uplot.css"] = await readFile(join(uplot, "uPlot.min.css"), "utf8");
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
