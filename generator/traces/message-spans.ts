/**
 * What varies from one messaging span to the next: which message it is, and the links of those who process it.
 *
 * Source: semantic-conventions v1.44.0, docs/messaging/messaging-spans.md, kafka.md, rabbitmq.md.
 */
import type { ProtoWriter } from "../../otlp/message/writer.ts";
import {
  SPAN_ID_BYTES,
  TRACE_ID_BYTES,
  writeTemplateSpanId,
  writeTemplateTraceId,
} from "../../template/ids.ts";
import { mix } from "../../template/mix.ts";
import { AttributePool } from "../attribute-pool.ts";
import { type AttributeKey, attributeKey, encodeAttributes, writeInteger, writeText } from "../attributes.ts";
import { FirstUse } from "../first-use.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { ServiceInstance, Topic } from "../scenario/services.ts";
import { hex8, idOf } from "../scenario/wording.ts";
import { namingOf, type Semconv } from "../semconv/naming.ts";
import { RecentMessages, type SentMessage } from "./recent-messages.ts";
import { SPAN_ATTRIBUTES } from "./span-shapes.ts";
import type { WalkedSpan } from "./walked-span.ts";

const LINK = 13;
const LINK_ATTRIBUTES = 4;

/** W3C flags sampled and random, and OTLP's "it is known that the other end is remote". */
const LINK_FLAGS = 0x303;

/** One link in so many says more than where it leads. */
const TALKATIVE_LINKS = 8;

const MAX_PARTITIONS = 64;

/** Offset of the first message that a run knows of: topics are older than that. */
const firstOffset = (topic: number, partition: number): number =>
  40_000 + ((mix(topic * MAX_PARTITIONS + partition) >>> 0) % 9_000_000);

export class MessageSpans {
  readonly #recent: RecentMessages;
  readonly #partitions: AttributePool;
  readonly #linkPartitions: AttributePool;
  readonly #clientIds: FirstUse<ServiceInstance, Uint8Array>;
  readonly #idKey: AttributeKey;
  readonly #messageKeyKey: AttributeKey;
  readonly #bytesKey: AttributeKey;
  readonly #offsetKey: AttributeKey;
  readonly #tagKey: AttributeKey;
  readonly #countKey: AttributeKey;
  /** Messages sent so far, by topic and partition. */
  readonly #sent = new Map<number, number>();
  /** Offset of the message that the producer at each depth sent last: its workers stand one level deeper. */
  readonly #offsets: number[] = [];
  #trace = 0;
  #spanCount = 0;
  /** Links written so far. */
  links = 0;

