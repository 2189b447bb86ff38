/**
 * Databases, as their clients see them and as they see themselves through the Collector's postgresql, mysql, mongodb and
 * redis receivers.
 *
 * Sources: OpenTelemetry semantic conventions 1.44.0, database-metrics.md; opentelemetry-collector-contrib,
 * receiver/{postgresql,mysql,mongodb,redis}receiver/metadata.yaml.
 */
import { DATABASE_BOUNDS } from "../bounds.ts";
import type { DatabaseVitals } from "../carriers/backends.ts";
import type { MetricDefinition } from "../definition.ts";
import { by } from "../dimension.ts";
import { metricsOf } from "../metrics-of.ts";
import { constant, still, storage, traffic, whole } from "../number-shape.ts";
import { byLibrary, contribScope } from "./scopes.ts";

const client = byLibrary("database", "database");
const server = (receiver: string, system: string) =>
  metricsOf<DatabaseVitals>({
    type: "database",
    carrier: "database",
    scope: contribScope(receiver),
    only: `database:${system}`,
  });
const postgres = server("postgresqlreceiver", "postgresql");
const mysql = server("mysqlreceiver", "mysql");
const mongo = server("mongodbreceiver", "mongodb");
const redis = server("redisreceiver", "redis");

const all = ({ reads, writes }: DatabaseVitals): number => reads + writes;

