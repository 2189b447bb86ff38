/**
 * With `node --import`: writes down what its process has loaded when it ends, as JSON in a file called after the process, in the directory
 * that STAMPEDE_TEST_TRACES names.
 */
import { writeFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { join } from "node:path";

/** What a process has loaded. */
export interface Trace {
  /** Its command line. */
  words: string[];
  /** URLs, in order: files, and modules of Node's that were imported. */
  urls: string[];
  /** Modules of Node's, with those that they themselves need, as Node names them. */
  builtins: string[];
}

const urls: string[] = [];
registerHooks({
  load(url, context, next) {
    urls.push(url);
    return next(url, context);
  },
});
process.on("exit", () => {
  const { moduleLoadList } = process as unknown as { moduleLoadList: string[] };
  const trace: Trace = { words: process.argv, urls, builtins: moduleLoadList };
  writeFileSync(join(process.env.STAMPEDE_TEST_TRACES!, `${process.pid}.json`), JSON.stringify(trace));
});
