/**
 * The fuzzer by hand:
 *
 *   scripts/node test/fuzz/main.ts --count 100000 [--seed N]     that many hostile answers
 *   scripts/node test/fuzz/main.ts --seed N --only K             the case K of seed N again
 *
 * Prints what was answered, times and memory; ends with 1 when a claim did not hold.
 */
import { parseArgs } from "node:util";
import { fuzz } from "./fuzz.ts";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "10000" },
    seed: { type: "string", default: "1" },
    only: { type: "string" },
  },
});
const startedAt = performance.now();
const result = await fuzz({
  seed: Number(values.seed),
  count: Number(values.count),
  ...(values.only === undefined ? {} : { only: Number(values.only) }),
  onProgress: (done) => {
    if (done % 5000 === 0)
      process.stderr.write(`${done} cases in ${Math.round((performance.now() - startedAt) / 1000)} s\n`);
  },
});
const { failures, ...figures } = result;
process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
for (const failure of failures) process.stdout.write(`FAILED ${failure}\n`);
// Not by running out of work: what hostile peers leave of node:http2's sessions can keep Node at its own end for ever.
process.exit(failures.length > 0 ? 1 : 0);
