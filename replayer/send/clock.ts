/** Time as the send loop sees it. Passed in, so that tests can own it. */
export interface Clock {
  /** Milliseconds that only ever grow, fractions included. The system's are the same in all processes of the machine. */
  monotonicMs(): number;
  /** Milliseconds since the Unix epoch. */
  unixMs(): number;
}

/** performance.now() counts from the start of this process, hrtime from that of the machine; the one costs no object per call. */
const PROCESS_BEGAN_MS = Number(process.hrtime.bigint()) / 1e6 - performance.now();

/** The clock of all that is not a test; what processes tell each other of moments is by it too. */
export const SYSTEM_CLOCK: Clock = {
  monotonicMs: () => PROCESS_BEGAN_MS + performance.now(),
  unixMs: () => Date.now(),
};
