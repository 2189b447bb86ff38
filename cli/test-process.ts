/** Commands as processes of their own, for tests that watch them, signal them and wait for their end. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

const MAIN = join(import.meta.dirname, "main.ts");

/** What a process came to. */
export interface Ran {
  /** null: a signal ended it. */
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

/** A process that has been started. */
export interface Running {
  child: ChildProcess;
  /** What it has printed so far. */
  stdout(): string;
  stderr(): string;
  /** Both, in the order in which they came. */
  text(): string;
  /** The first match in what it prints, on either; rejects when it ends without one. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  /** Its exit code, once all that it printed has been read. Rejects where it could not be started. */
  ended: Promise<number | null>;
  /** All of it, once it has ended. */
  ran(): Promise<Ran>;
}

export interface StartOptions {
  /** On top of this process's own. */
  environment?: Readonly<Record<string, string>>;
  directory?: string;
  /** Default: it has none. */
  stdin?: "pipe";
}

const underWay = new Set<ChildProcess>();

/** Start any command. killStarted() ends it, where nothing else has. */
export function start(
  command: string,
  args: readonly string[],
  { environment = {}, directory, stdin }: StartOptions = {},
): Running {
  const child = spawn(command, args, {
    env: { ...process.env, ...environment },
    ...(directory === undefined ? {} : { cwd: directory }),
    stdio: [stdin ?? "ignore", "pipe", "pipe"],
  });
  underWay.add(child);
  let [stdout, stderr, text] = ["", "", ""];
  child.stdout!.setEncoding("utf8").on("data", (part: string) => {
    stdout += part;
    text += part;
  });
  child.stderr!.setEncoding("utf8").on("data", (part: string) => {
    stderr += part;
    text += part;
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
    child.once("exit", () => underWay.delete(child));
  });
  return {
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    text: () => text,
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(text);
          if (match) resolve(match);
        };
        look();
        for (const stream of [child.stdout!, child.stderr!]) stream.on("data", look);
        ended.then((code) => reject(new Error(`ended with ${code} before ${pattern}:\n${text}`)), reject);
      }),
    ended,
    ran: async () => ({ exitCode: await ended, stdout, stderr }),
  };
}

/** Start this checkout's command as it is, without the launcher, by the Node that runs the tests. */
export const startMain = (args: readonly string[], options?: StartOptions): Running =>
  start(process.execPath, [MAIN, ...args], options);

/** Kill what still runs of all that was started here: for afterEach, or afterAll where tests run side by side or share a process. */
export function killStarted(): void {
  for (const child of underWay) child.kill("SIGKILL");
}

/** Send a signal once more, for one that comes at once passes for an echo of the first. Returns the exit code, if there is one. */
export function again({ child }: Running, signal: NodeJS.Signals): number | null {
  child.kill(signal);
  return child.exitCode;
}
