import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isAlive } from "../test-process-table.ts";

const GUARD = join(import.meta.dirname, "guard.ts");
/** Starts three sleepers under guard, takes one away again, tells their ids, and is killed. */
const STARTER = `
import { spawn } from "node:child_process";
import { startGuard } from ${JSON.stringify(GUARD)};
const guard = startGuard();
const ids = [1, 2, 3].map(() => spawn("sleep", ["60"], { detached: true, stdio: "ignore" }).pid);
for (const id of ids) guard.add(id);
guard.remove(ids[1]);
process.stdout.write(JSON.stringify(ids));
setInterval(() => {}, 1000);
`;

test("processes end when the one that started them is killed, but for those that were taken away", async () => {
  const starter = spawn(process.execPath, ["--input-type=module-typescript", "-e", STARTER], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [text] = (await once(starter.stdout!, "data")) as [Buffer];
  const ids = JSON.parse(text.toString()) as number[];
  expect(ids.map(isAlive)).toEqual([true, true, true]);
  starter.kill("SIGKILL");
  await expect.poll(() => ids.map(isAlive), { timeout: 20_000 }).toEqual([false, true, false]);
  process.kill(ids[1]!);
});
