/**
 * The configuration that a replica tells. It comes over the network and may be anything: it has a bound in depth and size before anybody
 * walks through it.
 */

/** A usual one has 3 kB and is four deep. */
const MAX_DEPTH = 20;
const MAX_CHARACTERS = 64 * 1024;

/** The configuration as it may be kept, told and written; undefined for none, or what is too deep or too large. */
export function boundedConfig(config: unknown): unknown {
  if (config === undefined || config === null || isDeeper(config, MAX_DEPTH)) return undefined;
  return JSON.stringify(config).length > MAX_CHARACTERS ? undefined : config;
}

function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return depth === 0 || Object.values(value).some((part) => isDeeper(part, depth - 1));
}
