/**
 * node:http and node:https as `require` gives them. An `import` of node:http reads every export to build its module view, and
 * some of them are getters that load undici: 16 MB of code that a sender never runs (measured on Node 26).
 */
import type Http from "node:http";
import type Https from "node:https";

export const http = process.getBuiltinModule("node:http") as typeof Http;

/** Loads TLS with it, so only for endpoints that are secure. */
export function https(): typeof Https {
  return process.getBuiltinModule("node:https") as typeof Https;
}
