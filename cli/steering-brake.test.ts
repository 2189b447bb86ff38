import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { listBackends, readBackend } from "../fleet/backends/backend-file.ts";
import { COLLECTOR_CONFIG } from "../fleet/local-collectors/backends.ts";
import { steeringBrake } from "./steering-brake.ts";

const brake = (names: string, asked: Parameters<typeof steeringBrake>[3], env: NodeJS.ProcessEnv = {}) =>
  steeringBrake(names, COLLECTOR_CONFIG, env, asked);

/** Which of these rates it holds nothing against. */
const freeOf = (names: string, rate: number | undefined, isConfirmed: boolean) =>
  [1, 10_000, 10_001, 50_000, 50_001, 0].filter(
    (eventsPerSecond) => brake(names, { rate, isConfirmed })!(eventsPerSecond) === undefined,
  );

describe("a backend that bills", () => {
  test.each<[what: string, rate: number | undefined, isConfirmed: boolean, free: number[]]>([
    ["without a yes, what needs none", 1000, false, [1, 10_000]],
    ["with a yes, the rate that it was for", 50_000, true, [1, 10_000, 10_001, 50_000]],
    ["with a yes to a small rate, what needs none", 100, true, [1, 10_000]],
    ["with a yes to as fast as it goes, any", 0, true, [1, 10_000, 10_001, 50_000, 50_001, 0]],
    ["with a yes to nobody knows how much, any", undefined, true, [1, 10_000, 10_001, 50_000, 50_001, 0]],
  ])("%s", (_, rate, isConfirmed, free) => {
    expect(freeOf("honeycomb", rate, isConfirmed)).toEqual(free);
  });

  test("the objection says how much it would be, and to whom", () => {
    expect(brake("nop, honeycomb,datadog", { rate: 1000, isConfirmed: false })!(50_000)).toBe(
      "this would send 180,000,000 events an hour (span events and links not counted) to Honeycomb and Datadog, which may bill them, and the start had a yes for 10,000 events a second at the most",
    );
  });

  test("on this machine it bills nobody", () => {
    const env = { HONEYCOMB_ENDPOINT: "http://127.0.0.1:4318" };
    expect(brake("honeycomb", { rate: 1000, isConfirmed: false }, env)).toBeUndefined();
  });
});

test("others bill nobody, and one that is not known may", () => {
  expect(brake("nop,jaeger", { rate: 1000, isConfirmed: false })).toBeUndefined();
  expect(freeOf("of-our-own", 1000, false)).toEqual([1, 10_000]);
});

const MAIN = new URL("main.ts", import.meta.url).pathname;
const ended: (() => Promise<unknown>)[] = [];
afterEach(() => Promise.all(ended.splice(0).map((end) => end())));

/** A ledger service, and how to order it something; resolves with what it answers. */
async function ledger(words: string[], environment: NodeJS.ProcessEnv) {
  const child = spawn(process.execPath, [MAIN, "ledger", "serve", "--listen=127.0.0.1:0", ...words], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "ignore", "pipe"],
  });
  ended.push(async () => {
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  });
  for await (const line of createInterface(child.stderr)) {
    const [, url, token] = /ledger on (\S+), control token ([\w-]+)/.exec(line) ?? [];
    if (url === undefined) continue;
    return async (order: object) => {
      const headers = { authorization: `Bearer ${token}` };
      const response = await fetch(`${url}/api/control`, {
        method: "POST",
        headers,
        body: JSON.stringify(order),
      });
      return response.status;
    };
  }
  throw new Error("the ledger ended before it listened");
}

const rate = (eventsPerSecond: number) => ({ action: "rate", eventsPerSecond });

test("a ledger goes by what compose and Kubernetes have in its environment", async () => {
  const order = await ledger([], { BACKEND: "honeycomb", RATE: "20k", CONFIRM: "yes" });
  expect(await order(rate(20_000))).toBe(200);
  expect(await order(rate(20_001))).toBe(409);
  expect(await order({ ...rate(20_001), confirm: true })).toBe(200);
});

test("its flags win over what is there for another fleet", async () => {
  const order = await ledger(["--backend=nop"], { BACKEND: "honeycomb" });
  expect(await order(rate(1_000_000))).toBe(200);
});

test("compose tells its ledger where each backend is that bills", () => {
  const compose = parse(readFileSync(join(COLLECTOR_CONFIG, "../docker-compose.yml"), "utf8"));
  const told = Object.keys(compose.services.ledger.environment);
  const addresses = listBackends(COLLECTOR_CONFIG).flatMap((name) => {
    const { bills, address } = readBackend(COLLECTOR_CONFIG, name).header;
    return bills && address !== undefined ? [address] : [];
  });
  expect(told.sort()).toEqual(["BACKEND", "CONFIRM", "RATE", ...addresses].sort());
});
