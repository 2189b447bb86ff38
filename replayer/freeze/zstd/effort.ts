/** How long compiling may look for a smaller frame: `best` takes some ten times as long as `fast`. Either decodes to the same. */
export type Effort = "fast" | "best";

/** What an effort means to the parse. */
export interface EffortSettings {
  /** Places that begin alike which are compared, per place searched. */
  readonly attempts: number;
  /** A copy of so many bytes is taken as it is found, and nothing is searched inside it. */
  readonly enoughBytes: number;
  /** A place is not searched when the next one can be reached for so many bits more: most likely a copy goes on there. */
  readonly skipBits: number;
  /** Times that the whole body is parsed, each with the prices that the one before came to. */
  readonly passes: number;
}

/** Measured on traces, logs and metrics: more of either makes frames less than half a percent smaller. */
export const EFFORTS: Record<Effort, EffortSettings> = {
  fast: { attempts: 6, enoughBytes: 128, skipBits: 4, passes: 1 },
  best: { attempts: 64, enoughBytes: 256, skipBits: 0.5, passes: 2 },
};
