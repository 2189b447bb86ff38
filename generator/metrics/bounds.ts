/** Bucket bounds that instruments share. */

/** Durations in seconds, as the semantic conventions advise for HTTP and RPC. */
export const HTTP_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** The same for database calls and other short operations. */
export const DATABASE_BOUNDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];

/** The same for work that takes up to minutes. */
export const SLOW_BOUNDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120];

/** Sizes in bytes: powers of four. */
export const SIZE_BOUNDS = [64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304];

/** How many of something there were at once. */
export const COUNT_BOUNDS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

/** Collections of garbage in V8 and CPython, as the conventions advise. */
export const GC_BOUNDS = [0.01, 0.1, 1, 10];
