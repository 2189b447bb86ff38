/**
 * Ends the processes of a fleet when the one that started them has gone without a word (kill -9): a shell that is told their ids and
 * waits for the end of its input, which the system closes whatever happened.
 */
import { spawn } from "node:child_process";

/** `TERM ID` and `KILL ID` add a process, `- ID` takes one away that has ended: its id may be given out again. */
const SCRIPT = `
all=" "
while read -r word id; do
  case $word in
  -) all="\${all%% ????.$id *} \${all#* ????.$id }" ;;
  *) all="$all$word.$id " ;;
  esac
done
for one in $all; do
  kill "-\${one%.*}" "\${one#*.}"
  # One that was stopped hears nothing until it goes on.
  kill -CONT "\${one#*.}"
done
# Who is told twice waits for nothing: a replica would give what is in flight its 15 s, and what it was sent to is gone.
sleep 2
for one in $all; do kill "-\${one%.*}" "\${one#*.}"; done`;

export interface Guard {
  /** isWaiting  it would wait for others before it ends, so it is not asked */
  add(pid: number, isWaiting?: boolean): void;
  remove(pid: number): void;
  /** Everybody has ended: nothing is left to be done. Resolves when the guard is gone too. */
  release(): Promise<void>;
}

export function startGuard(): Guard {
  const child = spawn("sh", ["-c", SCRIPT], { stdio: ["pipe", "ignore", "ignore"], detached: true });
  // Without a shell there is no guard, and all else works.
  child.on("error", () => {});
  child.stdin.on("error", () => {});
  child.unref();
  return {
    add: (pid, isWaiting = false) => void child.stdin.write(`${isWaiting ? "KILL" : "TERM"} ${pid}\n`),
    remove: (pid) => void child.stdin.write(`- ${pid}\n`),
    release: () =>
      new Promise((resolve) => {
        if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return resolve();
        child.ref();
        child.once("exit", () => resolve());
        child.kill("SIGKILL");
      }),
  };
}
