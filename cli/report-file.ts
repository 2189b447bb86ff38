/**
 * Where a report goes. A run may take hours, so its report is not lost: that the path can be written is tried before, and a report
 * that cannot be written after all is printed.
 */
import {
  accessSync,
  constants,
  mkdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { CliError, EXIT, endingOf } from "./exit.ts";

/** As much as a report takes, about: a disk that is full is noticed before the run. */
const PROBE_BYTES = 64 * 1024;

/** What stands for files that only the process that was started has open: `>(gzip)` of a shell. */
const OPEN_FILES = /^\/(dev|proc)\//;

/** Try to write where the report will go, and leave nothing. Throws an error that names the path. */
export function checkReportPath(path: string): void {
  if (OPEN_FILES.test(path)) return;
  put(fileOf(path, "report.json"), {
    whole(part) {
      writeFileSync(part, Buffer.alloc(PROBE_BYTES));
      rmSync(part);
    },
    // Not by opening it: a pipe would wait for its reader.
    inPlace: (file) => accessSync(file, constants.W_OK),
  });
}

/**
 * Write a report as JSON. When that fails, say so on standard error, print it on standard output as one line, and set the exit code: call
 * it when all else is printed.
 *
 * path  of a file; or of a directory, with / at its end, in which `name` names the file
 */
export function deliverReport(path: string, report: object, name: string): void {
  try {
    writeReport(path, `${JSON.stringify(report, null, 2)}\n`, `${name}.json`);
  } catch (error) {
    process.stderr.write(
      `the report was not written: ${endingOf(error).text}; it is the last line of standard output\n`,
    );
    process.stdout.write(`${JSON.stringify(report)}\n`);
    process.exitCode = EXIT.usage;
  }
}

/** Write a report, whole or not at all where that can be. Throws an error that names the path. name: in a directory, `account.json` */
export function writeReport(path: string, text: string, name: string): void {
  put(fileOf(path, name), {
    whole(part, file) {
      writeFileSync(part, text, { flush: true });
      renameSync(part, file);
    },
    inPlace: (file) => writeFileSync(file, text),
  });
}

function fileOf(path: string, name: string): string {
  if (!path.endsWith("/")) return path;
  mkdirSync(path, { recursive: true });
  return join(path, name);
}

interface Ways {
  /** Write `part`, beside the file, and put it into the file's place: so nobody ever reads half a report. */
  whole(part: string, file: string): void;
  /** Write to the file as it is. */
  inPlace(file: string): void;
}

/** Of a file that may be changed in a place that may not: a mounted file, a directory of others. */
const ONLY_IN_PLACE = ["EACCES", "EPERM", "EROFS", "EBUSY"];

function put(path: string, { whole, inPlace }: Ways): void {
  const there = statSync(path, { throwIfNoEntry: false });
  if (there?.isDirectory()) {
    throw new CliError(`${path}: is a directory; write / at its end for a file of its own in there`);
  }
  // Pipes and devices cannot be replaced.
  if (there && !there.isFile()) {
    inPlace(path);
    return;
  }
  const file = there ? realpathSync(path) : path;
  const part = join(dirname(file), `.${basename(file)}.${process.pid}.part`);
  try {
    whole(part, file);
  } catch (error) {
    rmSync(part, { force: true });
    if (!there || !ONLY_IN_PLACE.includes((error as NodeJS.ErrnoException).code ?? "")) {
      throw Object.assign(error as Error, { path });
    }
    inPlace(path);
  }
}
