/**
 * Files for the journals of children. They have no name, so that nothing is left behind, whoever dies.
 */
import { openSync, unlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { JOURNAL_BYTES } from "../../replayer/send/journal.ts";

/** Where they may lie, memory first: there no disk is ever waited for. */
const DIRECTORIES = ["/dev/shm", tmpdir()];

/** A new journal file, open for reading and writing; its descriptor is the caller's to close. Throws an error that says where it may not be. */
export function makeJournalFile(): number {
  const failures: unknown[] = [];
  for (const directory of DIRECTORIES) {
    const path = join(directory, `stampede-journal-${process.pid}-${Math.random().toString(36).slice(2)}`);
    try {
      const file = openSync(path, "wx+", 0o600);
      unlinkSync(path);
      writeSync(file, Buffer.alloc(JOURNAL_BYTES));
      return file;
    } catch (error) {
      failures.push(error);
    }
  }
  const tried = DIRECTORIES.join(" nor ");
  const message = `no file can be made in ${tried} (${failures.map(String).join("; ")}), where replayer processes note what they send; set TMPDIR to a directory that can be written`;
  throw Object.assign(new Error(message, { cause: failures[0] }), { code: "no_journal_file" });
}
