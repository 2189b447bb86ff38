import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..");
const directory = mkdtempSync(join(tmpdir(), "stampede-backend-"));
afterAll(() => rmSync(directory, { recursive: true }));

const KEY = { HONEYCOMB_API_KEY: "s3cret" };

/** `stampede backend` in the checkout, with nothing in its environment but `env`. */
function backend(env: Record<string, string>, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["cli/main.ts", "backend", ...args], {
    encoding: "utf8",
    cwd: ROOT,
    env: { PATH: process.env.PATH, ...env },
  });
  return { status, stdout, stderr };
}

describe("stampede backend", () => {
  test("takes the names from its argument, else from BACKEND, else nop", () => {
    const told = (env: Record<string, string>, ...args: string[]) => backend(env, ...args).stderr;
    expect(told({ BACKEND: "jaeger" }, "loki")).toContain("backend: logs to loki\n");
    expect(told({ BACKEND: "jaeger" })).toContain("backend: traces to jaeger\n");
    expect(told({})).toBe("backend: traces, metrics, logs: nobody takes them, the collectors drop them\n");
  });

  test("writes the config to a file or to standard output, without the key", () => {
    const file = join(directory, "collector.yaml");
    const written = backend(KEY, "honeycomb,sink", "--output", file);
    expect(written).toEqual({
      status: 0,
      stdout: "",
      stderr: "backend: traces, metrics, logs to honeycomb and sink\n",
    });
    const text = readFileSync(file, "utf8");
    expect(text).toBe(backend(KEY, "honeycomb,sink").stdout);
    expect(text).toContain("${env:HONEYCOMB_API_KEY}");
    expect(text).not.toContain(KEY.HONEYCOMB_API_KEY);
  });

  test("ends with 2 and one line where something is missing, and writes nothing", () => {
    const file = join(directory, "absent.yaml");
    expect(backend({}, "honeycomb", "--output", file)).toEqual({
      status: 2,
      stdout: "",
      stderr: "honeycomb needs HONEYCOMB_API_KEY (an ingest key), which is not set\n",
    });
    expect(() => readFileSync(file)).toThrow("ENOENT");
    expect(backend({}, "jeager").stderr).toMatch(
      /^no backend is named 'jeager'; did you mean 'jaeger'\? there are: .*\n$/,
    );
    expect(backend({}, "nop", "--configs", directory).stderr).toBe(
      `${directory}/backends: no such file or directory\n`,
    );
  });

  const AMOUNT = "36,003,600 events an hour (span events and links not counted) to Honeycomb";
  test.each([
    [
      "above 10,000 a second stops",
      { RATE: "10001" },
      2,
      `this would send ${AMOUNT}, which may bill them; set CONFIRM=yes`,
    ],
    [
      "as fast as it goes stops",
      { RATE: "0" },
      2,
      "this would send as many events as the target takes (span",
    ],
    ["that is meant goes", { RATE: "10001", CONFIRM: "yes" }, 0, `backend: this sends ${AMOUNT}\n`],
    ["with another CONFIRM stops", { RATE: "10001", CONFIRM: "1" }, 2, "set CONFIRM=yes"],
    [
      "of 10,000 a second goes, and is told",
      { RATE: "10000" },
      0,
      "backend: this sends 36,000,000 events an hour",
    ],
    [
      "to this network costs nothing",
      { RATE: "0", HONEYCOMB_ENDPOINT: "http://sink:4318" },
      0,
      "to honeycomb\n",
    ],
    ["that is no number is refused", { RATE: "fast" }, 2, "must be a number, 0 or more"],
  ])("a rate %s", (_, env, status, says) => {
    const ran = backend({ ...KEY, ...env }, "honeycomb");
    expect(ran.stderr).toContain(says);
    expect({ status: ran.status, wrote: ran.stdout !== "" }).toEqual({ status, wrote: status === 0 });
  });

  test("in compose says what is expected beside the collectors and not started", () => {
    const told = (env: Record<string, string>, names = "jaeger") =>
      backend(env, names).stderr.includes(
        "jaeger is expected to run beside the collectors; COMPOSE_PROFILES=jaeger starts it",
      );
    expect(told({ COMPOSE_PROFILES: "" })).toBe(true);
    expect(told({ COMPOSE_PROFILES: "loki,jaeger" })).toBe(false);
    expect(told({ COMPOSE_PROFILES: "", JAEGER_ENDPOINT: "elsewhere:4317" })).toBe(false);
    expect(told({})).toBe(false);
  });
});
