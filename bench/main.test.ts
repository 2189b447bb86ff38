import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { Results } from "./results.ts";
import { cellNames } from "./sections.ts";

const temporary = mkdtempSync(join(tmpdir(), "bench-test-"));
afterAll(() => rmSync(temporary, { recursive: true }));

/** Temporary files go to a directory that can be looked into afterwards. */
function bench(...words: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, TMPDIR: temporary };
    const program = join(import.meta.dirname, "main.ts");
    const child = execFile(process.execPath, [program, ...words], { env }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode, stdout, stderr }),
    );
  });
}

test("no two cells have one name", () => {
  const names = cellNames(true);
  expect(new Set(names).size).toBe(names.length);
});

test("a name that no cell has is refused", async () => {
  const { code, stderr } = await bench("send bass");
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: "no cell is called send bass; `npm run bench -- --list` names them\n",
  });
});

test("names choose cells, without running them when they are only listed", async () => {
  const { stdout } = await bench("--list", "send TLS");
  expect(stdout).toBe("send TLS: HTTP\nsend TLS: gRPC\n");
});

test("a quick run of some cells measures them, says so, and leaves nothing behind", {
  timeout: 120_000,
}, async () => {
  const output = join(temporary, "output");
  const words = ["--quick", "--seconds=0.2", `--output=${output}`, "send TLS", "stage write, HTTP"];
  const { code, stdout, stderr } = await bench(...words);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const results = JSON.parse(readFileSync(join(output, "benchmarks.json"), "utf8")) as Results;
  expect(results.send.map(({ name }) => name)).toEqual(["send TLS: HTTP", "send TLS: gRPC"]);
  expect(results.stages.map(({ label }) => label)).toEqual(["write, HTTP"]);
  for (const row of [...results.send, ...results.stages]) {
    expect(row.perCpuSecond.median).toBeGreaterThan(0);
    expect(row.itemsPerRequest).toBeGreaterThan(100);
  }
  expect(stdout).toBe(readFileSync(join(output, "benchmarks.md"), "utf8"));
  expect(stdout).toContain("**A quick run.**");
  expect(readdirSync(temporary)).toEqual(["output"]);
});
