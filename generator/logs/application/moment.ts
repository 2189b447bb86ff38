/**
 * What an application record is about, and the places that its message can have.
 *
 * Each place has a text, and the attribute that a structured logger gives it. A key has one type everywhere.
 */

import { GRPC_CODES } from "../../../otlp/grpc-codes.ts";
import type { Random } from "../../random.ts";
import type { Domain } from "../../scenario/domains.ts";
import * as facts from "../../scenario/request-facts.ts";
import { returnedRows } from "../../scenario/returned-rows.ts";
import {
  addressOf,
  type Consumer,
  type DatabaseCall,
  type ExternalCall,
  type HttpOperation,
  type Operation,
  type Service,
  type ServiceInstance,
  type Step,
  type Topic,
} from "../../scenario/services.ts";
import { hashOf, placeholderValue } from "../../scenario/wording.ts";
import type { SampledSpan } from "../../span-sample.ts";

/** Objects are used again: valid until the next record. Only what the span's role has is set. */
export interface Moment {
  instance: ServiceInstance;
  domain: Domain;
  /** What varies from record to record: for a record of a span, that of the span. */
  word: number;
  /** Bits of the whole trace: the user. */
  traceWord: number;
  /** Why what it tells of failed, where an exception says so. */
  reason: string | undefined;
  span: SampledSpan | undefined;
  operation: Operation | undefined;
  /** The operation, if it speaks HTTP. */
  http: HttpOperation | undefined;
  external: ExternalCall | undefined;
  database: DatabaseCall | undefined;
  step: Step | undefined;
  topic: Topic | undefined;
  consumer: Consumer | undefined;
}

/** What keys of the programs' own begin with: nothing of the conventions is called so, nor any other key of ours. */
export const OWN_PREFIX = "shop.";

/** How a value is written as an attribute. */
export type Kind = "text" | "integer" | "double";

export interface Place {
  readonly value: (random: Random, moment: Moment) => string;
  /** The attribute's key, which a domain may be part of; empty for none. */
  readonly key: (domain: Domain) => string;
  readonly kind: Kind;
}

const place = (key: string, kind: Kind, value: (moment: Moment, random: Random) => string): Place => ({
  key: () => key,
  kind,
  value: (random, moment) => value(moment, random),
});

/** As many as one would print. Not by toFixed, which takes several times as long. */
function digits(ms: number): string {
  if (ms >= 99.95) return String(Math.round(ms));
  if (ms >= 9.995) {
    const tenths = Math.round(ms * 10);
    const rest = tenths % 10;
    return `${(tenths - rest) / 10}.${rest}`;
  }
  const hundredths = Math.round(ms * 100);
  const rest = hundredths % 100;
  return `${(hundredths - rest) / 100}.${rest < 10 ? "0" : ""}${rest}`;
}

/** How long the span took, in ms. */
const milliseconds = ({ span }: Moment): string => {
  return digits((span?.durationNs ?? 0) / 1e6);
};
/** What a part of the work took: never longer than the span, where the record has one. */
function elapsed({ domain, word, span }: Moment): string {
  const ms = placeholderValue("ms", domain, word)!;
  return span ? String(Math.min(Number(ms), Math.max(1, Math.floor(span.durationNs / 1e6)))) : ms;
}

/** What the work of a span usually takes, in ms. */
export function usualMsOf({ operation, external, database, step, topic, consumer }: Moment): number {
  return (operation ?? external ?? database ?? step ?? consumer ?? topic)?.latencyMs ?? 0;
}

const statusOf = ({ span }: Moment): string => String(span?.statusCode ?? 0);
const pathOf = (moment: Moment): string => facts.pathOf(moment.http!, moment.word);

/** Places that tell what a span shows. */
const SPAN_PLACES: Readonly<Record<string, Place>> = {
  took: place("shop.duration_ms", "double", milliseconds),
  usual: place("", "text", (moment) => digits(usualMsOf(moment))),
  method: place("http.request.method", "text", ({ http, external }) => (http ?? external)!.method),
  path: place("url.path", "text", pathOf),
  route: place("http.route", "text", ({ http }) => http!.route),
  status: place("http.response.status_code", "integer", statusOf),
  verb: place("", "text", ({ operation }) => operation!.endpoint.verb),
  rpc: place("rpc.method", "text", ({ operation }) =>
    operation!.protocol === "grpc" ? operation!.rpcMethod : operation!.name,
  ),
  grpcCode: place(
    "rpc.response.status_code",
    "text",
    ({ span }) => GRPC_CODES[span?.statusCode ?? 0] ?? "UNKNOWN",
  ),
  callee: place("server.address", "text", ({ operation }) => addressOf(operation!.service)),
  port: place("server.port", "integer", ({ operation }) => String(operation!.service.port)),
  target: place("service.peer.name", "text", ({ operation }) => operation!.service.name),
  outside: place("server.address", "text", ({ external }) => external!.host),
  system: place("db.system.name", "text", ({ database }) => database!.system.name),
  summary: place("db.query.summary", "text", ({ database }) => database!.summary),
  statement: place("db.query.text", "text", ({ database }) => database!.statement.text),
  table: place("db.collection.name", "text", ({ database }) => database!.table),
  rows: place("db.response.returned_rows", "integer", ({ database, word }) =>
    String(returnedRows(database!, word)),
  ),
  server: place("server.address", "text", ({ database }) => database!.address),
  stepName: place("", "text", ({ step }) => step!.name),
  topicName: place("messaging.destination.name", "text", ({ topic }) => topic!.name),
  event: place("shop.event.type", "text", ({ topic }) => topic!.event),
  broker: place("messaging.system", "text", ({ topic }) => topic!.system),
  settled: place("", "text", ({ topic }) =>
    topic!.system === "kafka" ? "offset committed" : "message acknowledged",
  ),
  group: place("messaging.consumer.group.name", "text", ({ consumer }) => consumer!.group),
};

