/** How long compiling may look for a smaller frame: `best` takes some five times as long as `fast`. Either decodes to the same. */
export type Effort = "fast" | "best";

export const MOST_ENOUGH_BYTES = 512;

/** How a body is parsed. */
export interface ParseSettings {
  /** Places that begin alike which are compared, per place searched. */
  readonly attempts: number;
  /** A copy of so many bytes, at most MOST_ENOUGH_BYTES, is taken as it is found, and nothing is searched inside it. */
  readonly enoughBytes: number;
  /** A place is not searched when the next one can be reached for so many bits more: most likely a copy goes on there. */
  readonly skipBits: number;
}

/** On logs and traces, twice as much of any of these makes frames smaller by less than half a percent. */
const CURSORY: ParseSettings = { attempts: 6, enoughBytes: 128, skipBits: 4 };
const THOROUGH: ParseSettings = { attempts: 64, enoughBytes: 512, skipBits: 1 };

/** The parses of a body, each with the prices that the one before came to. */
export const PARSES: Record<Effort, readonly ParseSettings[]> = {
  fast: [CURSORY],
  best: [CURSORY, THOROUGH],
};
