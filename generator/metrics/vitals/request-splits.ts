/** Requests that a service answers and makes, by route or method, outcome, and server. */
import type { Attributes } from "../../attributes.ts";
import { addressOf, type Operation, type Service } from "../../scenario/services.ts";
import { answersOf, externalAnswers } from "./answers.ts";
import type { ServiceLoad } from "./service-load.ts";
import { type Split, SplitBuilder, those } from "./split.ts";

export interface RequestSplits {
  readonly httpServer: Split;
  /** What of it has a request body. */
  readonly httpServerBodies: Split;
  readonly rpcServer: Split;
  readonly httpClient: Split;
  readonly httpClientBodies: Split;
  readonly rpcClient: Split;
  /** Servers that it has HTTP connections to. */
  readonly peer: Split;
}

/** The network's share of a call, seconds. */
const ON_THE_WAY = 0.0008;

/** Bytes of what is answered: a list, one thing, a confirmation, an error. */
const LIST_BYTES = 5200;
const ONE_BYTES = 900;
const SHORT_BYTES = 260;
const ERROR_BYTES = 170;

/** What the requests of one service are. errorRate: share of requests that fail. */
export function requestSplits(
  service: Service,
  load: ServiceLoad,
  isIngress: boolean,
  errorRate: number,
): RequestSplits {
  const [httpServer, rpcServer] = [new SplitBuilder(service), new SplitBuilder(service)];
  const [httpClient, rpcClient] = [new SplitBuilder(service), new SplitBuilder(service)];
  const peer = new SplitBuilder(service);
  for (const operation of service.operations) {
    const split = operation.protocol === "grpc" ? rpcServer : httpServer;
    const rate = load.operations[operation.index]!;
    for (const { attributes, share, factor, isGood } of answersOf(operation, errorRate, false)) {
      split.add(
        { ...serverAttributes(operation, isIngress), ...attributes },
        { perHour: rate * share, seconds: secondsOf(operation) * factor, bytes: bytesOf(operation, isGood) },
      );
    }
  }
  for (const [operation, rate] of load.calls.get(service) ?? []) {
    const split = operation.protocol === "grpc" ? rpcClient : httpClient;
    for (const { attributes, share, factor, isGood } of answersOf(operation, errorRate, true)) {
      const seconds = secondsOf(operation) * factor + ON_THE_WAY;
      split.add(
        { ...clientAttributes(operation), ...attributes },
        { perHour: rate * share, seconds, bytes: bytesOf(operation, isGood) },
      );
    }
    if (operation.protocol === "http") {
      peer.add(serverOf(operation.service), { perHour: rate, seconds: secondsOf(operation) });
    }
  }
  for (const call of service.externalCalls) {
    const rate = load.externalCalls[call.index]!;
    const server = { "server.address": call.host, "server.port": 443 };
    for (const { attributes, share, factor, isGood } of externalAnswers(errorRate)) {
      httpClient.add(
        { "http.request.method": call.method, ...server, ...attributes },
        {
          perHour: rate * share,
          seconds: (call.latencyMs / 1000) * factor,
          bytes: isGood ? ONE_BYTES : ERROR_BYTES,
        },
      );
    }
    peer.add(server, { perHour: rate, seconds: call.latencyMs / 1000 });
  }
  const [server, client] = [httpServer.done(), httpClient.done()];
  return {
    httpServer: server,
    httpServerBodies: those(server, hasBody),
    rpcServer: rpcServer.done(),
    httpClient: client,
    httpClientBodies: those(client, hasBody),
    rpcClient: rpcClient.done(),
    peer: peer.done(),
  };
}

const hasBody = (attributes: Attributes): boolean =>
  attributes["http.request.method"] !== "GET" && attributes["http.request.method"] !== "DELETE";

const secondsOf = ({ latencyMs }: Operation): number => latencyMs / 1000;

function bytesOf({ endpoint }: Operation, isGood: boolean): number {
  if (!isGood) return ERROR_BYTES;
  if (endpoint.method !== "GET") return SHORT_BYTES;
  return endpoint.path === "/ID" ? ONE_BYTES : LIST_BYTES;
}

function serverAttributes(operation: Operation, isIngress: boolean): Attributes {
  if (operation.protocol === "grpc") return { "rpc.system.name": "grpc", "rpc.method": operation.rpcMethod };
  return {
    "http.request.method": operation.method,
    "http.route": operation.route,
    "url.scheme": isIngress ? "https" : "http",
    "network.protocol.version": "1.1",
  };
}

function clientAttributes(operation: Operation): Attributes {
  const server = serverOf(operation.service);
  return operation.protocol === "grpc"
    ? { "rpc.system.name": "grpc", "rpc.method": operation.rpcMethod, ...server }
    : { "http.request.method": operation.method, ...server };
}

function serverOf(service: Service): Attributes {
  return { "server.address": addressOf(service), "server.port": service.port };
}
