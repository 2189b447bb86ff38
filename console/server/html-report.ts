/**
 * A run as one HTML file that needs nothing else: the console's page with its modules, its styles and the run in it. It opens from a disk and
 * asks nobody for anything.
 *
 * Modules cannot be loaded from a disk, but an import map may name a module that is a data: URL; so each module is one, under a name of its own.
 * Nothing that came from outside is markup: the run is JSON without `<`, in a script that is not run, and the file runs nothing but the
 * scripts whose hashes stand at its top.
 */
import { createHash } from "node:crypto";
import type { RunRecord } from "../../ledger/history.ts";
import { type Page, readPage, withImports } from "./page.ts";

/** The first module. */
const MAIN = "main.js";
/** What loads the page again when a part of it is missing: of a report, none is. */
const LOAD_AGAIN = "load-again.js";
const nameOf = (module: string) => `stampede/${module}`;

/** The file's text. */
export async function htmlReport(run: RunRecord): Promise<string> {
  return inlined(await readPage(), run);
}

/** Exported for its test. */
export function inlined({ html, modules, scripts, styles }: Page, run: RunRecord): string {
  const imports = Object.fromEntries(
    Object.entries(modules)
      .filter(([module]) => module !== LOAD_AGAIN)
      .map(([module, code]) => {
        const named = withImports(code, (from) => nameOf(from.replace(/^\.\//, "")));
        return [nameOf(module), `data:text/javascript;base64,${Buffer.from(named).toString("base64")}`];
      }),
  );
  const hashes: string[] = [];
  const script = (attributes: string, text: string) => {
    hashes.push(`'sha256-${createHash("sha256").update(text).digest("base64")}'`);
    return `<script${attributes}>${text}</script>`;
  };
  const style = (text: string) => `<style>${text.replace(/<\/style/gi, "<\\/style")}</style>`;
  let body = replaced(html, new RegExp(`<script src="/?console/${LOAD_AGAIN}"[^>]*></script>\n`), "");
  for (const [name, text] of Object.entries(styles))
    body = replaced(body, new RegExp(`<link rel="stylesheet" href="/?console/${name}">`), style(text));
  // Not before what it stands behind, as `defer` has it: a module waits for the document, too.
  for (const [name, text] of Object.entries(scripts))
    body = replaced(
      body,
      new RegExp(`<script defer src="/?console/${name}"></script>`),
      script("", text.replace(/<\/(?=script)/gi, "<\\/")),
    );
  body = replaced(
    body,
    new RegExp(`<script type="module" src="/?console/${MAIN}"></script>`),
    [
      script(' type="importmap"', safeJson({ imports })),
      `<script type="application/json" id="stampede-run">${safeJson(run)}</script>`,
      script(' type="module"', `import "${nameOf(MAIN)}";`),
    ].join("\n"),
  );
  const policy = `default-src 'none'; script-src data: ${hashes.join(" ")}; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'`;
  return replaced(
    body,
    /<meta charset="utf-8">/,
    `<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="${policy}">`,
  );
}

/** JSON that ends no script, and is JavaScript too. */
export function safeJson(value: unknown): string {
  const escapes: Record<string, string> = { "<": "\\u003c", "\u2028": "\\u2028", "\u2029": "\\u2029" };
  return JSON.stringify(value).replace(/[<\u2028\u2029]/g, (character) => escapes[character]!);
}

/** Throws an Error where the page does not hold it once: it and this file have to agree. */
function replaced(text: string, what: RegExp, by: string): string {
  const parts = text.split(what);
  if (parts.length !== 2)
    throw new Error(`console/page/index.html: holds ${what.source} ${parts.length - 1} times, not once`);
  return parts.join(by);
}
