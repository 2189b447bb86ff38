import { describe, expect, test } from "vitest";
import type { Attributes } from "../attribute-value.ts";
import { namingOf, OLD_TARGET, type Semconv } from "./naming.ts";
import type { Place } from "./old-forms.ts";

function rendered(semconv: Semconv, place: Place, attributes: Attributes): Attributes {
  const naming = namingOf(semconv, place);
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]) =>
      naming(name)
        .map((form) => [form.name, form.render ? form.render(value) : value] as const)
        .filter(([, rendered]) => rendered !== undefined),
    ),
  ) as Attributes;
}

const ROWS: [string, Place, Attributes, Attributes][] = [
  [
    "an HTTP server",
    "server",
    { "http.request.method": "GET", "server.address": "a", "url.path": "/a", [OLD_TARGET]: "/a?b" },
    { "http.method": "GET", "net.host.name": "a", [OLD_TARGET]: "/a?b" },
  ],
  [
    "an HTTP client",
    "client",
    { "url.full": "http://a/", "server.port": 80, "network.protocol.version": "2", "error.type": "500" },
    { "http.url": "http://a/", "net.peer.port": 80, "http.flavor": "2.0" },
  ],
  [
    "an rpc",
    "client",
    { "rpc.system.name": "grpc", "rpc.method": "a.b.C/Do", "rpc.response.status_code": "NOT_FOUND" },
    { "rpc.system": "grpc", "rpc.service": "a.b.C", "rpc.method": "Do", "rpc.grpc.status_code": 5 },
  ],
  [
    "a SQL statement",
    "sql",
    { "db.system.name": "microsoft.sql_server", "db.namespace": "shop", "db.collection.name": "orders" },
    { "db.system": "mssql", "db.name": "shop", "db.sql.table": "orders" },
  ],
  [
    "a redis command",
    "redis",
    { "db.system.name": "redis", "db.namespace": "3" },
    { "db.system": "redis", "db.redis.database_index": 3 },
  ],
  [
    "a message",
    "kafka",
    {
      "messaging.operation.name": "send",
      "messaging.operation.type": "send",
      "messaging.destination.partition.id": "7",
      "messaging.destination.name": "orders",
    },
    {
      "messaging.operation": "publish",
      "messaging.kafka.destination.partition": 7,
      "messaging.destination.name": "orders",
    },
  ],
  [
    "a function",
    "client",
    { "code.function.name": "com.example.Cart.add" },
    { "code.namespace": "com.example.Cart", "code.function": "add" },
  ],
  [
    "a function of Rust's",
    "client",
    { "code.function.name": "shop::cart::add" },
    { "code.namespace": "shop::cart", "code.function": "add" },
  ],
  [
    "a function without a home",
    "client",
    { "code.function.name": "addItem" },
    { "code.function": "addItem" },
  ],
];

describe.each(ROWS)("%s", (_name, place, stable, old) => {
  test("has its old names and values when asked for the old conventions", () => {
    expect(rendered("old", place, stable)).toEqual(old);
  });

  test("has both when asked for both, the stable meaning where a name has two", () => {
    const { [OLD_TARGET]: target, ...current } = stable;
    expect(rendered("dup", place, stable)).toEqual({ ...old, ...current });
    expect(target === undefined || old[OLD_TARGET] === target).toBe(true);
  });

  test("has its stable names alone when asked for these", () => {
    const { [OLD_TARGET]: _target, ...current } = stable;
    expect(rendered("stable", place, stable)).toEqual(current);
  });
});

test("an attribute that the conventions do not rename keeps its name, and a name both use goes out once", () => {
  expect(namingOf("dup", "client")("user.id")).toEqual([{ name: "user.id" }]);
  expect(namingOf("dup", "client")("rpc.method").map(({ name }) => name)).toEqual([
    "rpc.method",
    "rpc.service",
  ]);
});
