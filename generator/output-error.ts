/** What the file system refuses while output is written, in words for the user. */

/** Output cannot be written. `message` is one line: file or directory, what is wrong, what to do. */
export class OutputError extends Error {
  override readonly name = "OutputError";
  readonly code = "bad_output";
}

const ELSEWHERE = "name another directory with --output-dir or output.directory";

/** Run `work` on a file or directory at `path`; errors of the system come out as OutputErrors that name it. */
export async function writingTo<T>(path: string, work: () => Promise<T>, written?: () => number): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const words = wordsFor(error as NodeJS.ErrnoException, written?.() ?? 0);
    if (words === undefined) throw error;
    throw new OutputError(`${path}: ${words}`, { cause: error });
  }
}

/** Undefined for what is no error of the system. */
function wordsFor({ code, syscall }: NodeJS.ErrnoException, writtenBytes: number): string | undefined {
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return `no space left on the device after ${writtenBytes} bytes; make room, generate less, or ${ELSEWHERE}`;
    case "EROFS":
      return `the file system is read-only; ${ELSEWHERE}`;
    case "EACCES":
    case "EPERM":
      return `permission denied; change its permissions, or ${ELSEWHERE}`;
    case "ENOTDIR":
    case "EEXIST":
      return `a part of this path is no directory; remove it, or ${ELSEWHERE}`;
    case "ENOENT":
      return `cannot be made there; ${ELSEWHERE}`;
    case "EISDIR":
      return "is a directory, a file goes there; remove it, or choose another output.prefix";
    case "EFBIG":
      return `the file system takes no file of more than ${writtenBytes} bytes; generate less, or ${ELSEWHERE}`;
    default:
      return syscall === undefined ? undefined : `cannot be written (${code}); ${ELSEWHERE}`;
  }
}
