/**
 * How requests end: the codes that servers fail with, and those that they refuse with while being well themselves.
 * Traces draw from here, metrics are split by it, so that both tell of the same mix.
 */
import type { Operation } from "./services.ts";
import { mix } from "./wording.ts";

/** A status code, HTTP or gRPC, and how often it comes, relative to the others of its list. */
export interface Outcome {
  readonly code: number;
  readonly weight: number;
}

/** Share of well requests that are refused. */
export const REFUSAL_SHARE = 0.03;

const HTTP_FAILURES = outcomes({ 500: 62, 503: 18, 504: 12, 502: 8 });
const HTTP_READ_REFUSALS = outcomes({ 404: 58, 401: 18, 403: 9, 400: 9, 429: 6 });
const HTTP_LIST_REFUSALS = outcomes({ 401: 40, 400: 26, 403: 16, 429: 18 });
const HTTP_WRITE_REFUSALS = outcomes({ 400: 26, 422: 22, 409: 20, 401: 14, 404: 8, 403: 5, 429: 5 });

/** INTERNAL, UNAVAILABLE, DEADLINE_EXCEEDED, UNKNOWN. */
const GRPC_FAILURES = outcomes({ 13: 52, 14: 24, 4: 16, 2: 8 });
/** NOT_FOUND, INVALID_ARGUMENT, PERMISSION_DENIED, UNAUTHENTICATED, RESOURCE_EXHAUSTED. */
const GRPC_READ_REFUSALS = outcomes({ 5: 62, 3: 16, 7: 8, 16: 8, 8: 6 });
/** INVALID_ARGUMENT, FAILED_PRECONDITION, ALREADY_EXISTS, ABORTED, NOT_FOUND, PERMISSION_DENIED. */
const GRPC_WRITE_REFUSALS = outcomes({ 3: 32, 9: 26, 6: 14, 10: 10, 5: 12, 7: 6 });

/** Codes of an operation's server when it fails. */
export function failuresOf({ protocol }: Operation): readonly Outcome[] {
  return protocol === "grpc" ? GRPC_FAILURES : HTTP_FAILURES;
}

/** Codes of an operation's server when the fault is the caller's. */
export function refusalsOf({ protocol, endpoint }: Operation): readonly Outcome[] {
  const reads = endpoint.method === "GET";
  if (protocol === "grpc") return reads ? GRPC_READ_REFUSALS : GRPC_WRITE_REFUSALS;
  if (!reads) return HTTP_WRITE_REFUSALS;
  return endpoint.path.includes("ID") ? HTTP_READ_REFUSALS : HTTP_LIST_REFUSALS;
}

/** Codes of a host outside when it fails; 0: no answer came. */
export const EXTERNAL_FAILURES: readonly Outcome[] = outcomes({
  0: 34,
  503: 22,
  500: 16,
  429: 14,
  502: 8,
  504: 6,
});

/** One of the codes, chosen by a random word: as often as its weight says. */
export function codeOf(list: readonly Outcome[], word: number): number {
  let target = mix(word ^ 0x6f75_7463) % totalOf(list);
  for (const { code, weight } of list) {
    if (target < weight) return code;
    target -= weight;
  }
  return list[0]!.code;
}

/** Whether the conventions call this answer a failure of the server's own. */
export function isServerFault(protocol: Operation["protocol"], code: number): boolean {
  if (protocol === "http") return code >= 500;
  return code === 2 || code === 4 || code === 12 || code === 13 || code === 14 || code === 15;
}

const totals = new WeakMap<readonly Outcome[], number>();

function totalOf(list: readonly Outcome[]): number {
  let total = totals.get(list);
  if (total === undefined) {
    total = list.reduce((sum, { weight }) => sum + weight, 0);
    totals.set(list, total);
  }
  return total;
}

/** Weights are whole numbers; the heaviest first. */
function outcomes(weights: Readonly<Record<number, number>>): readonly Outcome[] {
  return Object.entries(weights)
    .map(([code, weight]) => ({ code: Number(code), weight }))
    .toSorted((a, b) => b.weight - a.weight);
}
