/** What Collectors may hand their data on to: the files of collector-config/backends. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readBackend } from "../backends/backend-file.ts";
import { readBase, render, renderText } from "../backends/render.ts";

/** Where the Collector's configuration lies. */
export const COLLECTOR_CONFIG = fileURLToPath(new URL("../../collector-config", import.meta.url));

/** What a Collector's --config is given for the backends of a list: base.yaml and the one's file, or one text rendered of several. */
export function configSources(list: string): string[] {
  const names = list.split(",").map((name) => name.trim());
  if (names.length === 1)
    return [join(COLLECTOR_CONFIG, "base.yaml"), join(COLLECTOR_CONFIG, "backends", `${names[0]}.yaml`)];
  const backends = names.map((name) => readBackend(COLLECTOR_CONFIG, name));
  return [`yaml:${renderText(render(readBase(COLLECTOR_CONFIG), backends), backends)}`];
}

/** Whether a list of backends has one. */
export function hasBackend(list: string, name: string): boolean {
  return list.split(",").some((one) => one.trim() === name);
}

/** The Collector that scripts/get-collector built, if it did. */
export function builtCollector(): string | undefined {
  const path = join(COLLECTOR_CONFIG, "../.build/collector/otelcol");
  return existsSync(path) ? path : undefined;
}
