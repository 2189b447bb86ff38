/**
 * What a service's instruments tell apart: requests by route and outcome, calls by whom they go to, statements by table.
 * Each split is a list of attributes with, for one process, how often that comes and how long it takes.
 */
import type { Attributes } from "../../attributes.ts";
import {
  EXTERNAL_FAILURES,
  failuresOf,
  type Outcome,
  REFUSAL_SHARE,
  refusalsOf,
} from "../../scenario/outcomes.ts";
import {
  addressOf,
  type Consumer,
  type DatabaseCall,
  type Operation,
  type Service,
  type Topic,
} from "../../scenario/services.ts";
import { GRPC_CODES } from "../../semconv/grpc-codes.ts";
import type { DimensionValue } from "../definition.ts";
import type { ServiceLoad } from "./service-load.ts";

/** Points side by side. */
export interface Split {
  readonly values: readonly DimensionValue[];
  /** Per hour and process. */
  readonly rates: readonly number[];
  /** Seconds, the middle one. */
  readonly medians: readonly number[];
}

export interface ServiceSplits {
  readonly httpServer: Split;
  readonly rpcServer: Split;
  readonly httpClient: Split;
  readonly rpcClient: Split;
  /** Servers that it has HTTP connections to. */
  readonly peer: Split;
  readonly query: Split;
  /** Addresses of its databases: what its pools connect to. */
  readonly pool: Split;
  readonly sent: Split;
  readonly consumed: Split;
  readonly messaging: Split;
}

/** Only outcomes that come often enough to have been seen. */
const LEAST_SHARE = 0.12;

/** How long an answer takes, relative to a good one. */
const REFUSED = 0.4;
const FAILED = 1.3;
const TIMED_OUT = 8;

/** What one service's points are. errorRate: share of requests that fail. */
export function splitsOf(
  service: Service,
  load: ServiceLoad,
  isIngress: boolean,
  errorRate: number,
): ServiceSplits {
  const processes = Math.max(1, service.instances.length);
  const [httpServer, rpcServer, httpClient, rpcClient, peer, query, pool, sent, consumed, messaging] =
    Array.from({ length: 10 }, () => new SplitBuilder(processes));
  for (const operation of service.operations) {
    const rate = load.operations[operation.index]!;
    const server = operation.protocol === "grpc" ? rpcServer! : httpServer!;
    for (const answer of answersOf(operation, errorRate, false)) {
      server.add(
        { ...serverAttributes(operation, isIngress), ...answer.attributes },
        rate * answer.share,
        seconds(operation) * answer.factor,
      );
    }
  }
  for (const [operation, rate] of load.calls.get(service) ?? []) {
    const client = operation.protocol === "grpc" ? rpcClient! : httpClient!;
    for (const answer of answersOf(operation, errorRate, true)) {
      client.add(
        { ...clientAttributes(operation), ...answer.attributes },
        rate * answer.share,
        seconds(operation) * answer.factor + 0.0008,
      );
    }
    if (operation.protocol === "http") peer!.add(serverOf(operation.service), rate, seconds(operation));
  }
  for (const call of service.externalCalls) {
    const rate = load.externalCalls[call.index]!;
    const server = { "server.address": call.host, "server.port": 443 };
    const attributes = { "http.request.method": call.method, ...server };
    httpClient!.add(
      { ...attributes, "http.response.status_code": 200 },
      rate * (1 - errorRate),
      call.latencyMs / 1000,
    );
    if (errorRate > 0) {
      for (const { code, weight } of seen(EXTERNAL_FAILURES)) {
        const error =
          code === 0
            ? { "error.type": "timeout" }
            : { "http.response.status_code": code, "error.type": `${code}` };
        httpClient!.add(
          { ...attributes, ...error },
          rate * errorRate * weight,
          (call.latencyMs / 1000) * (code === 0 ? TIMED_OUT : FAILED),
        );
      }
    }
    peer!.add(server, rate, call.latencyMs / 1000);
  }
  for (const call of service.databaseCalls) {
    const rate = load.databaseCalls[call.index]!;
    query!.add(queryAttributes(call), rate * (1 - errorRate), call.latencyMs / 1000);
    if (errorRate > 0) {
      const { code, type } = call.system.failure;
      const error = { "error.type": type, "db.response.status_code": code };
      query!.add(
        { ...queryAttributes(call), ...error },
        rate * errorRate,
        (call.latencyMs / 1000) * TIMED_OUT,
      );
    }
    pool!.add(
      { "db.client.connection.pool.name": `${call.address}:${call.system.port}/${call.database}` },
      rate,
      call.latencyMs / 1000,
    );
  }
  for (const topic of service.topics) {
    const rate = load.topics[topic.index]!;
    sent!.add(
      { ...topicAttributes(topic), "messaging.operation.name": "send" },
      rate,
      topic.latencyMs / 1000,
    );
    messaging!.add(
      { ...topicAttributes(topic), "messaging.operation.name": "send", "messaging.operation.type": "send" },
      rate,
      topic.latencyMs / 1000,
    );
  }
  for (const consumer of service.consumers) {
    const rate = load.consumers[consumer.index]!;
    consumed!.add(
      { ...consumerAttributes(consumer), "messaging.operation.name": "process" },
      rate,
      consumer.latencyMs / 1000,
    );
    const receive = {
      "messaging.operation.name": consumer.topic.system === "kafka" ? "poll" : "deliver",
      "messaging.operation.type": "receive",
    };
    messaging!.add({ ...consumerAttributes(consumer), ...receive }, rate, 0.004);
  }
  return {
    httpServer: httpServer!.done(),
    rpcServer: rpcServer!.done(),
    httpClient: httpClient!.done(),
    rpcClient: rpcClient!.done(),
    peer: peer!.done(),
    query: query!.done(),
    pool: pool!.done(),
    sent: sent!.done(),
    consumed: consumed!.done(),
    messaging: messaging!.done(),
  };
}

