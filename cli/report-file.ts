/** Where the report of a run goes. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Report } from "../ledger/report.ts";

/** Write the report where the user wants it; a path that ends in / is a directory, and the first incarnation names the file. */
export function writeReport(path: string, report: Report): void {
  let file = path;
  if (path.endsWith("/")) {
    mkdirSync(path, { recursive: true });
    file = join(path, `${report.incarnations[0] ?? "idle"}.json`);
  }
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
}
