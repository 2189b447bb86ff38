/** Runs the stampede command as its users do: by the launcher, with a Node on PATH that is new enough, as the one that runs the tests. */
import { fileURLToPath } from "node:url";
import { type Ran, type Running, type StartOptions, start } from "../cli/test-process.ts";

const STAMPEDE = fileURLToPath(new URL("../scripts/stampede", import.meta.url));

/** Start `stampede ...args`. The launcher becomes the command: what signals it signals that. */
export const startStampede = (args: readonly string[], options?: StartOptions): Running =>
  start(STAMPEDE, args, options);

/** Run `stampede ...args` to its end. */
export const stampede = (...args: string[]): Promise<Ran> => startStampede(args).ran();

/** Run any command to its end; `environment` is set on top of this process's own. */
export const run = (
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ran> => start(command, args, { environment }).ran();

/** What a command printed that has to succeed; throws with all that it said where it does not. what: it, for people */
export async function outputOf(what: string, running: Promise<Ran>): Promise<string> {
  const { exitCode, stdout, stderr } = await running;
  if (exitCode !== 0) throw new Error(`${what} ended with ${exitCode}:\n${stdout}${stderr}`);
  return stdout;
}