// biome-ignore format: one metric a line
export const DATABASE_METRICS: readonly MetricDefinition[] = [
  client.histogram("db.client.operation.duration", "s", { bounds: DATABASE_BOUNDS, rate: ({ query }) => query.rates, median: ({ query }) => query.medians }, "Duration of database client operations.", "query"),
  client.upDown("db.client.connection.count", "{connection}", whole([4, 20], { spread: 0.25 }), "The number of connections that are currently in state described by the `state` attribute.", "pool", by("db.client.connection.state", { idle: 0.7, used: 0.3 })),
  client.exponential("db.client.connection.wait_time", "s", { rate: ({ pool }) => pool.rates, median: [0.0011, 0.002] }, "The time it took to obtain an open connection from the pool.", "pool"),
  client.counter("db.client.connection.timeouts", "{timeout}", whole([0, 6]), "The number of connection timeouts that have occurred trying to obtain a connection from the pool.", "pool"),
  redis.gauge("redis.memory.used", "By", storage([5e7, 2e9]), "Total number of bytes allocated by Redis using its allocator"),
  client.histogram("db.client.connection.use_time", "s", { bounds: DATABASE_BOUNDS, rate: ({ pool }) => pool.rates, median: ({ pool }) => pool.medians.map((median) => median * 1.4) }, "The time between borrowing a connection and returning it to the pool.", "pool"),
  client.histogram("db.client.connection.create_time", "s", { bounds: DATABASE_BOUNDS, rate: ({ pool }) => pool.rates.map((rate) => rate / 400), median: [0.006, 0.03] }, "The time it took to create a new connection.", "pool"),
  client.histogram("db.client.response.returned_rows", "{row}", { bounds: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000], rate: ({ query }) => query.rates, median: [1.2, 14], steepness: 2 }, "The actual number of records returned by the database operation.", "query"),
  client.upDown("db.client.connection.max", "{connection}", constant(20), "The maximum number of open connections allowed.", "pool"),
  client.upDown("db.client.connection.idle.max", "{connection}", constant(20), "The maximum number of idle open connections allowed.", "pool"),
  client.upDown("db.client.connection.idle.min", "{connection}", constant(2), "The minimum number of idle open connections allowed.", "pool"),
  client.upDown("db.client.connection.pending_requests", "{request}", whole([0, 2], { spread: 1 }), "The number of current pending requests for an open connection.", "pool"),
  postgres.upDown("postgresql.backends", "1", whole(({ connections }) => connections), "The number of backends."),
  postgres.upDown("postgresql.connection.max", "{connections}", still(({ maxConnections }) => maxConnections), "Configured maximum number of client connections allowed"),
  postgres.counter("postgresql.commits", "1", whole((load) => all(load) * 0.8), "The number of commits."),
  postgres.counter("postgresql.rollbacks", "1", whole((load) => all(load) * 0.004), "The number of rollbacks."),
  postgres.upDown("postgresql.db_size", "By", storage(({ size }) => size, { spread: 0.001 }), "The database disk usage."),
  postgres.counter("postgresql.operations", "1", whole(({ writes }) => writes), "The number of db row operations.", "table", by("operation", { ins: 0.3, upd: 0.35, del: 0.03, hot_upd: 0.22 })),
  postgres.upDown("postgresql.rows", "1", whole([4e5, 4e7], { spread: 0.002 }), "The number of rows in the database.", "table", by("state", { live: 1, dead: 0.03 })),
  postgres.counter("postgresql.blocks_read", "1", whole((load) => all(load) * 6), "The number of blocks read.", "table", by("source", { heap_read: 0.03, heap_hit: 1, idx_read: 0.02, idx_hit: 1.3, toast_read: 0, toast_hit: 0.05, tidx_read: 0, tidx_hit: 0.04 })),
  postgres.counter("postgresql.index.scans", "{scans}", whole(({ reads }) => reads * 0.9), "The number of index scans on a table."),
  postgres.counter("postgresql.sequential_scans", "{sequential_scan}", whole(({ reads }) => reads * 0.02), "The number of sequential scans.", "table"),
  postgres.counter("postgresql.bgwriter.buffers.writes", "{buffers}", whole(({ writes }) => writes * 1.2), "Number of buffers written.", by("source", { backend: 0.08, backend_fsync: 0, checkpoints: 0.8, bgwriter: 0.12 })),
  postgres.counter("postgresql.bgwriter.checkpoint.count", "{checkpoints}", whole(() => [12, 1]), "The number of checkpoints performed.", by("type", ["scheduled", "requested"])),
  postgres.counter("postgresql.deadlocks", "{deadlock}", whole([0, 3]), "The number of deadlocks."),
  postgres.counter("postgresql.temp_files", "{temp_file}", whole([0, 40]), "The number of temp files."),
  postgres.gauge("postgresql.replication.data_delay", "By", whole([0, 90_000], { spread: 1 }), "The amount of data delayed in replication.", by("replication_client", ["walreceiver"])),
  postgres.gauge("postgresql.wal.lag", "s", constant(0), "Time between flushing recent WAL locally and receiving notification that the standby server has completed an operation with it.", by("operation", ["flush", "replay", "write"]), by("replication_client", ["walreceiver"])),
  mysql.counter("mysql.query.count", "1", whole(all), "The number of statements executed by the server."),
  mysql.counter("mysql.commands", "1", whole(all), "The number of times each type of command has been executed.", by("command", { select: 0.74, insert: 0.08, update: 0.16, delete: 0.02 })),
  mysql.upDown("mysql.threads", "1", whole(({ connections }) => connections), "The state of MySQL threads.", by("kind", { cached: 0.2, connected: 1, created: 1.4, running: 0.05 })),
  mysql.upDown("mysql.buffer_pool.pages", "1", whole([2e4, 2e5], { spread: 0.02 }), "The number of pages in the InnoDB buffer pool.", by("kind", { data: 0.86, free: 0.12, misc: 0.02 })),
  mysql.counter("mysql.buffer_pool.operations", "1", whole((load) => all(load) * 20), "The number of operations on the InnoDB buffer pool.", by("operation", { read_requests: 0.996, reads: 0.003, read_ahead: 0.001 })),
  mysql.counter("mysql.row_operations", "1", whole((load) => all(load) * 3), "The number of InnoDB row operations.", by("operation", { read: 0.93, inserted: 0.03, updated: 0.035, deleted: 0.005 })),
  mysql.counter("mysql.row_locks", "1", whole(({ writes }) => writes * 0.002), "The number of InnoDB row locks.", by("kind", { waits: 1, time: 9 })),
  mysql.counter("mysql.client.network.io", "By", traffic((load) => all(load) * 2400), "The number of transmitted bytes between server and clients.", by("kind", { received: 0.2, sent: 0.8 })),
  mysql.counter("mysql.tmp_resources", "1", whole(({ reads }) => reads * 0.05), "The number of created temporary resources.", by("resource", { tables: 0.9, disk_tables: 0.1, files: 0.002 })),
  mongo.upDown("mongodb.connection.count", "{connections}", whole(({ connections }) => connections), "The number of connections.", by("type", { active: 0.3, available: 40, current: 1 })),
  mongo.counter("mongodb.operation.count", "{operations}", whole(all), "The number of operations executed.", by("operation", { query: 0.62, insert: 0.1, update: 0.16, delete: 0.02, getmore: 0.04, command: 0.3 })),
  mongo.upDown("mongodb.document.count", "{documents}", whole([4e5, 4e7], { spread: 0.002 }), "The number of documents."),
  mongo.upDown("mongodb.data.size", "By", storage(({ size }) => size, { spread: 0.001 }), "The size of the collection. Data compression does not affect this value."),
  mongo.upDown("mongodb.storage.size", "By", storage(({ size }) => size * 0.42, { spread: 0.001 }), "The total amount of storage allocated to this collection."),
  mongo.upDown("mongodb.index.size", "By", storage(({ size }) => size * 0.06, { spread: 0.001 }), "Sum of the space allocated to all indexes in the database, including free index space."),
  mongo.upDown("mongodb.memory.usage", "By", storage([4e8, 4e9]), "The amount of memory used.", by("type", { resident: 1, virtual: 1.9 })),
  mongo.counter("mongodb.cache.operations", "{operations}", whole((load) => all(load) * 9), "The number of cache operations of the instance.", by("type", { hit: 0.994, miss: 0.006 })),
  mongo.counter("mongodb.network.io.receive", "By", traffic((load) => all(load) * 500), "The number of bytes received."),
  mongo.counter("mongodb.network.io.transmit", "By", traffic((load) => all(load) * 2600), "The number of by transmitted."),
  redis.counter("redis.commands.processed", "{command}", whole(all), "Total number of commands processed by the server"),
  redis.counter("redis.keyspace.hits", "{hit}", whole(({ reads }) => reads * 0.88), "Number of successful lookup of keys in the main dictionary"),
  redis.counter("redis.keyspace.misses", "{miss}", whole(({ reads }) => reads * 0.12), "Number of failed lookup of keys in the main dictionary"),
  redis.counter("redis.keys.expired", "{event}", whole(({ writes }) => writes * 0.8), "Total number of key expiration events"),
  redis.counter("redis.keys.evicted", "{key}", whole([0, 60]), "Number of evicted keys due to maxmemory limit"),
  redis.counter("redis.net.input", "By", traffic((load) => all(load) * 180), "The total number of bytes read from the network"),
  redis.counter("redis.net.output", "By", traffic((load) => all(load) * 900), "The total number of bytes written to the network"),
  redis.counter("redis.connections.received", "{connection}", whole(({ connections }) => connections * 6), "Total number of connections accepted by the server"),
  redis.upDown("redis.clients.connected", "{client}", whole(({ connections }) => connections), "Number of client connections (excluding connections from replicas)"),
  redis.upDown("redis.clients.blocked", "{client}", whole([0, 2], { spread: 1 }), "Number of clients pending on a blocking call"),
  redis.gauge("redis.commands", "{ops}/s", whole((load) => Math.ceil(all(load) / 3600)), "Number of commands processed per second"),
  redis.gauge("redis.memory.lua", "By", storage([65_536, 200_000], { spread: 0 }), "Number of bytes used by the Lua engine"),
  redis.upDown("redis.slaves.connected", "{replica}", constant(2), "Number of connected replicas"),
];
