/**
 * Falling behind the schedule, and catching up with it again: each said once when it happens. The live view shows how far it is.
 */

/** Later than this is behind; less than the other is with the schedule again. Between them nothing changes, so that nobody is told twice. */
const BEHIND_MS = 1000;
const AGAIN_MS = 200;

export class LagWords {
  #isBehind = false;
  #worstMs = 0;

  /** What there is to say at this look, if anything. lagMs: how far behind its schedule sending is. */
  look(lagMs: number): string | undefined {
    if (this.#isBehind) {
      this.#worstMs = Math.max(this.#worstMs, lagMs);
      if (lagMs >= AGAIN_MS) return undefined;
      this.#isBehind = false;
      return `with the schedule again; it was ${seconds(this.#worstMs)} behind at the worst`;
    }
    if (lagMs <= BEHIND_MS) return undefined;
    this.#isBehind = true;
    this.#worstMs = lagMs;
    return `behind the schedule by ${seconds(lagMs)}: the target, the network or this machine does not keep up with the rate`;
  }
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
