import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { loadSite } from "./site.ts";

const site = await loadSite();

test("each file is the same in all its encodings, under a tag of its own", () => {
  for (const [path, { bodies }] of site) {
    expect(gunzipSync(bodies.gzip).equals(bodies.identity), path).toBe(true);
    expect(brotliDecompressSync(bodies.br).equals(bodies.identity), path).toBe(true);
  }
  expect(new Set([...site.values()].map(({ etag }) => etag)).size).toBe(site.size);
  expect(site.get("/")!.type).toBe("text/html; charset=utf-8");
  expect(site.get("/console/main.js")!.type).toBe("text/javascript; charset=utf-8");
  expect(site.get("/console/uplot.css")!.type).toBe("text/css; charset=utf-8");
});

test("the whole page has less than 80 kB, compressed by gzip", () => {
  const bytes = [...site.values()].reduce((sum, { bodies }) => sum + bodies.gzip.length, 0);
  expect(bytes).toBeLessThan(80_000);
});
