/**
 * Writing a run as an HTML file.
 */
import type { RunRecord } from "../ledger/history.ts";
import { EXIT, endingOf } from "./exit.ts";
import { writeReport } from "./report-file.ts";

/**
 * Write it. Where that fails it is said on standard error, and the exit code set: the account itself is printed.
 *
 * path  of a file; or of a directory, with / at its end, in which `name` names the file
 */
export async function deliverHtml(path: string, run: RunRecord, name: string): Promise<void> {
  try {
    const { htmlReport } = await import("../console/server/html-report.ts");
    writeReport(path, await htmlReport(run), `${name}.html`);
  } catch (error) {
    process.stderr.write(`the HTML report was not written: ${endingOf(error).text}\n`);
    process.exitCode = EXIT.usage;
  }
}
