/** What tests need and scripts/get-* bring, now if it is not there. */
import { fileURLToPath } from "node:url";
import { outputOf, run } from "./stampede.ts";

const SCRIPTS = fileURLToPath(new URL("../scripts", import.meta.url));

/** Have scripts/get-NAME bring it. Returns the path that it prints, of a program or a folder; the engine has none. */
export async function bring(
  name: "chromium" | "collector" | "engine" | "kubernetes" | "prometheus" | "toxiproxy",
  ...which: string[]
): Promise<string> {
  return (await outputOf(`scripts/get-${name}`, run(`${SCRIPTS}/get-${name}`, which))).trim();
}

/** Bring the engine, and build this checkout's image. tag: not the name that compose gives it, for both may be there at a time */
export async function buildImage(tag: string): Promise<void> {
  await bring("engine");
  const root = fileURLToPath(new URL("..", import.meta.url));
  await outputOf("building the image", run("docker", ["build", "--quiet", "--tag", tag, root]));
}
