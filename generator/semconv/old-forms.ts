/**
 * Names and values that attributes had before the conventions for HTTP, databases, RPC, messaging and code were
 * settled.
 *
 * Source: semantic-conventions v1.44.0, docs/non-normative/http-migration.md, db-migration.md, rpc-migration.md and
 * the deprecated entries of the registry.
 */

import { GRPC_CODES } from "../../otlp/grpc-codes.ts";
import type { AttributeValue } from "../attribute-value.ts";

/** What a span is about, as far as old names differ by it. */
export type Place = "server" | "client" | "sql" | "mongodb" | "redis" | "kafka" | "rabbitmq";

/** One attribute that goes out for another: its name, and its value where that is another one too. */
export interface Rendering {
  readonly name: string;
  /** The value that it has under this name, undefined for none; absent: the same. */
  readonly render?: (value: AttributeValue) => AttributeValue | undefined;
}

/** One name, a name with another value, or several attributes in place of one. Empty text: there was nothing like it. */
export type OldForm = string | Rendering | readonly Rendering[];

const text = (change: (value: string) => AttributeValue | undefined) => (value: AttributeValue) =>
  change(String(value));

/** Old values of `db.system.name` that differ from the stable ones. */
const OLD_SYSTEMS: Readonly<Record<string, string>> = {
  "microsoft.sql_server": "mssql",
  "oracle.db": "oracle",
  "aws.dynamodb": "dynamodb",
  "azure.cosmosdb": "cosmosdb",
  "aws.redshift": "redshift",
  "gcp.spanner": "spanner",
};

const OLD_OPERATIONS: Readonly<Record<string, string>> = { send: "publish", create: "create" };

/** Old forms wherever the attribute stands. */
export const OLD_FORMS: Readonly<Record<string, OldForm>> = {
  "http.request.method": "http.method",
  "http.response.status_code": "http.status_code",
  "http.request.body.size": "http.request_content_length_uncompressed",
  "http.response.body.size": "http.response_content_length_uncompressed",
  "http.request.resend_count": "http.resend_count",
  "url.full": "http.url",
  "url.scheme": "http.scheme",
  "url.path": "",
  "url.query": "",
  "url.template": "",
  "user_agent.original": "http.user_agent",
  "client.address": "http.client_ip",
  "network.protocol.version": {
    name: "http.flavor",
    render: text((version) => (version.includes(".") ? version : `${version}.0`)),
  },
  "network.peer.address": "net.sock.peer.addr",
  "network.peer.port": "net.sock.peer.port",
  "server.address": "net.peer.name",
  "server.port": "net.peer.port",
  "db.system.name": { name: "db.system", render: text((system) => OLD_SYSTEMS[system] ?? system) },
  "db.namespace": "db.name",
  "db.collection.name": "",
  "db.operation.name": "db.operation",
  "db.operation.batch.size": "",
  "db.query.text": "db.statement",
  "db.query.summary": "",
  "db.response.status_code": "",
  "db.response.returned_rows": "",
  "error.type": "",
  "rpc.system.name": "rpc.system",
  "rpc.method": [
    { name: "rpc.service", render: text((method) => method.slice(0, method.lastIndexOf("/"))) },
    { name: "rpc.method", render: text((method) => method.slice(method.lastIndexOf("/") + 1)) },
  ],
  "rpc.response.status_code": {
    name: "rpc.grpc.status_code",
    render: text((code) => (GRPC_CODES as readonly string[]).indexOf(code)),
  },
  "messaging.operation.name": "",
  "messaging.operation.type": {
    name: "messaging.operation",
    render: text((operation) => OLD_OPERATIONS[operation] ?? operation),
  },
  "messaging.client.id": "messaging.client_id",
  "messaging.consumer.group.name": "",
  "messaging.destination.partition.id": "",
  "messaging.kafka.offset": "messaging.kafka.message.offset",
  "code.function.name": [
    { name: "code.namespace", render: text((path) => splitFunction(path)[0]) },
    { name: "code.function", render: text((path) => splitFunction(path)[1]) },
  ],
  "code.file.path": "code.filepath",
  "code.line.number": "code.lineno",
  "service.peer.name": "peer.service",
};

/** Old forms that hold in one place only. */
export const OLD_FORMS_BY_PLACE: Readonly<Partial<Record<Place, Readonly<Record<string, OldForm>>>>> = {
  server: { "server.address": "net.host.name", "server.port": "net.host.port" },
  sql: { "db.collection.name": "db.sql.table" },
  mongodb: { "db.collection.name": "db.mongodb.collection" },
  redis: { "db.namespace": { name: "db.redis.database_index", render: text(Number) } },
  kafka: {
    "messaging.consumer.group.name": "messaging.kafka.consumer.group",
    "messaging.destination.partition.id": {
      name: "messaging.kafka.destination.partition",
      render: text(Number),
    },
  },
};

/** Where a function is, if that is said, and what it is called. */
function splitFunction(path: string): [string | undefined, string] {
  const [, home, name] = /^(.*?)(?:\.|::|#)?([^.:#]+)$/.exec(path) ?? ["", "", path];
  return [home || undefined, name!];
}
