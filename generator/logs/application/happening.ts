/**
 * What happened in a span: its role, told apart by protocol and by how it ended.
 */
import type { DatabaseCall, Operation } from "../../scenario/services.ts";
import { CLIENT, CONSUMER, DATABASE, EXTERNAL, PRODUCER, SERVER, STEP } from "../../span-role.ts";
import type { SampledSpan } from "../../span-sample.ts";

/** What a program can have to tell of a span. */
export type Happening =
  | "request"
  | "refusedRequest"
  | "failedRequest"
  | "rpc"
  | "refusedRpc"
  | "failedRpc"
  | "call"
  | "badCall"
  | "rpcCall"
  | "badRpcCall"
  | "unanswered"
  | "external"
  | "badExternal"
  | "silentExternal"
  | "statement"
  | "query"
  | "failedStatement"
  | "command"
  | "failedCommand"
  | "step"
  | "failedStep"
  | "publish"
  | "failedPublish"
  | "consume"
  | "failedConsume";

/**
 * What a span shows.
 *
 * operation  the one it serves or calls
 * database   the statement it sends
 */
export function happeningOf(
  span: SampledSpan,
  operation: Operation | undefined,
  database: DatabaseCall | undefined,
): Happening {
  const { role, statusCode, exception, failed } = span;
  const bad = exception !== undefined || failed;
  const rpc = operation?.protocol === "grpc";
  switch (role) {
    case SERVER:
      if (bad) return rpc ? "failedRpc" : "failedRequest";
      if (rpc) return statusCode > 0 ? "refusedRpc" : "rpc";
      return statusCode >= 400 ? "refusedRequest" : "request";
    case CLIENT:
      if (bad && statusCode === 0) return "unanswered";
      if (bad) return rpc ? "badRpcCall" : "badCall";
      return rpc ? "rpcCall" : "call";
    case EXTERNAL:
      if (bad && statusCode === 0) return "silentExternal";
      return bad ? "badExternal" : "external";
    case DATABASE:
      if (database?.system.name === "redis") return bad ? "failedCommand" : "command";
      if (bad) return "failedStatement";
      return database?.statement.purpose === "many" ? "query" : "statement";
    case STEP:
      return bad ? "failedStep" : "step";
    case PRODUCER:
      return bad ? "failedPublish" : "publish";
    case CONSUMER:
      return bad ? "failedConsume" : "consume";
  }
}

/** The part of a program that tells of a happening, where it has no part of its own. */
export type HappeningPlace = "server" | "client" | "database" | "messaging";

/** Who tells of a happening. Parts of the program tell of themselves. */
export function placeOf(happening: Happening): HappeningPlace {
  switch (happening) {
    case "statement":
    case "query":
    case "failedStatement":
    case "command":
    case "failedCommand":
      return "database";
    case "publish":
    case "failedPublish":
    case "consume":
    case "failedConsume":
      return "messaging";
    case "request":
    case "refusedRequest":
    case "failedRequest":
    case "rpc":
    case "refusedRpc":
    case "failedRpc":
      return "server";
    default:
      return "client";
  }
}
