/**
 * The Pods of deploy/kubernetes, their containers run as a kubelet would run them: with a read-only root, without root and without any
 * capability they make their templates, find each other by the names of their Services, send, and balance.
 * scripts/get-engine brings the engine and images where they are missing.
 */
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "../stampede.ts";
import { buildOnTop, getTools, type Manifest, parseManifests, ROOT } from "./manifests.ts";
import { Namespace } from "./pods.ts";

const REPLAYERS = 3;
const RATE = 3000;
const SECONDS = 20;
/** Not the name that compose gives it: both may run on one engine. */
const IMAGE = "stampede-pods";

let manifests: Manifest[];
let namespace: Namespace;

beforeAll(async () => {
  const engine = await run(join(ROOT, "scripts/get-engine"), []);
  if (engine.exitCode !== 0) throw new Error(`scripts/get-engine failed:\n${engine.stderr}`);
  const image = await run("docker", ["build", "--quiet", "--tag", IMAGE, ROOT]);
  if (image.exitCode !== 0) throw new Error(`building the image failed:\n${image.stdout}${image.stderr}`);
  const literals = [`RATE=${RATE}`, `DURATION=${SECONDS}s`, "COMPRESSION=zstd"];
  const built = await buildOnTop(await getTools(), "job", {
    images: [{ name: "stampede", newName: IMAGE }],
    configMapGenerator: [{ name: "settings", behavior: "merge", literals }],
  });
  manifests = parseManifests(built);
  namespace = await Namespace.open(manifests);
});
afterAll(() => namespace?.close());

test("a run that ends: confined Pods generate, send through Collectors into the sink, and the ledger balances", async () => {
  await namespace.start("Deployment", "sink");
  const collectors = [0, 1].map((index) => namespace.start("Deployment", "collector", index));
  await Promise.all(collectors);
  const ledger = await namespace.start("Job", "ledger");
  const replayers = await Promise.all(
    Array.from({ length: REPLAYERS }, (_, index) => namespace.start("Job", "replayer", index)),
  );

  const codes = await Promise.all(replayers.map((replayer) => replayer.ended()));
  const words = await Promise.all(replayers.map((replayer) => replayer.logs()));
  expect(codes, words.join("\n")).toEqual(replayers.map(() => 0));
  const code = await ledger.ended();
  const account = await ledger.logs();
  expect(code, account).toBe(0);
  expect(account).toContain("x");
});
