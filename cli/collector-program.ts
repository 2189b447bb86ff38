/** The program that a user names as the Collector. */
import { accessSync, constants } from "node:fs";
import { CliError } from "./exit.ts";

/** Throw CliError when `path` is no program that can be run. */
export function checkCollector(path: string): void {
  try {
    accessSync(path, constants.X_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const what = code === "ENOENT" ? "no such file" : "not a program that can be run";
    throw new CliError(`--collector ${path}: ${what}; scripts/get-collector builds one and prints its path`);
  }
}
