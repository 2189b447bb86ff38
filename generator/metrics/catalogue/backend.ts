/**
 * What databases and brokers report about themselves, through the Collector's postgresql, redis and kafka_metrics receivers.
 *
 * Source: opentelemetry-collector-contrib, receiver/{postgresql,redis,kafkametrics}receiver/metadata.yaml.
 */
import {
  by,
  constant,
  DATABASE_BOUNDS,
  type MetricDefinition,
  metricsOf,
  perHour,
  ratio,
  storage,
  traffic,
  whole,
} from "../definition.ts";
import { contribScope } from "./scopes.ts";

const postgres = metricsOf({
  type: "database",
  carrier: "database",
  scope: contribScope("postgresqlreceiver"),
  only: "database:postgresql",
});
const redis = metricsOf({
  type: "database",
  carrier: "database",
  scope: contribScope("redisreceiver"),
  only: "database:redis",
});
const kafka = metricsOf({
  type: "messaging",
  carrier: "broker",
  scope: contribScope("kafkametricsreceiver"),
});
const broker = metricsOf({ type: "messaging", carrier: "broker", scope: contribScope("jmxreceiver") });

const TABLES = by("table", { orders: 1, customers: 0.6, products: 0.8, payments: 0.5, shipments: 0.3 });
const TOPICS = by("topic", { orders: 1, payments: 0.6, shipments: 0.4, notifications: 0.8 });
const TOPIC_NAMES = by("topic", ["orders", "payments", "shipments", "notifications"]);
const PARTITIONS = by("partition", ["0", "1", "2", "3", "4", "5"]);

// biome-ignore format: one metric a line
export const DATABASE_SERVER_METRICS: readonly MetricDefinition[] = [
  postgres.upDown("postgresql.backends", "1", whole(4, 90), "The number of backends."),
  postgres.counter("postgresql.commits", "1", whole(2e4, 4e6), "The number of commits."),
  postgres.counter("postgresql.rollbacks", "1", whole(10, 9000), "The number of rollbacks."),
  postgres.upDown("postgresql.db_size", "By", storage(2e9, 2e11, { spread: 0.01 }), "The database disk usage."),
  postgres.counter("postgresql.operations", "1", whole(1e4, 9e5), "The number of db row operations.", TABLES, by("operation", { ins: 1, upd: 0.7, del: 0.1, hot_upd: 0.4 })),
  postgres.upDown("postgresql.rows", "1", whole(2e4, 9e7, { spread: 0.02 }), "The number of rows in the database.", TABLES, by("state", { live: 1, dead: 0.05 })),
  postgres.counter("postgresql.blocks_read", "1", whole(1e4, 9e6), "The number of blocks read.", TABLES, by("source", { heap_read: 0.1, heap_hit: 1, idx_read: 0.05, idx_hit: 1.2 })),
  postgres.gauge("postgresql.wal.lag", "s", constant(0), "Time between flushing recent WAL locally and receiving notification that the standby server has completed an operation with it.", by("operation", ["flush", "replay", "write"])),
  redis.gauge("redis.memory.used", "By", storage(5e7, 4e9), "Total number of bytes allocated by Redis using its allocator."),
  redis.counter("redis.keyspace.hits", "{hit}", whole(1e5, 9e7), "Number of successful lookup of keys in the main dictionary."),
  redis.counter("redis.keyspace.misses", "{miss}", whole(1e3, 9e5), "Number of failed lookup of keys in the main dictionary."),
  redis.counter("redis.net.input", "By", traffic(1e8, 9e9), "The total number of bytes read from the network."),
  redis.upDown("redis.clients.connected", "{client}", whole(3, 200), "Number of client connections (excluding connections from replicas)."),
];

// biome-ignore format: one metric a line
export const MESSAGING_SERVER_METRICS: readonly MetricDefinition[] = [
  broker.gauge("kafka.request.handler.idle_ratio", "1", ratio(0.6, 0.98), "Share of the time that request handler threads are idle."),
  broker.exponential("kafka.request.duration", "s", { scale: 3, offset: -76, rate: perHour(5000, 60_000) }, "Duration of requests to the broker.", by("type", { Produce: 1, Fetch: 1, Metadata: 0.1 })),
  kafka.gauge("kafka.partition.current_offset", "1", whole(1e5, 9e8, { spread: 0.001 }), "Current offset of partition of topic.", TOPICS, PARTITIONS),
  kafka.gauge("kafka.consumer_group.lag", "1", whole(0, 400), "Current approximate lag of consumer group at partition of topic.", by("group", ["billing", "fulfilment", "search-index"]), TOPICS, PARTITIONS),
  kafka.upDown("kafka.topic.partitions", "{partition}", constant(6), "Number of partitions in topic.", TOPIC_NAMES),
  kafka.gauge("kafka.partition.replicas_in_sync", "{replica}", constant(3), "Number of synchronized replicas of partition.", TOPIC_NAMES, PARTITIONS),
  broker.counter("kafka.network.io", "By", traffic(1e8, 2e10), "The bytes received or sent by the broker.", by("state", { in: 1, out: 1.8 })),
  broker.counter("kafka.message.count", "{message}", whole(1e5, 9e7), "The number of messages received by the broker."),
  broker.histogram("kafka.log.flush.duration", "s", { bounds: DATABASE_BOUNDS, firstLive: 0, rate: perHour(700, 6000) }, "Duration of log flushes."),
];