/** Places that tell of the process itself. */
const PROCESS_PLACES: Readonly<Record<string, Place>> = {
  service: place("", "text", ({ instance }) => instance.service.name),
  release: place("", "text", ({ instance }) => instance.version),
  listen: place("", "text", ({ instance }) => String(instance.service.port)),
  pod: place("", "text", ({ instance }) => instance.pod.name),
  podIp: place("", "text", ({ instance }) => instance.pod.ip),
  namespaceName: place("", "text", ({ instance }) => instance.service.namespace),
  runtime: place("", "text", ({ instance }) => instance.service.language.runtime.version),
  heapMib: place("", "text", ({ instance }) => String(heapMib(instance))),
  store: place("", "text", ({ instance, word }) => storeOf(instance, word)),
  collection: place("", "text", ({ domain }) => domain.collection),
  entity: place("", "text", ({ domain }) => domain.entity),
  schema: place("", "text", ({ instance }) => String(41 + (hashOf(instance.service.name) % 170))),
  driver: place("", "text", ({ instance }) => driverOf(instance.service)),
  className: place("", "text", ({ instance }) => pascal(instance.service.name)),
};

/** Attributes of the domains' own places, by name: what a structured logger calls them. */
const DOMAIN_KEYS: Readonly<Record<string, readonly [key: string, kind: Kind]>> = {
  n: ["shop.item.count", "integer"],
  count: ["shop.total.count", "integer"],
  attempt: ["shop.retry.attempt", "integer"],
  slowMs: ["shop.elapsed_ms", "integer"],
  jobMs: ["shop.elapsed_ms", "integer"],
  bytes: ["shop.content.bytes", "integer"],
  percent: ["shop.usage.percent", "integer"],
  amount: ["shop.money.amount", "double"],
  amount2: ["shop.money.expected_amount", "double"],
  currency: ["shop.money.currency", "text"],
  country: ["shop.country.code", "text"],
  place: ["shop.site.code", "text"],
  plan: ["shop.plan.name", "text"],
  rating: ["shop.review.rating", "integer"],
  lang: ["shop.language.code", "text"],
  wish: ["shop.cancellation.reason", "text"],
  decline: ["shop.decline.code", "text"],
  q: ["shop.search.query", "text"],
  term: ["shop.search.query", "text"],
  page: ["shop.page.number", "integer"],
  sku: ["shop.product.sku", "text"],
  order: ["shop.order.id", "text"],
  session: ["shop.session.id", "text"],
  host: ["shop.upstream.address", "text"],
  version: ["shop.release.version", "text"],
  state: ["shop.entity.state", "text"],
  state2: ["shop.entity.next_state", "text"],
};

/** The place of this name. Throws when there is none: a table of messages is wrong then. */
export function placeOf(name: string): Place {
  const found = SPAN_PLACES[name] ?? PROCESS_PLACES[name];
  if (found) return found;
  if (name === "user")
    return place("user.id", "text", ({ traceWord }) => facts.userId(facts.userOf(traceWord)));
  if (name === "id") {
    return {
      key: ({ entity }) => `${OWN_PREFIX}${entity}.id`,
      kind: "text",
      value: (_, { domain, word }) => placeholderValue("id", domain, word)!,
    };
  }
  if (name === "ms") return place("shop.elapsed_ms", "integer", elapsed);
  if (name === "reason") {
    return place("shop.failure.reason", "text", ({ domain, word, reason }) =>
      reason ? reason.split("\n")[0]! : placeholderValue("reason", domain, word)!,
    );
  }
  const [key, kind] = DOMAIN_KEYS[name] ?? [];
  if (!key || !kind) throw new Error(`no message has a place called {${name}}`);
  return place(key, kind, ({ domain, word }) => placeholderValue(name, domain, word) ?? "");
}

const pascal = (text: string): string =>
  text.replace(/(?:^|[-_.])(\w)/g, (_, letter: string) => letter.toUpperCase());

/** Class of the connections to the database of a Java service. */
function driverOf({ databaseCalls }: Service): string {
  return databaseCalls[0]?.system.name === "mysql"
    ? "com.mysql.cj.jdbc.ConnectionImpl"
    : "org.postgresql.jdbc.PgConnection";
}

function heapMib({ pod }: ServiceInstance): number {
  return (pod.deployment.containers[0]!.memoryLimitBytes * 3) / 4 / 2 ** 20;
}

function storeOf({ service: { databaseCalls, name, namespace } }: ServiceInstance, word: number): string {
  if (databaseCalls.length === 0) return `${name}.${namespace}:8080`;
  const { address, system } = databaseCalls[word % databaseCalls.length]!;
  return `${address}:${system.port}`;
}
