/**
 * How a command ends: exit codes, and what is printed for an error. Nothing but cli/ exits.
 */

/** Exit codes of every command. */
export const EXIT = {
  /** Done, everything accepted. */
  done: 0,
  /** Ran, but items were rejected, failed, in doubt or dropped, or a verification failed. */
  losses: 1,
  /** Wrong usage, config, or files. */
  usage: 2,
  /** The target was never reachable. */
  unreachable: 3,
  /** A bug of ours. */
  bug: 70,
  /** Interrupted twice. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** An end with a message for the user and a code; a command throws it, `cli/main.ts` prints it. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly exitCode: ExitCode;

  /** message  lines for stderr without a prefix; what is wrong, what was found, what to do */
  constructor(message: string, exitCode: ExitCode = EXIT.usage, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** What to print on stderr and which code to end with. */
export interface Ending {
  exitCode: ExitCode;
  /** Ends without a line break; empty when the error was printed already. */
  text: string;
}

/**
 * The ending that an error asks for.
 *
 * CliError says it itself. Errors that carry a code of ours (`bad_frame`: lower case, where those of Node and commander are not) or that the system
 * gave for a file or address (`ENOENT`) are the user's to put right: one line, code 2. Anything else is a bug.
 */
export function endingOf(error: unknown): Ending {
  if (error instanceof CliError) return { exitCode: error.exitCode, text: error.message };
  const code = (error as { code?: unknown } | null)?.code;
  if (error instanceof Error && typeof code === "string") {
    // commander has printed its errors and its help by the time it throws; its exit code tells which of the two it was.
    if (code.startsWith("commander.")) {
      return {
        exitCode: (error as unknown as { exitCode: number }).exitCode === 0 ? EXIT.done : EXIT.usage,
        text: "",
      };
    }
    if (/^[a-z][a-z0-9_]*$/.test(code)) return { exitCode: EXIT.usage, text: error.message };
    const words = systemWords(error as NodeJS.ErrnoException);
    if (words !== undefined) return { exitCode: EXIT.usage, text: words };
  }
  const stack = error instanceof Error ? (error.stack ?? `${error.name}: ${error.message}`) : String(error);
  return {
    exitCode: EXIT.bug,
    text: `${stack}\nthis is a bug of ours: please report it, with the lines above and the command that led to it`,
  };
}

/** One line for an error of the operating system about a file or an address; undefined for others. */
function systemWords(error: NodeJS.ErrnoException & { address?: string; port?: number }): string | undefined {
  const what =
    error.path ?? (error.address === undefined ? undefined : `${error.address}:${error.port ?? 0}`);
  // Reads and writes fail without telling of what; where it is a file, whoever writes it says so itself.
  if (error.code === "EISDIR") return `${what ?? "a path"}: is a directory, a file is needed`;
  if (error.code === "ENOSPC")
    return `${what ?? "the output"}: no space left on the device; make room and run it again`;
  if (what === undefined) return undefined;
  switch (error.code) {
    case "ENOENT":
      return `${what}: no such file or directory`;
    case "EACCES":
    case "EPERM":
      return error.path === undefined
        ? `${what}: permission denied; choose another port`
        : `${what}: permission denied; change its permissions or name another`;
    case "ENOTDIR":
      return `${what}: a part of this path is a file, a directory is needed`;
    case "EEXIST":
      return `${what}: is there already, and is not what belongs there; remove it or name another`;
    case "EROFS":
      return `${what}: the file system is read-only`;
    case "EADDRINUSE":
      return `${what}: the address is in use; stop what listens there or choose another`;
    case "EADDRNOTAVAIL":
      return `${what}: this machine has no such address`;
    default:
      return undefined;
  }
}
