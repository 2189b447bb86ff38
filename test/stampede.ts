/** Runs the stampede command as its users do: a process, its exit code, what it printed. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const STAMPEDE = fileURLToPath(new URL("../scripts/stampede", import.meta.url));

export interface Ran {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

/** Run `stampede ...args` to its end, by the launcher: a Node on PATH that is new enough runs it, as it runs the tests. */
export function stampede(...args: string[]): Promise<Ran> {
  return run(STAMPEDE, args);
}

/** Run any command to its end; `environment` is set on top of this process's own. */
export function run(
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const child = spawn(command, args, {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
}
