/** The program that is to be the Collector: how to come by one, and whether what a user names is one. */
import { accessSync, constants, existsSync } from "node:fs";
import { CliError } from "./exit.ts";

/** Whether this runs from a checkout: the image has neither scripts/ nor docker-compose.yml. */
export const IS_CHECKOUT = existsSync(new URL("../scripts/get-collector", import.meta.url));

/** What to do about a Collector that is missing. */
export const HOW_TO_GET_COLLECTOR = IS_CHECKOUT
  ? "scripts/get-collector builds one, --collector names one"
  : "this image has none: mount one's program, and name it with --collector";

/** Throw CliError when `path` is no program that can be run. */
export function checkCollector(path: string): void {
  try {
    accessSync(path, constants.X_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const what = code === "ENOENT" ? "no such file" : "not a program that can be run";
    const then = IS_CHECKOUT
      ? "scripts/get-collector builds one and prints its path"
      : "mount one's program into this container, and name it as it is called in here";
    throw new CliError(`--collector ${path}: ${what}; ${then}`);
  }
}
