/**
 * The Pods of deploy/kubernetes, their containers run as a kubelet would run them: with a read-only root, without root and without any
 * capability they make their templates, find each other by the names of their Services, send, and balance.
 * scripts/get-engine brings the engine and images where they are missing.
 */
import { afterEach, beforeAll, expect, test } from "vitest";
import { buildImage } from "../bring.ts";
import { buildOnTop, getTools, parseManifests } from "./manifests.ts";
import { Namespace, type Pod } from "./pods.ts";

const REPLAYERS = 2;
const RATE = 2000;
const SECONDS = 15;
/** Not the name that compose gives it: both may run on one engine. */
const IMAGE = "stampede-pods";
/** For what containers say; they are slow to start where many tests share a machine. */
const PATIENCE = { timeout: 120_000, interval: 500 };

beforeAll(() => buildImage(IMAGE));

let namespace: Namespace | undefined;
afterEach(async () => {
  await namespace?.close();
  namespace = undefined;
});

/** An overlay, with settings of the test's own. */
async function open(overlay: string, ...literals: string[]): Promise<Namespace> {
  const text = await buildOnTop(await getTools(), overlay, {
    images: [{ name: "stampede", newName: IMAGE }],
    configMapGenerator: [{ name: "settings", behavior: "merge", literals: [`RATE=${RATE}`, ...literals] }],
  });
  namespace = await Namespace.open(parseManifests(text));
  return namespace;
}

const startReplayers = (pods: Namespace, kind: string): Promise<Pod[]> =>
  Promise.all(Array.from({ length: REPLAYERS }, (_, index) => pods.start(kind, "replayer", index)));

test("a run that ends: Pods make and compile templates, send through Collectors into the sink, and the ledger balances", async () => {
  const pods = await open("job", `DURATION=${SECONDS}s`, "COMPRESSION=zstd");
  await pods.start("Deployment", "sink");
  await Promise.all([0, 1].map((index) => pods.start("Deployment", "collector", index)));
  const ledger = await pods.start("Job", "ledger");
  const replayers = await startReplayers(pods, "Job");
  expect(await confinementOf(replayers[0]!)).toEqual({
    Uid: "1000\t1000\t1000\t1000",
    CapBnd: "0000000000000000",
    CapEff: "0000000000000000",
    NoNewPrivs: "1",
    Seccomp: "2",
    root: "read-only",
  });

  const codes = await Promise.all(replayers.map((replayer) => replayer.ended()));
  const words = (await Promise.all(replayers.map((replayer) => replayer.logs()))).join("\n");
  expect(codes, words).toEqual(replayers.map(() => 0));
  const code = await ledger.ended();
  const account = await ledger.logs();
  expect(code, account).toBe(0);
  expect(account).toContain("2 collectors: 2 up");
  expect(account).toContain("the sink, verified");
  expect(account).toContain("balanced: every event is accounted for");
});

test("a run that is stopped, of templates that a Job has made: replayers and the ledger end in order, at the first word", async () => {
  const pods = await open("shared-templates");
  const collector = await pods.start("Deployment", "collector");
  const ledger = await pods.start("StatefulSet", "ledger");
  const generating = async () => {
    const generator = await pods.start("Job", "generator");
    expect(await generator.ended(), await generator.logs()).toBe(0);
  };
  const [replayers] = await Promise.all([startReplayers(pods, "StatefulSet"), generating()]);
  // They have found each other under the name, and divide the rate.
  const share = RATE / REPLAYERS;
  for (const replayer of replayers)
    await expect
      .poll(() => replayer.logs(), PATIENCE)
      .toMatch(new RegExp(`"targetEventsPerSecond":${share},.*"sent":[1-9]`));

  const probes = [collector, ledger, ...replayers].map((pod) => pod.probes);
  expect(probes.map((urls) => urls.length)).toEqual([1, 1, ...replayers.map(() => 1)]);
  const ask = `Promise.all(${JSON.stringify(probes.flat())}.map((url) => fetch(url))).then((all) => console.log(...all.map(({ status }) => status)))`;
  expect((await ledger.exec("node", "--eval", ask)).stdout.trim().split(" ")).toEqual(
    probes.map(() => "200"),
  );

  expect(await Promise.all(replayers.map((replayer) => replayer.stop()))).toEqual(replayers.map(() => 0));
  await expect.poll(() => ledger.logs(), PATIENCE).toContain("the account is closed: staying to tell it");
  const told = await ledger.exec("stampede", "ledger");
  expect(told.stdout).toContain("balanced: every event is accounted for");
  expect(await ledger.stop()).toBe(0);
});

/** How confined a container is, as the kernel says. */
async function confinementOf(pod: Pod): Promise<Record<string, string>> {
  const status = await pod.exec("cat", "/proc/1/status");
  const names = ["Uid", "CapBnd", "CapEff", "NoNewPrivs", "Seccomp"];
  const entries = names.map((name) => [name, new RegExp(`^${name}:\\s+(.*)$`, "m").exec(status.stdout)![1]!]);
  const { stderr } = await pod.exec("touch", "/app/written");
  return {
    ...Object.fromEntries(entries),
    root: stderr.includes("Read-only file system") ? "read-only" : stderr,
  };
}
