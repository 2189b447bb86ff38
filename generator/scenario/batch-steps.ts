/**
 * Steps of work that goes over many things at once: what the levels of a large trace are made of.
 */

/** Name and module, from the outermost on: runs have pages, pages have chunks, chunks have items. */
export const BATCH_STEPS = [
  ["process page", "batch-runner"],
  ["process chunk", "batch-runner"],
  ["process item", "batch-runner"],
] as const;
