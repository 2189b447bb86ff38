/**
 * node:http as `require` gives it. An `import` of node:http reads every export to build its module view, and
 * some of them are getters that load undici: 16 MB of code that a sender never runs (measured on Node 26).
 */
import type Http from "node:http";

/** Loaded when it is first asked for: gRPC needs it only for headers of the user's. */
export function nodeHttp(): typeof Http {
  return process.getBuiltinModule("node:http");
}
