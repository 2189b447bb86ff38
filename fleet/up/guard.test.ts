import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isAlive } from "../test-process-table.ts";

const GUARD = join(import.meta.dirname, "guard.ts");
/** Starts three sleepers and one that does not want to end under guard, takes one away again, tells their ids, and is killed. */
const STARTER = `
import { spawn } from "node:child_process";
import { startGuard } from ${JSON.stringify(GUARD)};
const guard = startGuard();
const options = { detached: true, stdio: "ignore" };
const ids = [1, 2, 3].map(() => spawn("sleep", ["60"], options).pid);
for (const id of ids) guard.add(id);
guard.remove(ids[1]);
const deaf = spawn("sh", ["-c", "trap '' TERM; while :; do sleep 1; done"], options);
ids.push(deaf.pid);
guard.add(deaf.pid, true);
process.stdout.write(JSON.stringify(ids));
setInterval(() => {}, 1000);
`;

test("processes end when the one that started them is killed, but for those that were taken away", async () => {
  const starter = spawn(process.execPath, ["--input-type=module-typescript", "-e", STARTER], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [text] = (await once(starter.stdout!, "data")) as [Buffer];
  const ids = JSON.parse(text.toString()) as number[];
  expect(ids.map(isAlive)).toEqual([true, true, true, true]);
  starter.kill("SIGKILL");
  await expect.poll(() => ids.map(isAlive), { timeout: 20_000 }).toEqual([false, true, false, false]);
  process.kill(ids[1]!);
});
