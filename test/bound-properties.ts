/**
 * Bounds how long a property that has failed is shrunk to a small example (vitest.config.ts loads this before each file of unit tests). It is
 * shrunk without a pause, so no timeout of vitest's could end that, and doubles can be halved for an hour.
 */
import fc from "fast-check";

fc.configureGlobal({ interruptAfterTimeLimit: 20_000 });
