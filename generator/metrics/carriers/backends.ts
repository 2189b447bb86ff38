/** Databases and brokers, as the Collector's receivers for them describe them. */
import type { DatabaseCall } from "../../scenario/services.ts";
import { by } from "../dimension.ts";
import type { Estate } from "../estate.ts";
import { drawLevel } from "../values.ts";
import { type Carrier, carrier } from "./carrier.ts";

/** What a database is asked for, per hour; sizes in bytes. */
export interface DatabaseVitals {
  readonly reads: number;
  readonly writes: number;
  readonly connections: number;
  readonly maxConnections: number;
  readonly size: number;
  readonly uptimeSeconds: number;
}

/** What goes through a broker. */
export interface BrokerVitals {
  /** Messages per hour. */
  readonly messages: number;
  /** Message bytes per hour. */
  readonly bytes: number;
}

/** The databases that services call, then read replicas of them without end. */
export function* databaseCarriers(estate: Estate): Generator<Carrier> {
  const { scenario, load } = estate;
  const byAddress = Map.groupBy(scenario.databaseCalls, ({ address }) => address);
  const databases = [...byAddress.values()].map((calls) => {
    const rate = (reads: boolean): number =>
      calls
        .filter(({ statement }) => statement.reads === reads)
        .reduce((sum, { index }) => sum + load.databaseCalls[index]!, 0);
    return { call: calls[0]!, tables: tablesOf(calls), reads: rate(true), writes: rate(false) };
  });
  if (databases.length === 0) return;
  for (let replica = 0; ; replica++) {
    for (const { call, tables, reads, writes } of databases) {
      const { system, address, database } = call;
      const own = estate.fork(`database ${address}/${replica}`);
      const vitals: DatabaseVitals = {
        reads: reads + 60,
        writes: writes + 20,
        connections: own.int(6, 60),
        maxConnections: 200,
        size: drawLevel(own, 2e9, 2e11),
        uptimeSeconds: own.int(3600, 90 * 86_400),
      };
      yield carrier(
        {
          "db.system.name": system.name,
          "db.namespace": database,
          "server.address": replica === 0 ? address : address.replace(".", `-replica-${replica}.`),
          "server.port": system.port,
          "k8s.cluster.name": scenario.infrastructure.cluster.name,
        },
        vitals,
        { subjects: [`database:${system.name}`], lists: { table: tables } },
      );
    }
  }
}

function tablesOf(calls: readonly DatabaseCall[]) {
  return by("table", [...new Set(calls.map(({ table }) => table))]);
}

/** Kafka brokers, as many as are needed, and what the topics of the scenario bring them. */
export function* brokerCarriers(estate: Estate): Generator<Carrier> {
  const { scenario, load } = estate;
  const topics = scenario.topics.filter(({ system }) => system === "kafka");
  const messages = topics.reduce((sum, { index }) => sum + load.topics[index]!, 0) + 600;
  const partitions = topics.flatMap(({ name, partitions: count }) =>
    Array.from({ length: count }, (_, partition) => ({
      attributes: { topic: name, partition },
      weight: 1,
    })),
  );
  const groups = topics.flatMap(({ name, consumers, partitions: count }) =>
    consumers.flatMap(({ group }) =>
      Array.from({ length: count }, (_, partition) => ({
        attributes: { group, topic: name, partition },
        weight: 1,
      })),
    ),
  );
  const lists = {
    topic: topics.map(({ name }) => ({ attributes: { topic: name }, weight: 1 })),
    partition: partitions,
    groupPartition: groups,
    group: by("group", [...new Set(topics.flatMap(({ consumers }) => consumers.map(({ group }) => group)))]),
  };
  for (let index = 0; ; index++) {
    const own = estate.fork(`broker ${index}`);
    const vitals: BrokerVitals = { messages, bytes: messages * own.int(420, 980) };
    yield carrier(
      {
        "messaging.system": "kafka",
        "server.address": `kafka-${index}.kafka.messaging.svc.cluster.local`,
        "server.port": 9092,
        "k8s.cluster.name": scenario.infrastructure.cluster.name,
      },
      vitals,
      { lists },
    );
  }
}
