/** Everything that a service's instruments tell apart: requests, statements, messages. */
import type { Attributes } from "../../attributes.ts";
import { type DatabaseFailure, databaseFailuresOf } from "../../scenario/database-failures.ts";
import type { Consumer, DatabaseCall, Service, Topic } from "../../scenario/services.ts";
import { type RequestSplits, requestSplits } from "./request-splits.ts";
import type { ServiceLoad } from "./service-load.ts";
import { type Split, SplitBuilder } from "./split.ts";

export interface ServiceSplits extends RequestSplits {
  readonly query: Split;
  /** Its connection pools, one for each database. */
  readonly pool: Split;
  readonly sent: Split;
  readonly consumed: Split;
  readonly messaging: Split;
}

/** A statement that fails has mostly waited for something. */
const FAILED = 8;

/** Of the failures of a statement, as many as have been seen in an hour or so. */
const FAILURES_SEEN = 2;

/** How long a consumer is at fetching, seconds. */
const FETCH = 0.004;

/** What one service's points are. errorRate: share of requests, and of statements, that fail. */
export function splitsOf(
  service: Service,
  load: ServiceLoad,
  isIngress: boolean,
  errorRate: number,
): ServiceSplits {
  return {
    ...requestSplits(service, load, isIngress, errorRate),
    ...databaseSplits(service, load, errorRate),
    ...messageSplits(service, load),
  };
}

function databaseSplits(
  service: Service,
  load: ServiceLoad,
  errorRate: number,
): Pick<ServiceSplits, "query" | "pool"> {
  const [query, pool] = [new SplitBuilder(service), new SplitBuilder(service)];
  for (const call of service.databaseCalls) {
    const rate = load.databaseCalls[call.index]!;
    const seconds = call.latencyMs / 1000;
    const attributes = queryAttributes(call);
    query.add(attributes, { perHour: rate * (1 - errorRate), seconds });
    const failures = databaseFailuresOf(call.system.name, call.statement.purpose).slice(0, FAILURES_SEEN);
    const total = failures.reduce((sum, { weight }) => sum + weight, 0);
    for (const { failure, weight } of failures) {
      query.add(
        { ...attributes, ...errorOf(call, failure) },
        { perHour: (rate * errorRate * weight) / total, seconds: seconds * FAILED },
      );
    }
    const name = `${call.address}:${call.system.port}/${call.database}`;
    pool.add({ "db.client.connection.pool.name": name }, { perHour: rate, seconds });
  }
  return { query: query.done(), pool: pool.done() };
}

function messageSplits(
  service: Service,
  load: ServiceLoad,
): Pick<ServiceSplits, "sent" | "consumed" | "messaging"> {
  const [sent, consumed] = [new SplitBuilder(service), new SplitBuilder(service)];
  const messaging = new SplitBuilder(service);
  for (const topic of service.topics) {
    const occurrence = { perHour: load.topics[topic.index]!, seconds: topic.latencyMs / 1000 };
    const attributes = { ...topicAttributes(topic), "messaging.operation.name": "send" };
    sent.add(attributes, occurrence);
    messaging.add({ ...attributes, "messaging.operation.type": "send" }, occurrence);
  }
  for (const consumer of service.consumers) {
    const perHour = load.consumers[consumer.index]!;
    const attributes = consumerAttributes(consumer);
    const fetch = consumer.topic.system === "kafka" ? "poll" : "deliver";
    consumed.add(
      { ...attributes, "messaging.operation.name": "process" },
      { perHour, seconds: consumer.latencyMs / 1000 },
    );
    messaging.add(
      { ...attributes, "messaging.operation.name": fetch, "messaging.operation.type": "receive" },
      { perHour, seconds: FETCH },
    );
  }
  return { sent: sent.done(), consumed: consumed.done(), messaging: messaging.done() };
}

/** What the span of a failed statement says of it too. */
function errorOf({ service, system }: DatabaseCall, failure: DatabaseFailure): Attributes {
  const { code } = failure;
  if (code) return { "error.type": code, "db.response.status_code": code };
  return { "error.type": service.language.databaseError(system.name, failure).type };
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
