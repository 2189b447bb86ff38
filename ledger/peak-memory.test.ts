import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { peakMemoryBytes } from "./peak-memory.ts";

test("a process's peak is its own, not that of the process which started it", async () => {
  // Held until the child has ended, and written to, so that it is resident.
  const ballast = Buffer.alloc(400e6, 1);
  const code = `import { peakMemoryBytes } from ${JSON.stringify(new URL("./peak-memory.ts", import.meta.url))}; console.log(peakMemoryBytes());`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", code]);
  expect(ballast.at(-1)).toBe(1);
  expect(peakMemoryBytes()).toBeGreaterThan(400e6);
  expect(Number(stdout)).toBeGreaterThan(20e6);
  // Elsewhere the figure is the system's, whatever it counts.
  if (process.platform === "linux") expect(Number(stdout)).toBeLessThan(200e6);
});
