/**
 * One replayer process and all that can be known of it, whether it lives to tell or not.
 */
import { fork } from "node:child_process";
import { closeSync } from "node:fs";
import { getCompileCacheDir } from "node:module";
import { dirname } from "node:path";
import type { Snapshot } from "../../ledger/snapshot.ts";
import type { ReplayJob } from "../../replayer/job.ts";
import { type JournalEntry, readJournal } from "../../replayer/send/journal.ts";
import type { Steering } from "../../replayer/steering.ts";
import { makeJournalFile } from "./journal-file.ts";
import { keepEnd, lastWords } from "./last-words.ts";
import type { FromWorker, JobError, ToWorker } from "./protocol.ts";

/** How a child ended: with its result; refusing the job; or dead, with its last word and the last note in its journal. */
export type ChildEnd =
  | { kind: "done"; result: Snapshot }
  | { kind: "refused"; error: Error }
  | { kind: "dead"; cause: string; latest: Snapshot | undefined; entry: JournalEntry | undefined };

export interface Child {
  /** Resolves when it can begin, or will never be able to. */
  readonly ready: Promise<void>;
  /** Have it send what has been due since then, by the clock that is the same for all processes of the machine. */
  begin(beganMs: number): void;
  steer(change: Steering): void;
  /** The latest state that it told of. */
  latest(): Snapshot | undefined;
  /** Have it end as if its duration were over. */
  stop(): void;
  readonly ended: Promise<ChildEnd>;
}

/** Start a process on a job. Throws where no journal file can be made. */
export function startChild(job: ReplayJob): Child {
  const journal = makeJournalFile();
  const child = fork(new URL("./worker.ts", import.meta.url), [], {
    serialization: "advanced",
    env: cachedEnv(),
    // What it says on stderr, it says when it dies.
    stdio: ["ignore", "inherit", "pipe", "ipc", journal],
  });
  let latest: Snapshot | undefined;
  let result: Snapshot | undefined;
  let refusal: Error | undefined;
  let stderr = "";
  const ready = Promise.withResolvers<void>();
  // Absent where the process could not be made.
  child.stderr?.setEncoding("utf8").on("data", (part: string) => {
    stderr = keepEnd(stderr, part);
  });
  child.on("message", (message: FromWorker) => {
    if ("error" in message) refusal = errorOf(message.error);
    else if (message.isFinal) result = message.snapshot;
    else latest = message.snapshot;
    ready.resolve();
  });
  const ended = new Promise<ChildEnd>((resolve) => {
    let isOver = false;
    const end = (how: string) => {
      if (isOver) return;
      isOver = true;
      if (result) resolve({ kind: "done", result });
      else if (refusal) resolve({ kind: "refused", error: refusal });
      else {
        const words = lastWords(stderr);
        const cause = words === undefined ? how : `${how} (${words})`;
        resolve({ kind: "dead", cause, latest, entry: readJournal(journal) });
      }
      closeSync(journal);
      ready.resolve();
    };
    child.once("error", ({ message }) => {
      if (child.pid === undefined) end(message);
    });
    child.once("close", (code, signal) => {
      const how = signal ?? `code ${code}`;
      // What it said last may still lie in the channel.
      if (child.connected) child.once("disconnect", () => end(how));
      else end(how);
    });
  });
  const tell = (message: ToWorker) => {
    // It may die while it is told: its exit says so.
    if (child.connected) child.send(message, () => {});
  };
  tell({ job });
  return {
    ready: ready.promise,
    begin: (beganMs) => tell({ beganMs }),
    steer: (steering) => tell({ steering }),
    latest: () => latest,
    stop: () => tell({ stop: true }),
    ended,
  };
}

function errorOf({ message, code }: JobError): Error {
  return code === undefined ? new Error(message) : Object.assign(new Error(message), { code });
}

/** Children load what this process has compiled already. */
function cachedEnv(): NodeJS.ProcessEnv {
  const directory = getCompileCacheDir();
  // Node puts a directory per version into the one that it is told.
  return directory === undefined ? process.env : { ...process.env, NODE_COMPILE_CACHE: dirname(directory) };
}
