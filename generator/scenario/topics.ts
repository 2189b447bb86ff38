/**
 * Events: what services publish, and the workers that act on it.
 */
import type { Random } from "../random.ts";
import { around, type Counters, type Draft, libraryIndex } from "./draft.ts";
import type { Topic } from "./services.ts";
import { mix } from "./wording.ts";

/** Most workers on one topic. */
const MAX_CONSUMERS = 3;

const PARTITIONS = [3, 6, 6, 12, 12, 24] as const;

/** Languages whose services are usually connected by RabbitMQ. */
const RABBITMQ_LANGUAGES: ReadonlySet<string> = new Set(["php", "ruby"]);

/** Make the topics of a service: one for each event of its domain. Their consumers come later. */
export function makeTopics(own: Random, draft: Draft, counters: Counters): void {
  const system = RABBITMQ_LANGUAGES.has(draft.language.sdk) ? "rabbitmq" : "kafka";
  draft.topics = draft.domain.events.map((event) => ({
    index: counters.topic++,
    name: `${draft.label}.${event.slice(event.indexOf(".") + 1)}`,
    system,
    event,
    producer: draft,
    partitions: system === "kafka" ? own.pick(PARTITIONS) : 1,
    address: `${system}.messaging`,
    port: system === "kafka" ? 9092 : 5672,
    latencyMs: around(system === "kafka" ? 3.5 : 1.8, own.float()),
    library: libraryIndex(draft.libraries, draft.language.messaging(system)),
    consumers: [],
  }));
}

/** Give a topic its workers: services whose domain acts on the event, else one that draws the longest straw. */
export function makeConsumers(topic: Topic, drafts: readonly Draft[], counters: Counters): void {
  const others = drafts.filter((draft) => draft !== topic.producer && !draft.isIngress);
  const wanting = others.filter(({ domain }) => domain.consumes.includes(topic.event));
  const chosen = wanting.length > 0 ? wanting.slice(0, MAX_CONSUMERS) : longestStraw(topic, others);
  const consumers = (chosen.length > 0 ? chosen : [topic.producer as Draft]).map((draft) => ({
    index: counters.consumer++,
    topic,
    service: draft,
    group: topic.system === "kafka" ? draft.name : `${draft.name}.${topic.name}`,
    work: [],
    latencyMs: 0,
    library: libraryIndex(draft.libraries, draft.language.messaging(topic.system)),
  }));
  (topic as { consumers: Topic["consumers"] }).consumers = consumers;
  for (const consumer of consumers) consumer.service.consumers.push(consumer);
}

/** Straws are as long as topic and service say, so that one service more rarely changes who has the longest. */
function longestStraw(topic: Topic, drafts: readonly Draft[]): readonly Draft[] {
  let longest: Draft | undefined;
  for (const draft of drafts) {
    if (!longest || straw(topic.name, draft.name) > straw(topic.name, longest.name)) longest = draft;
  }
  return longest ? [longest] : [];
}

function straw(topic: string, service: string): number {
  let hash = 0;
  for (const text of [topic, service]) {
    for (let at = 0; at < text.length; at++) hash = mix(hash ^ text.charCodeAt(at));
  }
  return hash;
}
