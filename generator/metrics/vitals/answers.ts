/** How requests end, and how often: what tells the points of one route or method apart. */

import { GRPC_CODES } from "../../../otlp/grpc-codes.ts";
import type { Attributes } from "../../attributes.ts";
import {
  EXTERNAL_FAILURES,
  failuresOf,
  type Outcome,
  REFUSAL_SHARE,
  refusalsOf,
} from "../../scenario/outcomes.ts";
import type { Operation } from "../../scenario/services.ts";

export interface Answer {
  readonly attributes: Attributes;
  /** Of all requests. */
  readonly share: number;
  /** Of the usual latency. */
  readonly factor: number;
  readonly isGood: boolean;
}

/** Only outcomes that come often enough to have been seen, as a share of their kind. */
const LEAST_SHARE = 0.12;

/** How long an answer takes, relative to a good one. */
const REFUSED = 0.4;
const FAILED = 1.3;
const TIMED_OUT = 8;

/** gRPC's DEADLINE_EXCEEDED and HTTP's 504. */
const TIMEOUTS = new Set([4, 504]);

/**
 * How an operation ends.
 *
 * errorRate  share of requests that fail
 * isClient   as its client counts it: what is refused is an error to clients only
 */
export function answersOf(operation: Operation, errorRate: number, isClient: boolean): Answer[] {
  const isRpc = operation.protocol === "grpc";
  const answer = (code: number, share: number, factor: number, isError: boolean): Answer => {
    const text = isRpc ? GRPC_CODES[code]! : `${code}`;
    const status = isRpc ? { "rpc.response.status_code": text } : { "http.response.status_code": code };
    const attributes = { ...status, ...(isError ? { "error.type": text } : {}) };
    return { attributes, share, factor, isGood: factor === 1 };
  };
  const well = 1 - errorRate;
  return [
    answer(isRpc ? 0 : operation.successCode, well * (1 - REFUSAL_SHARE), 1, false),
    ...seen(refusalsOf(operation)).map(({ code, weight }) =>
      answer(code, well * REFUSAL_SHARE * weight, REFUSED, isClient),
    ),
    ...seen(failuresOf(operation)).map(({ code, weight }) =>
      answer(code, errorRate * weight, TIMEOUTS.has(code) ? TIMED_OUT : FAILED, true),
    ),
  ];
}

/** How a call to a host outside ends. */
export function externalAnswers(errorRate: number): Answer[] {
  const failures = seen(EXTERNAL_FAILURES).map(({ code, weight }): Answer => {
    const status = code === 0 ? {} : { "http.response.status_code": code };
    const error = code === 0 ? "timeout" : `${code}`;
    const factor = code === 0 || TIMEOUTS.has(code) ? TIMED_OUT : FAILED;
    return {
      attributes: { ...status, "error.type": error },
      share: errorRate * weight,
      factor,
      isGood: false,
    };
  });
  const good = {
    attributes: { "http.response.status_code": 200 },
    share: 1 - errorRate,
    factor: 1,
    isGood: true,
  };
  return [good, ...failures];
}

const frequent = new WeakMap<readonly Outcome[], readonly Outcome[]>();

/** The frequent ones of a list, with weights that add up to 1. */
function seen(outcomes: readonly Outcome[]): readonly Outcome[] {
  let kept = frequent.get(outcomes);
  if (!kept) {
    const all = outcomes.reduce((sum, { weight }) => sum + weight, 0);
    const often = outcomes.filter(({ weight }) => weight / all >= LEAST_SHARE);
    const total = often.reduce((sum, { weight }) => sum + weight, 0);
    kept = often.map(({ code, weight }) => ({ code, weight: weight / total }));
    frequent.set(outcomes, kept);
  }
  return kept;
}
