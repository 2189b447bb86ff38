/**
 * node:http as `require` gives it. An `import` of node:http reads every export to build its module view, and
 * some of them are getters that load undici: 16 MB of code that a sender never runs (measured on Node 26).
 */
import type Http from "node:http";

export const http = process.getBuiltinModule("node:http") as typeof Http;
