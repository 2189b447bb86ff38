/** What Collectors may hand their data on to: the files of collector-config/backends. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where the Collector's configuration lies. */
export const COLLECTOR_CONFIG = fileURLToPath(new URL("../../collector-config", import.meta.url));

/** A backend that is not there, lacks what it needs, or would cost more than its user may expect. */
export class BackendError extends Error {
  override readonly name = "BackendError";
  readonly code = "bad_backend";
}

/**
 * Check a backend as compose does before anything starts. Returns what there is to say of it.
 *
 * rate         events a second of the whole fleet, 0 for as many as it goes
 * isConfirmed  whether somebody has said yes to what it may cost
 * environment  what the backend's file reads: keys, addresses
 * Throws BackendError with one line.
 */
export function checkBackend(
  backend: string,
  rate: number,
  isConfirmed: boolean,
  environment: NodeJS.ProcessEnv,
): string[] {
  // The script names what there is; a path would lead out of the folder.
  const name = /^[\w-]+$/.test(backend) ? backend : `${backend.replaceAll(/[^\w-]/g, "?")}`;
  const { status, stdout, stderr, error } = spawnSync(join(COLLECTOR_CONFIG, "check-backend"), [], {
    encoding: "utf8",
    env: {
      ...environment,
      BACKEND: name,
      RATE: `${Math.ceil(rate)}`,
      ...(isConfirmed && { CONFIRM: "yes" }),
    },
  });
  if (error) throw new BackendError(`--backend ${backend}: ${error.message}`);
  if (status !== 0) throw new BackendError(`--backend: ${stderr.trim().replace(/^backend: /, "")}`);
  // The last line repeats the name.
  return stdout.trim().split("\n").slice(0, -1);
}

/** The Collector that scripts/get-collector built, if it did. */
export function builtCollector(): string | undefined {
  const path = join(COLLECTOR_CONFIG, "../.build/collector/otelcol");
  return existsSync(path) ? path : undefined;
}
