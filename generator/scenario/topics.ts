/**
 * Events: what services publish, and the workers that act on it.
 */
import type { Random } from "../random.ts";
import { makeStep } from "./backends.ts";
import { isGeneric } from "./domains.ts";
import { around, type Draft, libraryIndex, NO_INDEX } from "./draft.ts";
import type { Topic } from "./services.ts";
import { hashOf, mix } from "./wording.ts";

/** Most workers on one topic. */
const MAX_CONSUMERS = 3;

const PARTITIONS = [3, 6, 6, 12, 12, 24] as const;

/** Languages whose services are usually connected by RabbitMQ. */
const RABBITMQ_LANGUAGES: ReadonlySet<string> = new Set(["php", "ruby"]);

/** Make the topics of a service: one for each event of its domain. Their consumers come later. */
export function makeTopics(own: Random, draft: Draft): void {
  const system = RABBITMQ_LANGUAGES.has(draft.language.sdk) ? "rabbitmq" : "kafka";
  draft.topics = draft.domain.events.map((event) => ({
    index: NO_INDEX,
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

/**
 * Give a topic its workers: services whose domain acts on the event. Of domains that are made of a service's name nobody
 * knows what acts on what: there a service that draws the longest straw. Some events have nobody who acts on them.
 */
export function makeConsumers(own: Random, topic: Topic, drafts: readonly Draft[]): void {
  const others = drafts.filter((draft) => draft !== topic.producer && !draft.isIngress);
  const wanting = others.filter(({ domain }) => domain.consumes.includes(topic.event));
  const unknown = isGeneric(topic.producer.domain)
    ? others
    : others.filter(({ domain }) => domain.entity !== "request" && isGeneric(domain));
  const chosen = wanting.length > 0 ? wanting.slice(0, MAX_CONSUMERS) : longestStraw(topic, unknown);
  const consumers = chosen.map((draft) => ({
    index: NO_INDEX,
    topic,
    service: draft,
    group: topic.system === "kafka" ? draft.name : `${draft.name}.${topic.name}`,
    work: [],
    latencyMs: 0,
    library: libraryIndex(draft.libraries, draft.language.messaging(topic.system)),
  }));
  (topic as { consumers: Topic["consumers"] }).consumers = consumers;
  for (const consumer of consumers) {
    const { service } = consumer;
    service.consumers.push(consumer);
    const name = handlerName(topic.event);
    if (!service.steps.some((step) => step.name === name)) {
      service.steps.push(
        makeStep(own, service, name, `${topic.producer.domain.entity.replaceAll("_", "-")}-events`),
      );
    }
  }
}

/** The step in which a worker acts on an event. */
export const handlerName = (event: string): string => `handle ${event}`;

/** Straws are as long as topic and service say, so that one service more rarely changes who has the longest. */
function longestStraw(topic: Topic, drafts: readonly Draft[]): readonly Draft[] {
  const own = hashOf(topic.name);
  const straw = (draft: Draft): number => mix(own ^ hashOf(draft.name));
  return drafts.length > 0
    ? [drafts.reduce((longest, draft) => (straw(draft) > straw(longest) ? draft : longest))]
    : [];
}
