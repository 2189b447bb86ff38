import { describe, expect, test } from "vitest";
import { runForeign } from "./run-foreign.ts";

const BURN =
  "const until = performance.now() + 300; while (performance.now() < until); console.log(process.env.WORD)";

describe("a program of others", () => {
  test("is measured from outside: its CPU time, its memory, what it printed", async () => {
    const ran = await runForeign([process.execPath, "-e", BURN], { WORD: "done" });
    expect(ran.stdout).toBe("done\n");
    // Beside other work it burns less than it waits.
    expect(ran.cpuSeconds).toBeGreaterThan(0.05);
    expect(ran.cpuSeconds).toBeLessThan(ran.seconds * 4);
    expect(ran.seconds).toBeGreaterThan(0.3);
    if (process.platform === "linux") expect(ran.maxRssBytes).toBeGreaterThan(10e6);
  });

  test("that fails says why", async () => {
    const failing = [process.execPath, "-e", "console.error('no such endpoint'); process.exit(3)"];
    await expect(runForeign(failing)).rejects.toThrow(/ended with 3: no such endpoint$/);
  });

  test("that is not there says so", async () => {
    await expect(runForeign(["/no/such/program"])).rejects.toThrow(/ended with 127: .*\/no\/such\/program/);
  });
});
