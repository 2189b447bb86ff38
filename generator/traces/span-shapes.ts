/**
 * What all spans of an operation, a statement, a step or a topic have in common, encoded once: name, kind, and the
 * attributes that never change.
 *
 * Source: semantic-conventions v1.44.0, docs/http, docs/db, docs/rpc, docs/messaging.
 */
import { ProtoWriter } from "../../otlp/message/writer.ts";
import type { Attributes } from "../attribute-value.ts";
import { encodeAttributes } from "../attributes.ts";
import { FirstUse } from "../first-use.ts";
import { PUBLIC_HOST } from "../scenario/request-facts.ts";
import type { Scenario } from "../scenario/scenario.ts";
import {
  addressOf,
  type Consumer,
  type DatabaseCall,
  type ExternalCall,
  isEntrance,
  type Operation,
  type Step,
  type Topic,
} from "../scenario/services.ts";
import { namingOf, type Semconv } from "../semconv/naming.ts";
import type { Place } from "../semconv/old-forms.ts";
import { CLIENT, CONSUMER, DATABASE, EXTERNAL, PRODUCER, SERVER, STEP } from "../span-role.ts";
import type { WalkedSpan } from "./walked-span.ts";

/** The field of attributes in a span. */
export const SPAN_ATTRIBUTES = 9;

const KIND = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const;

/** Name and kind, and attributes, as encoded fields of a span. */
export interface Shape {
  readonly head: Uint8Array;
  readonly attributes: Uint8Array;
}

export class SpanShapes {
  readonly #semconv: Semconv;
  readonly #servers: FirstUse<Operation, Shape>;
  readonly #clients: FirstUse<Operation, Shape>;
  readonly #externals: FirstUse<ExternalCall, Shape>;
  readonly #databases: FirstUse<DatabaseCall, Shape>;
  readonly #steps: FirstUse<Step, Shape>;
  readonly #producers: FirstUse<Topic, Shape>;
  readonly #consumers: FirstUse<Consumer, Shape>;

  constructor(semconv: Semconv, scenario: Scenario) {
    this.#semconv = semconv;
    this.#servers = new FirstUse(scenario.operations, (operation) => this.#server(operation));
    this.#clients = new FirstUse(scenario.operations, (operation) => this.#client(operation));
    this.#externals = new FirstUse(scenario.externalCalls, (call) => this.#external(call));
    this.#databases = new FirstUse(scenario.databaseCalls, (call) => this.#database(call));
    this.#steps = new FirstUse(scenario.steps, (step) => this.#step(step));
    this.#producers = new FirstUse(scenario.topics, (topic) => this.#producer(topic));
    this.#consumers = new FirstUse(scenario.consumers, (consumer) => this.#consumer(consumer));
  }

  of(span: WalkedSpan): Shape {
    switch (span.role) {
      case SERVER:
        return this.#servers.of(span.operation!);
      case CLIENT:
        return this.#clients.of(span.operation!);
      case EXTERNAL:
        return this.#externals.of(span.external!);
      case DATABASE:
        return this.#databases.of(span.database!);
      case STEP:
        return this.#steps.of(span.step!);
      case PRODUCER:
        return this.#producers.of(span.topic!);
      case CONSUMER:
        return this.#consumers.of(span.consumer!);
    }
  }

  #server(operation: Operation): Shape {
    const { service, name } = operation;
    const fromOutside = isEntrance(service);
    const whereabouts = {
      "server.address": fromOutside ? PUBLIC_HOST : addressOf(service),
      "server.port": fromOutside ? 443 : service.port,
    };
    if (operation.protocol === "grpc") {
      return this.#shape(name, KIND.server, "server", {
        "rpc.system.name": "grpc",
        "rpc.method": operation.rpcMethod,
        ...whereabouts,
      });
    }
    return this.#shape(name, KIND.server, "server", {
      "http.request.method": operation.method,
      "http.route": operation.route,
      "url.scheme": fromOutside ? "https" : "http",
      ...whereabouts,
      "network.protocol.version": fromOutside ? "2" : "1.1",
    });
  }

  #client(operation: Operation): Shape {
    const { service, name } = operation;
    const whereabouts = { "server.address": addressOf(service), "server.port": service.port };
    if (operation.protocol === "grpc") {
      return this.#shape(name, KIND.client, "client", {
        "rpc.system.name": "grpc",
        "rpc.method": operation.rpcMethod,
        ...whereabouts,
      });
    }
    return this.#shape(name, KIND.client, "client", {
      "http.request.method": operation.method,
      "url.template": operation.route,
      ...whereabouts,
      "network.protocol.version": "1.1",
    });
  }

  #external({ method, host, peer }: ExternalCall): Shape {
    return this.#shape(method, KIND.client, "client", {
      "http.request.method": method,
      "server.address": host,
      "server.port": 443,
      "network.protocol.version": "2",
      "network.peer.address": peer,
      "network.peer.port": 443,
    });
  }

  #database({ system, statement, summary, database, table, address, peer }: DatabaseCall): Shape {
    const isCache = system.name === "redis";
    const oldName = isCache ? statement.operation : `${statement.operation} ${database}.${table}`;
    return this.#shape(this.#semconv === "old" ? oldName : summary, KIND.client, placeOf(system.name), {
      "db.system.name": system.name,
      "db.namespace": database,
      ...(isCache ? {} : { "db.collection.name": table }),
      "db.operation.name": statement.operation,
      "db.query.text": statement.text,
      "db.query.summary": summary,
      "server.address": address,
      // The port is the system's own, which the conventions leave out; drivers of SQL do not say whom they are connected to.
      ...(placeOf(system.name) === "sql"
        ? {}
        : { "network.peer.address": peer, "network.peer.port": system.port }),
    });
  }

  #step({ name, functionName }: Step): Shape {
    return this.#shape(name, KIND.internal, "client", { "code.function.name": functionName });
  }

  #producer({ name, system, address, port, event }: Topic): Shape {
    return this.#shape(this.#semconv === "old" ? `${name} publish` : `send ${name}`, KIND.producer, system, {
      "messaging.system": system,
      "messaging.destination.name": name,
      "messaging.operation.name": "send",
      "messaging.operation.type": "send",
      ...(system === "rabbitmq" ? { "messaging.rabbitmq.destination.routing_key": event } : {}),
      "server.address": address,
      "server.port": port,
    });
  }

  #consumer({ topic, group }: Consumer): Shape {
    const { name, system, address, port, event } = topic;
    return this.#shape(
      this.#semconv === "old" ? `${name} process` : `process ${name}`,
      KIND.consumer,
      system,
      {
        "messaging.system": system,
        "messaging.destination.name": name,
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        ...(system === "kafka"
          ? { "messaging.consumer.group.name": group }
          : { "messaging.rabbitmq.destination.routing_key": event }),
        "server.address": address,
        "server.port": port,
      },
    );
  }

  #shape(name: string, kind: number, place: Place, attributes: Attributes): Shape {
    const writer = new ProtoWriter(64);
    writer.string(5, name);
    writer.varint(6, kind);
    return {
      head: writer.finish().slice(),
      attributes: encodeAttributes(SPAN_ATTRIBUTES, attributes, namingOf(this.#semconv, place)),
    };
  }
}

/** Where the old conventions put what they had a name for in this system alone. */
export function placeOf(system: DatabaseCall["system"]["name"]): Place {
  if (system === "mongodb" || system === "redis") return system;
  return system === "elasticsearch" ? "client" : "sql";
}