  constructor(semconv: Semconv, scenario: Scenario) {
    const kafka = namingOf(semconv, "kafka");
    this.#recent = new RecentMessages(scenario.topics.length, scenario.consumers.length);
    const partitionPool = (field: number): AttributePool =>
      new AttributePool(field, "messaging.destination.partition.id", MAX_PARTITIONS, String, kafka);
    this.#partitions = partitionPool(SPAN_ATTRIBUTES);
    this.#linkPartitions = partitionPool(LINK_ATTRIBUTES);
    this.#clientIds = new FirstUse(scenario.instances, ({ service, pod }) =>
      encodeAttributes(
        SPAN_ATTRIBUTES,
        { "messaging.client.id": `${service.name}-${pod.name.split("-").at(-1)}` },
        kafka,
      ),
    );
    this.#idKey = attributeKey("messaging.message.id");
    this.#messageKeyKey = attributeKey("messaging.kafka.message.key");
    this.#bytesKey = attributeKey("messaging.message.body.size");
    this.#offsetKey = attributeKey("messaging.kafka.offset", kafka);
    this.#tagKey = attributeKey("messaging.rabbitmq.message.delivery_tag");
    this.#countKey = attributeKey("messaging.batch.message_count");
  }

  beginTrace(trace: number, spanCount: number): void {
    this.#recent.endTrace();
    this.#trace = trace;
    this.#spanCount = spanCount;
  }

  writeProducer(writer: ProtoWriter, span: WalkedSpan, ordinal: number): void {
    const topic = span.topic!;
    this.#recent.send(topic.index, { trace: this.#trace, ordinal, spanCount: this.#spanCount });
    const partition = partitionOf(topic, span.word);
    const slot = topic.index * MAX_PARTITIONS + partition;
    const offset = this.#sent.get(slot) ?? firstOffset(topic.index, partition);
    this.#sent.set(slot, offset + 1);
    this.#offsets[span.depth] = offset;
    this.#writeMessage(writer, span, topic, partition);
  }

  writeConsumer(writer: ProtoWriter, span: WalkedSpan): void {
    const topic = span.topic!;
    const partition = partitionOf(topic, span.word);
    const others =
      span.messages > 1 ? this.#recent.take(topic.index, span.consumer!.index, span.messages - 1) : [];
    if (others.length === 0) {
      this.#writeMessage(writer, span, topic, partition);
      const offset = this.#offsets[span.depth - 1]!;
      if (topic.system === "kafka") writeInteger(writer, SPAN_ATTRIBUTES, this.#offsetKey, offset);
      else writeInteger(writer, SPAN_ATTRIBUTES, this.#tagKey, 1 + (offset % 4096));
    } else {
      writer.raw(this.#clientIds.of(span.instance));
      writeInteger(writer, SPAN_ATTRIBUTES, this.#countKey, 1 + others.length);
    }
    this.#writeLink(writer, span, {
      trace: this.#trace,
      ordinal: span.parent,
      spanCount: this.#spanCount,
    });
    for (const message of others) this.#writeLink(writer, span, message);
  }

  #writeMessage(writer: ProtoWriter, span: WalkedSpan, topic: Topic, partition: number): void {
    const { word } = span;
    writer.raw(this.#clientIds.of(span.instance));
    if (topic.system === "kafka") {
      this.#partitions.write(writer, partition);
      writeText(writer, SPAN_ATTRIBUTES, this.#messageKeyKey, idOf(topic.producer.domain, word));
    } else writeText(writer, SPAN_ATTRIBUTES, this.#idKey, messageIdOf(word));
    writeInteger(writer, SPAN_ATTRIBUTES, this.#bytesKey, bodyBytesOf(topic, word));
  }

  #writeLink(writer: ProtoWriter, span: WalkedSpan, { trace, ordinal, spanCount }: SentMessage): void {
    writeTemplateTraceId(linkIds, 2, trace);
    writeTemplateSpanId(linkIds, SPAN_ID_AT, ordinal, spanCount);
    writer.begin(LINK);
    writer.raw(linkIds);
    if (mix(trace + ordinal) % TALKATIVE_LINKS === 0 && span.topic!.system === "kafka") {
      this.#linkPartitions.write(writer, partitionOf(span.topic!, span.word));
    }
    writer.fixed32(6, LINK_FLAGS);
    writer.end();
    this.links++;
  }
}

/** trace_id (tag 0x0a) and span_id (0x12) of a link, ids still to be filled in. */
const SPAN_ID_AT = 2 + TRACE_ID_BYTES + 2;
const linkIds = new Uint8Array(SPAN_ID_AT + SPAN_ID_BYTES);
linkIds.set([0x0a, TRACE_ID_BYTES], 0);
linkIds.set([0x12, SPAN_ID_BYTES], SPAN_ID_AT - 2);

function partitionOf({ partitions }: Topic, word: number): number {
  return (mix(word) >>> 8) % partitions;
}

/** Events of a kind have about the same size. */
function bodyBytesOf({ index }: Topic, word: number): number {
  return 240 + ((index * 97) % 1400) + ((mix(word) >>> 3) % 180);
}

function messageIdOf(word: number): string {
  return hex8(word) + hex8(mix(word)) + hex8(mix(word ^ 0x2545f491));
}
