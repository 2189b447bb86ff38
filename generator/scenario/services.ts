/**
 * Services: who they are, what they offer, what each request makes them do. All plain data, drawn once per run by
 * `make-services.ts`; every `index` is a place in the list of that name in the scenario.
 */
import type { DatabaseSystem } from "./databases.ts";
import type { Domain, Endpoint } from "./domains.ts";
import type { Pod } from "./infrastructure.ts";
import type { Language, Library } from "./languages.ts";
import type { Statement } from "./statement.ts";

export interface Service {
  readonly index: number;
  readonly name: string;
  readonly namespace: string;
  /** The version that most instances run. */
  readonly version: string;
  readonly language: Language;
  readonly domain: Domain;
  /** How it is called by others. Entrances speak HTTP. */
  readonly protocol: "http" | "grpc";
  readonly port: number;
  readonly instances: readonly ServiceInstance[];
  readonly operations: readonly Operation[];
  /** Those that the outside asks for; none where the service is no entrance. */
  readonly exposed: readonly Operation[];
  readonly databaseCalls: readonly DatabaseCall[];
  readonly steps: readonly Step[];
  readonly externalCalls: readonly ExternalCall[];
  /** Topics that it publishes to. */
  readonly topics: readonly Topic[];
  /** Its workers on topics of others. */
  readonly consumers: readonly Consumer[];
  /** Operations of other services that its recipes call; empty at the far end. */
  readonly calls: readonly Operation[];
  /** Its instrumentation scopes; all that has a span names its scope by the place here. */
  readonly libraries: readonly Library[];
  /** The ones that trace its calls over HTTP and gRPC. */
  readonly clientLibrary: number;
  readonly rpcClientLibrary: number;
}

/** One process of a service. */
export interface ServiceInstance {
  readonly index: number;
  readonly service: Service;
  readonly id: string;
  /** The service's version, or the next one while it is rolled out. */
  readonly version: string;
  readonly pod: Pod;
}

interface OperationCommon {
  readonly index: number;
  readonly service: Service;
  /** What it is about: the service's domain, at an entrance that of a service behind it. */
  readonly domain: Domain;
  readonly endpoint: Endpoint;
  /** Name of its spans. */
  readonly name: string;
  /** Usual latency in ms: about the sum of its work. */
  readonly latencyMs: number;
  readonly library: number;
  /** What it does, in order, 2 to 8 entries. */
  readonly work: readonly Work[];
}

export interface HttpOperation extends OperationCommon {
  readonly protocol: "http";
  readonly method: Endpoint["method"];
  readonly route: string;
  /** The path around its one parameter: [before, after]; a single part has no parameter. */
  readonly pathParts: readonly string[];
  /** Template of the query; empty for none. */
  readonly query: string;
  readonly successCode: number;
}

export interface RpcOperation extends OperationCommon {
  readonly protocol: "grpc";
  /** `shop.orders.v1.OrderService/GetOrder` */
  readonly rpcMethod: string;
}

/** What a service answers: an HTTP endpoint or a gRPC method. */
export type Operation = HttpOperation | RpcOperation;

/** One entry of a recipe. */
export type Work =
  | { readonly kind: "database"; readonly call: DatabaseCall }
  | { readonly kind: "call"; readonly operation: Operation }
  | { readonly kind: "step"; readonly step: Step }
  | { readonly kind: "external"; readonly call: ExternalCall }
  | { readonly kind: "publish"; readonly topic: Topic };

export interface DatabaseCall {
  readonly index: number;
  readonly service: Service;
  readonly system: DatabaseSystem;
  readonly statement: Statement;
  /** `db.query.summary`, the name of its spans. */
  readonly summary: string;
  readonly address: string;
  readonly peer: string;
  readonly database: string;
  /** The (first) table; what keys begin with, for a cache. */
  readonly table: string;
  readonly latencyMs: number;
  readonly library: number;
}

/** A part of a program that has a span of its own. */
export interface Step {
  readonly index: number;
  readonly service: Service;
  readonly name: string;
  readonly functionName: string;
  readonly file: string;
  readonly line: number;
  readonly latencyMs: number;
  readonly library: number;
}

/** A call to a host that is not part of the scenario, so no server span answers. */
export interface ExternalCall {
  readonly index: number;
  readonly service: Service;
  readonly method: "GET" | "POST";
  readonly host: string;
  /** The path, with ID where an id stands. */
  readonly path: string;
  readonly peer: string;
  readonly latencyMs: number;
  readonly library: number;
}

/** A stream of events that one service publishes. */
export interface Topic {
  readonly index: number;
  /** `orders.placed` */
  readonly name: string;
  readonly system: "kafka" | "rabbitmq";
  /** `order.placed` */
  readonly event: string;
  readonly producer: Service;
  /** 1 for RabbitMQ, which has none. */
  readonly partitions: number;
  readonly address: string;
  readonly port: number;
  /** Usual latency of publishing, in ms. */
  readonly latencyMs: number;
  /** Of the producer. */
  readonly library: number;
  readonly consumers: readonly Consumer[];
}

/** A worker that acts on the events of a topic. */
export interface Consumer {
  readonly index: number;
  readonly topic: Topic;
  readonly service: Service;
  /** Consumer group; for RabbitMQ the queue. */
  readonly group: string;
  readonly work: readonly Work[];
  readonly latencyMs: number;
  readonly library: number;
}

/** How a service is called by others: its host name, as `server.address`. */
export function addressOf({ name, namespace }: Service): string {
  return `${name}.${namespace}`;
}

/** Whether traces begin at a service. */
export function isEntrance({ exposed }: Service): boolean {
  return exposed.length > 0;
}
