/**
 * What programs say about the work that a span shows, by its role. A service always uses the same of several wordings.
 */
import type { Level } from "../log-record.ts";
import type { Happening } from "./happening.ts";

/** Wordings by happening and level. WARN of what ends well says that it took long. */
export const SPAN_MESSAGES: Readonly<Record<Happening, Partial<Record<Level, readonly string[]>>>> = {
  request: {
    TRACE: ["request headers of {path} parsed", "matched {path} to handler {verb}"],
    DEBUG: [
      "dispatching {method} {path} to {verb}",
      "{method} {route}: handler {verb} returned {status}",
      "writing response of {path}, status {status}",
    ],
    INFO: [
      "{method} {path} {status} in {took} ms",
      "request completed: {method} {path} responded {status} in {took} ms",
      "Completed {status} for {method} {path} after {took} ms",
      "handled {method} {route} ({path}), status {status}, {took} ms",
    ],
    WARN: [
      "{method} {path} took {took} ms, above the budget of the route",
      "slow request: {method} {route} {took} ms, user {user}",
    ],
  },
  refusedRequest: {
    DEBUG: ["{method} {path} refused with {status} for {user}"],
    INFO: ["{method} {path} {status} in {took} ms"],
    WARN: [
      "request refused: {method} {path} answered {status} after {took} ms",
      "{user} got {status} on {method} {route}",
      "Rejected {method} {path}: status {status}",
    ],
  },
  failedRequest: {
    WARN: ["{method} {path} answered {status} after {took} ms"],
    ERROR: [
      "{method} {path} failed with {status} after {took} ms",
      "Unhandled exception while serving {method} {route}, responding {status}",
      "request of {user} could not be served: {method} {path} -> {status}",
    ],
  },
  rpc: {
    TRACE: ["decoded request message of {rpc}"],
    DEBUG: ["started call {rpc}", "authorised {rpc} for {user}"],
    INFO: [
      "finished call {rpc} code={grpcCode} in {took} ms",
      "{rpc} {grpcCode} {took} ms",
      "unary call {rpc} finished with code {grpcCode} ({took} ms)",
    ],
    WARN: ["{rpc} took {took} ms, usually {usual} ms"],
  },
  refusedRpc: {
    WARN: ["finished call {rpc} with {grpcCode} after {took} ms", "{rpc} refused: {grpcCode}"],
    INFO: ["{rpc} {grpcCode} {took} ms"],
  },
  failedRpc: {
    WARN: ["finished call {rpc} with {grpcCode} after {took} ms"],
    ERROR: ["{rpc} failed: {grpcCode} after {took} ms", "handler of {rpc} threw, returning {grpcCode}"],
  },
  call: {
    DEBUG: [
      "{method} http://{callee}:{port}{path} {status} in {took} ms",
      "{target} answered {status} to {method} {route} in {took} ms",
    ],
    INFO: [
      "HTTP call to {target} done: {method} {path} {status} ({took} ms)",
      "{target} answered {status} in {took} ms",
    ],
    WARN: ["{target} was slow: {method} {path} took {took} ms, usually {usual} ms"],
  },
  badCall: {
    WARN: [
      "{target} answered {status} to {method} {path} after {took} ms",
      "call to {callee} ended with {status} ({method} {route}, {took} ms)",
    ],
    ERROR: ["{method} http://{callee}:{port}{path} failed: {status} after {took} ms"],
  },
  rpcCall: {
    DEBUG: ["call {rpc} on {target} returned {grpcCode} in {took} ms"],
    INFO: ["{target}: {rpc} {grpcCode} in {took} ms"],
    WARN: ["{rpc} on {target} took {took} ms, usually {usual} ms"],
  },
  badRpcCall: {
    WARN: ["{rpc} on {target} returned {grpcCode} after {took} ms"],
    ERROR: ["{rpc} on {callee}:{port} failed: {grpcCode} after {took} ms"],
  },
  unanswered: {
    WARN: ["no connection to {callee}:{port} after {took} ms, giving up on {verb}"],
    ERROR: ["call to {target} got no answer, {verb} failed after {took} ms"],
  },
  external: {
    DEBUG: ["{method} request to {outside} answered {status} in {took} ms"],
    INFO: ["{outside} answered {status} in {took} ms"],
    WARN: ["{outside} took {took} ms, usually {usual} ms"],
  },
  badExternal: {
    WARN: ["{method} request to {outside} failed with {status} after {took} ms"],
    ERROR: ["{outside} did not do what was asked: status {status} after {took} ms"],
  },
  silentExternal: {
    WARN: ["no answer from {outside} after {took} ms"],
    ERROR: ["{method} request to {outside} got no answer, gave up after {took} ms"],
  },
  statement: {
    TRACE: ["binding parameters of {summary}"],
    DEBUG: [
      "{summary} took {took} ms",
      "{statement} -- {took} ms on {server}",
      "executed {summary} on {system} in {took} ms",
    ],
    INFO: ["{summary} on {server} finished in {took} ms"],
    WARN: [
      "slow query ({took} ms, usually {usual} ms): {statement}",
      "{summary} took {took} ms on {server}",
      "{summary} held its connection for {took} ms",
    ],
  },
  query: {
    DEBUG: [
      "{summary} returned {rows} rows in {took} ms",
      "{statement} -- {rows} rows, {took} ms on {server}",
      "loaded {rows} rows of {table} in {took} ms",
    ],
    INFO: ["{summary} on {server} returned {rows} rows in {took} ms"],
    WARN: [
      "slow query ({took} ms, usually {usual} ms, {rows} rows): {statement}",
      "{summary} took {took} ms for {rows} rows on {server}",
    ],
  },
  failedStatement: {
    WARN: ["{summary} failed on {server}, will be tried again"],
    ERROR: [
      "{summary} failed after {took} ms on {server}",
      "could not execute statement on {table}: {statement}",
      "{system} refused {summary}",
    ],
  },
  command: {
    DEBUG: [
      "{statement} took {took} ms",
      "cache: {summary} {took} ms",
      "{statement} -- {took} ms on {server}",
    ],
    INFO: ["{summary} on {server} finished in {took} ms"],
    WARN: [
      "{summary} took {took} ms on {server}, usually {usual} ms",
      "cache is slow: {statement} took {took} ms",
    ],
  },
  failedCommand: {
    WARN: ["{summary} failed on {server}, going on without the cache"],
    ERROR: ["{statement} failed after {took} ms on {server}", "{system} refused {summary}"],
  },
  step: {
    TRACE: ["entering {stepName}"],
    DEBUG: ["{stepName} done in {took} ms", "{stepName}: {took} ms", "finished {stepName} after {took} ms"],
    INFO: ["{stepName} for {user} took {took} ms", "{stepName} completed"],
    WARN: ["{stepName} took {took} ms, usually {usual} ms"],
  },
  failedStep: {
    WARN: ["{stepName} gave up after {took} ms"],
    ERROR: ["{stepName} failed after {took} ms", "{stepName} threw, request of {user} is aborted"],
  },
  publish: {
    DEBUG: ["{event} sent to {topicName} in {took} ms"],
    INFO: ["published {event} to {topicName}", "{event} written to {broker} topic {topicName} ({took} ms)"],
    WARN: ["publishing to {topicName} took {took} ms, buffers are filling"],
  },
  failedPublish: {
    WARN: ["{event} could not be sent to {topicName}, kept in the outbox"],
    ERROR: ["publishing {event} to {topicName} failed after {took} ms"],
  },
  consume: {
    DEBUG: ["received {event} from {topicName}"],
    INFO: [
      "processed {event} from {topicName} in {took} ms",
      "{group}: {event} handled in {took} ms, {settled}",
    ],
    WARN: ["{group} took {took} ms for one {event}, usually {usual} ms"],
  },
  failedConsume: {
    WARN: ["{event} from {topicName} will be redelivered"],
    ERROR: ["{group} could not process {event} from {topicName}, moved to {topicName}.dlq"],
  },
};
