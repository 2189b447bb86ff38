/**
 * Messages, as producers and consumers see them, and brokers as the Collector's kafka_metrics and JMX receivers see them.
 *
 * Sources: OpenTelemetry semantic conventions 1.44.0, messaging-metrics.md; opentelemetry-collector-contrib,
 * receiver/kafkametricsreceiver/metadata.yaml and the JMX metrics of Kafka brokers.
 */
import { DATABASE_BOUNDS, HTTP_BOUNDS } from "../bounds.ts";
import type { BrokerVitals } from "../carriers/backends.ts";
import type { MetricDefinition } from "../definition.ts";
import { by } from "../dimension.ts";
import { metricsOf } from "../metrics-of.ts";
import { constant, ratio, traffic, whole } from "../number-shape.ts";
import { byLibrary, contribScope } from "./scopes.ts";

const client = byLibrary("messaging", "messaging");
const kafka = metricsOf<BrokerVitals>({
  type: "messaging",
  carrier: "broker",
  scope: contribScope("kafkametricsreceiver"),
});
const broker = metricsOf<BrokerVitals>({
  type: "messaging",
  carrier: "broker",
  scope: contribScope("jmxreceiver"),
});

const REQUESTS = by("type", { produce: 0.3, fetch: 0.65, other: 0.05 });

// biome-ignore format: one metric a line
export const MESSAGING_METRICS: readonly MetricDefinition[] = [
  client.counter("messaging.client.sent.messages", "{message}", whole(({ sent }) => sent.rates), "Number of messages producer attempted to send to the broker.", "sent"),
  client.counter("messaging.client.consumed.messages", "{message}", whole(({ consumed }) => consumed.rates), "Number of messages that were delivered to the application.", "consumed"),
  client.histogram("messaging.client.operation.duration", "s", { bounds: HTTP_BOUNDS, rate: ({ messaging }) => messaging.rates, median: ({ messaging }) => messaging.medians }, "Duration of messaging operation initiated by a producer or consumer client.", "messaging"),
  broker.exponential("kafka.request.duration", "s", { rate: ({ messages }) => messages * 2, median: [0.0012, 0.006] }, "Duration of requests to the broker.", REQUESTS),
  broker.gauge("kafka.request.handler.idle_ratio", "1", ratio([0.6, 0.96], { spread: 0.03 }), "Share of the time that request handler threads are idle."),
  client.histogram("messaging.process.duration", "s", { bounds: HTTP_BOUNDS, rate: ({ consumed }) => consumed.rates, median: ({ consumed }) => consumed.medians }, "Duration of processing operation.", "consumed"),
  kafka.upDown("kafka.brokers", "{brokers}", constant(3), "Number of brokers in the cluster."),
  kafka.upDown("kafka.topic.partitions", "{partitions}", constant(6), "Number of partitions in topic.", "topic"),
  kafka.gauge("kafka.partition.current_offset", "1", whole([4e6, 9e8], { spread: 0.0005 }), "Current offset of partition of topic.", "partition"),
  kafka.gauge("kafka.partition.oldest_offset", "1", whole([1e5, 3e6], { spread: 0.0005 }), "Oldest offset of partition of topic", "partition"),
  kafka.upDown("kafka.partition.replicas", "{replicas}", constant(3), "Number of replicas for partition of topic", "partition"),
  kafka.upDown("kafka.partition.replicas_in_sync", "{replicas}", constant(3), "Number of synchronized replicas of partition", "partition"),
  kafka.upDown("kafka.consumer_group.members", "{members}", constant(3), "Count of members in the consumer group", "group"),
  kafka.gauge("kafka.consumer_group.lag", "1", whole([0, 120], { spread: 1 }), "Current approximate lag of consumer group at partition of topic", "groupPartition"),
  kafka.gauge("kafka.consumer_group.offset", "1", whole([4e6, 9e8], { spread: 0.0005 }), "Current offset of the consumer group at partition of topic", "groupPartition"),
  broker.counter("kafka.message.count", "{message}", whole(({ messages }) => messages), "The number of messages received by the broker"),
  broker.counter("kafka.request.count", "{request}", whole(({ messages }) => messages * 2), "The number of requests received by the broker", REQUESTS),
  broker.counter("kafka.request.failed", "{request}", whole([0, 9]), "The number of requests to the broker resulting in a failure", by("type", { produce: 0.5, fetch: 0.5 })),
  broker.counter("kafka.network.io", "By", traffic(({ bytes }) => bytes), "The bytes received or sent by the broker", by("state", { in: 1, out: 2.9 })),
  broker.upDown("kafka.purgatory.size", "{request}", whole([0, 40], { spread: 0.5 }), "The number of requests waiting in purgatory", by("type", { produce: 0.1, fetch: 0.9 })),
  broker.upDown("kafka.partition.count", "{partition}", constant(48), "The number of partitions on the broker"),
  broker.upDown("kafka.partition.offline", "{partition}", constant(0), "The number of partitions offline"),
  broker.upDown("kafka.partition.under_replicated", "{partition}", constant(0), "The number of under replicated partitions"),
  broker.counter("kafka.isr.operation.count", "{operation}", whole([0, 4]), "The number of in-sync replica shrink and expand operations", by("operation", { shrink: 0.5, expand: 0.5 })),
  broker.counter("kafka.leaderElection.count", "{election}", whole([0, 2]), "The leader election count"),
  broker.histogram("kafka.logs.flush.duration", "s", { bounds: DATABASE_BOUNDS, rate: ({ messages }) => 60 + messages / 500, median: [0.002, 0.012] }, "Duration of log flushes."),
];
