import { type Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { type Answer, type LostCode, plainLine } from "../../answer.ts";
import { type ReplyStatus, readStatus } from "../reply.ts";
import { describeReason } from "../socket-text.ts";

/** Source: opentelemetry-proto v1.11 docs/specification.md, "Failures"; RESOURCE_EXHAUSTED only with RetryInfo. */
const RETRYABLE = new Set<number>([
  status.CANCELLED,
  status.DEADLINE_EXCEEDED,
  status.ABORTED,
  status.OUT_OF_RANGE,
  status.UNAVAILABLE,
  status.DATA_LOSS,
]);

/** How grpc-js words the statuses that it makes up itself when no status came. Source: grpc-js 1.14 src/subchannel-call.ts. */
const MADE_HERE =
  /^(Deadline exceeded|Connection dropped|No connection established|Call cancelled|Stream refused by server|Received RST_STREAM|Bandwidth exhausted or memory limit exceeded|Protocol not secure enough|Write error|Write failed|Failed to start HTTP\/2 stream|Failed to write message|Channel closed|Name resolution failed|No status information received)/;

/** The reason inside of grpc-js's message for a channel that cannot connect. */
const NOT_CONNECTED =
  /^No connection established\. Last error: (?:Error: )?(.*?)(?:\. Resolution note:.*)?$/s;

/** What is known about a call that did not end with OK. */
export interface FailedCall {
  error: ServiceError;
  /** Response headers came. */
  headers: boolean;
  /** ip:port of the connection that the call was put on; undefined when it never was. */
  peer: string | undefined;
  /** host:port of the endpoint. */
  authority: string;
  /** What the deadline was, ms after the call. */
  timeoutMs: number;
  /** Bytes of the body as they were handed to the connection. */
  wireBytes: number;
}

/** The answer in a gRPC status other than OK: the target's own, or one that grpc-js made up because none came. */
export function answerOfFailure(call: FailedCall): Answer {
  return isTargets(call) ? refusal(call) : loss(call);
}

/** A status from the target came with headers, or alone in headers of its own, which are then in the metadata. */
function isTargets({ error, headers }: FailedCall): boolean {
  const came = headers || Object.keys(error.metadata?.getMap() ?? {}).length > 0;
  return came && !MADE_HERE.test(error.details);
}

function refusal({ error, peer, authority, wireBytes }: FailedCall): Answer {
  const details = readDetails(error.metadata);
  const name = status[error.code] ?? `${error.code}`;
  const code = `grpc_${name.toLowerCase()}`;
  const text = plainLine(error.details || details?.message || "");
  const message = text === "" ? name : `${name}: ${text}`;
  const address = peer ?? authority;
  const retryAfterMs = details?.retryAfterMs;
  if (retryAfterMs !== undefined && (RETRYABLE.has(error.code) || error.code === status.RESOURCE_EXHAUSTED)) {
    return { kind: "retryable", retryAfterMs, code, message, address, wireBytes };
  }
  return { kind: RETRYABLE.has(error.code) ? "retryable" : "permanent", code, message, address, wireBytes };
}

function loss({ error, peer, authority, timeoutMs, wireBytes }: FailedCall): Answer {
  // A refused stream was not looked at by the server: RFC 9113, 8.7.
  const sent = peer !== undefined && error.details !== "Stream refused by server";
  const code = lossCode(error, sent);
  // grpc-js adds to a deadline how long each step took: too many different texts to be counted.
  const late = `${sent ? "no answer" : "no connection"} within ${timeoutMs / 1000} s`;
  const message = code === "timeout" ? late : describeReason(error.details.replace(NOT_CONNECTED, "$1"));
  return { kind: "lost", sent, code, message, address: peer ?? authority, wireBytes };
}

function lossCode(error: ServiceError, sent: boolean): LostCode {
  if (error.code === status.DEADLINE_EXCEEDED) return "timeout";
  return sent ? "connection_lost" : "unreachable";
}

function readDetails(metadata: Metadata | undefined): ReplyStatus | undefined {
  const [bytes] = metadata?.get("grpc-status-details-bin") ?? [];
  return Buffer.isBuffer(bytes) ? readStatus(bytes) : undefined;
}
