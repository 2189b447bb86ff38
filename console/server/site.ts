/**
 * The page as the ledger service serves it: from memory, compressed once.
 */
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import zlib from "node:zlib";
import type { Site, SiteFile } from "../../fleet/ledger/http/site.ts";
import { readPage } from "./page.ts";

const gzip = promisify(zlib.gzip);
const brotli = promisify(zlib.brotliCompress);

const TYPES = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
};

/** Read and compress the page; takes a fraction of a second. */
export async function loadSite(): Promise<Site> {
  const { html, modules, scripts, styles } = await readPage();
  const texts = [
    ["/", TYPES.html, html] as const,
    ...Object.entries({ ...modules, ...scripts }).map(
      ([name, text]) => [`/console/${name}`, TYPES.js, text] as const,
    ),
    ...Object.entries(styles).map(([name, text]) => [`/console/${name}`, TYPES.css, text] as const),
  ];
  const files = texts.map(async ([path, type, text]) => [path, await fileOf(type, text)] as const);
  return new Map(await Promise.all(files));
}

async function fileOf(type: string, text: string): Promise<SiteFile> {
  const identity = Buffer.from(text);
  const [zipped, br] = await Promise.all([gzip(identity, { level: 9 }), brotli(identity)]);
  const etag = `"${createHash("sha256").update(identity).digest("base64url").slice(0, 22)}"`;
  return { type, etag, bodies: { br, gzip: zipped, identity } };
}