/** Gathers what has equal attributes into one point. */
class SplitBuilder {
  readonly #processes: number;
  readonly #points = new Map<string, { attributes: Attributes; rate: number; time: number }>();

  constructor(processes: number) {
    this.#processes = processes;
  }

  /** perHour: of all processes. */
  add(attributes: Attributes, perHour: number, median: number): void {
    const key = JSON.stringify(attributes);
    const point = this.#points.get(key) ?? { attributes, rate: 0, time: 0 };
    // What nobody calls is called now and then all the same.
    const rate = Math.max(perHour, 1);
    point.rate += rate;
    point.time += rate * median;
    this.#points.set(key, point);
  }

  done(): Split {
    const points = [...this.#points.values()];
    return {
      values: points.map(({ attributes }) => ({ attributes, weight: 1 })),
      rates: points.map(({ rate }) => rate / this.#processes),
      medians: points.map(({ rate, time }) => time / rate),
    };
  }
}

interface Answer {
  readonly attributes: Attributes;
  readonly share: number;
  /** Of the usual latency. */
  readonly factor: number;
}

/** How an operation ends, as its server or its client counts it: clients call refusals errors too. */
function answersOf(operation: Operation, errorRate: number, isClient: boolean): Answer[] {
  const isRpc = operation.protocol === "grpc";
  const answer = (code: number, share: number, factor: number, isError: boolean): Answer => {
    const error = isRpc ? GRPC_CODES[code]! : `${code}`;
    const status = isRpc ? { "rpc.response.status_code": error } : { "http.response.status_code": code };
    return { attributes: { ...status, ...(isError ? { "error.type": error } : {}) }, share, factor };
  };
  const well = 1 - errorRate;
  return [
    answer(isRpc ? 0 : operation.successCode, well * (1 - REFUSAL_SHARE), 1, false),
    ...seen(refusalsOf(operation)).map(({ code, weight }) =>
      answer(code, well * REFUSAL_SHARE * weight, REFUSED, isClient),
    ),
    ...(errorRate > 0 ? seen(failuresOf(operation)) : []).map(({ code, weight }) =>
      answer(code, errorRate * weight, code === 504 || code === 4 ? TIMED_OUT : FAILED, true),
    ),
  ];
}

const seenOutcomes = new WeakMap<readonly Outcome[], readonly Outcome[]>();

/** The frequent ones of a list, with weights that add up to 1. */
function seen(outcomes: readonly Outcome[]): readonly Outcome[] {
  let frequent = seenOutcomes.get(outcomes);
  if (!frequent) {
    const total = outcomes.reduce((sum, { weight }) => sum + weight, 0);
    const kept = outcomes.filter(({ weight }) => weight / total >= LEAST_SHARE);
    const keptTotal = kept.reduce((sum, { weight }) => sum + weight, 0);
    frequent = kept.map(({ code, weight }) => ({ code, weight: weight / keptTotal }));
    seenOutcomes.set(outcomes, frequent);
  }
  return frequent;
}

const seconds = ({ latencyMs }: Operation): number => latencyMs / 1000;

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

function queryAttributes({ system, statement, address, database, table }: DatabaseCall): Attributes {
  return {
    "db.system.name": system.name,
    "db.namespace": database,
    ...(system.name === "redis" ? {} : { "db.collection.name": table }),
    "db.operation.name": statement.operation,
    "server.address": address,
    "server.port": system.port,
  };
}

function topicAttributes({ system, name, address, port }: Topic): Attributes {
  return {
    "messaging.system": system,
    "messaging.destination.name": name,
    "server.address": address,
    "server.port": port,
  };
}

function consumerAttributes({ topic, group }: Consumer): Attributes {
  return { ...topicAttributes(topic), "messaging.consumer.group.name": group };
}
