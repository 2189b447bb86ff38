/** What a span says about itself, in whichever of the conventions' generations. */

import { textOf, valuesByKey } from "./attributes.ts";
import { GRPC_CODES } from "./conventions/rpc.ts";
import { isHttp, isRpc, type SpanRole } from "./conventions/tables.ts";
import type { AnyValue, Span, SpanEvent } from "./requests.ts";

export const KIND = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const;
const ERROR = 2;

export interface SpanFacts {
  role: SpanRole;
  attributes: ReadonlyMap<string, AnyValue>;
  /** HTTP method, `package.Service/Method`, or the destination of messages. */
  subject: string;
  /** Of HTTP: the path without its query. */
  path: string;
  query: string;
  /** Route or template of HTTP, parameters as `{}`, without a gateway's prefix. */
  route: string;
  /** HTTP status or the name of a gRPC code, "" when there was no answer; of messages their partition. */
  code: string;
  /** Whom a client calls. */
  address: string;
  failed: boolean;
  errorType: string;
  exceptions: readonly SpanEvent[];
}

/** What gateways put before the paths of the services behind them. */
export const PREFIX = /^\/api(?:\/v\d+)?(?=\/)/;
const PARAMETER = /\{[^}]+\}|<[^>]+>|:\w+/g;

/** Read a span's attributes once. */
export function factsOf(span: Span): SpanFacts {
  const attributes = valuesByKey(span);
  const text = (...keys: string[]) => textOf(attributes, ...keys);
  const role = roleOf(span.kind, attributes);
  const { path, query } = targetOf(attributes);
  return {
    role,
    attributes,
    subject: subjectOf(role, attributes),
    path,
    query,
    route: textOf(attributes, "http.route", "url.template").replace(PREFIX, "").replaceAll(PARAMETER, "{}"),
    code: codeOf(role, attributes),
    address: text("server.address", "net.peer.name"),
    failed: span.status?.code === ERROR,
    errorType: text("error.type"),
    exceptions: (span.events ?? []).filter(({ name }) => name === "exception"),
  };
}

function roleOf(kind: number | undefined, attributes: ReadonlyMap<string, AnyValue>): SpanRole {
  const has = (...keys: string[]) => keys.some((key) => attributes.has(key));
  const isCall = has("rpc.system.name", "rpc.system");
  if (kind === KIND.server) return isCall ? "rpc-server" : "http-server";
  if (kind === KIND.producer) return "producer";
  if (kind === KIND.consumer) return "consumer";
  if (has("db.system.name", "db.system")) return "database";
  if (kind !== KIND.client) return "internal";
  if (isCall) return "rpc-client";
  return has("messaging.system") ? "receive" : "http-client";
}

function subjectOf(role: SpanRole, attributes: ReadonlyMap<string, AnyValue>): string {
  const text = (...keys: string[]) => textOf(attributes, ...keys);
  if (isHttp(role)) return text("http.request.method", "http.method");
  if (isRpc(role)) {
    const method = text("rpc.method");
    return method.includes("/") ? method : `${text("rpc.service")}/${method}`;
  }
  return text("messaging.destination.name");
}

function codeOf(role: SpanRole, attributes: ReadonlyMap<string, AnyValue>): string {
  if (isHttp(role)) {
    return textOf(attributes, "http.response.status_code", "http.status_code");
  }
  if (role === "producer" || role === "consumer") {
    return textOf(attributes, "messaging.destination.partition.id", "messaging.kafka.destination.partition");
  }
  if (!isRpc(role)) return "";
  const name = textOf(attributes, "rpc.response.status_code");
  return name || (GRPC_CODES[Number(textOf(attributes, "rpc.grpc.status_code") || Number.NaN)] ?? "");
}

function targetOf(attributes: ReadonlyMap<string, AnyValue>): { path: string; query: string } {
  const path = textOf(attributes, "url.path");
  if (path) return { path, query: textOf(attributes, "url.query") };
  const target = textOf(attributes, "http.target");
  const url = textOf(attributes, "url.full", "http.url");
  const rest = target || url.replace(/^[a-z]+:\/\/[^/?#]*/, "");
  const [before = "", ...after] = rest.split("?");
  return { path: before, query: after.join("?") };
}
