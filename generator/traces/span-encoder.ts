/**
 * Spans as bytes. What an operation, a statement or a step always says is encoded once (its "shape"); a span is its ids,
 * its shape, its times and the little that varies.
 */
import type { ProtoWriter } from "../../otlp/message/writer.ts";
import {
  NEVER_SENT_ORDINAL,
  SPAN_ID_BYTES,
  TRACE_ID_BYTES,
  writeTemplateSpanId,
  writeTemplateTraceId,
} from "../../template/ids.ts";
import { AttributePool } from "../attribute-pool.ts";
import { type AttributeKey, attributeKey, encodeAttributes, writeText } from "../attributes.ts";
import type { GeneratorConfig } from "../config.ts";
import { writeExceptionAttributes } from "../exception-attributes.ts";
import { FirstUse } from "../first-use.ts";
import { ITEM_FIELD } from "../frame-groups.ts";
import type { Random } from "../random.ts";
import type { Exception } from "../scenario/exceptions.ts";
import * as facts from "../scenario/request-facts.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { ServiceInstance } from "../scenario/services.ts";
import { namingOf } from "../semconv/naming.ts";
import { CLIENT, CONSUMER, DATABASE, EXTERNAL, PRODUCER, SERVER, STEP } from "../span-role.ts";
import { CustomAttributes } from "./custom-attributes.ts";
import { DatabaseSpans } from "./database-spans.ts";
import { HttpSpans } from "./http-spans.ts";
import { MessageSpans } from "./message-spans.ts";
import { RpcSpans } from "./rpc-spans.ts";
import { exceptionOf, hasException } from "./span-exceptions.ts";
import { SPAN_ATTRIBUTES, SpanShapes } from "./span-shapes.ts";
import { CACHE_MISS, NO_NOTE, type WalkedSpan } from "./walked-span.ts";

/** W3C flags sampled and random, and OTLP's "it is known whether the parent is remote". */
const FLAGS_LOCAL = 0x103;
const FLAGS_REMOTE_PARENT = 0x303;

const EVENT = 11;
const EVENT_ATTRIBUTES = 3;
const STATUS = 15;
const STATUS_ERROR = 2;

/** Offsets in the scratch of ids: trace_id (tag 0x0a), span_id (0x12), parent_span_id (0x22). */
const SPAN_ID_AT = 2 + TRACE_ID_BYTES + 2;
const PARENT_ID_AT = SPAN_ID_AT + SPAN_ID_BYTES + 2;
const IDS_BYTES = PARENT_ID_AT + SPAN_ID_BYTES;

export class SpanEncoder {
  readonly #shapes: SpanShapes;
  readonly #http: HttpSpans;
  readonly #rpc: RpcSpans;
  readonly #databases: DatabaseSpans;
  readonly #messages: MessageSpans;
  readonly #custom: CustomAttributes;
  readonly #users: AttributePool;
  readonly #errorTypeKey: AttributeKey;
  /** The address of an instance that its clients connect to. */
  readonly #peers: FirstUse<ServiceInstance, Uint8Array>;
  readonly #ids = new Uint8Array(IDS_BYTES);
  readonly #idView = new DataView(this.#ids.buffer);
  readonly #rootIds = this.#ids.subarray(0, SPAN_ID_AT + SPAN_ID_BYTES);
  #rootless = false;
  /** Span events written so far. */
  events = 0;

  constructor(config: GeneratorConfig, scenario: Scenario, random: Random) {
    const { semconv, custom_attributes } = config.traces;
    this.#shapes = new SpanShapes(semconv, scenario);
    this.#http = new HttpSpans(semconv, scenario);
    this.#rpc = new RpcSpans(semconv);
    this.#databases = new DatabaseSpans(semconv);
    this.#messages = new MessageSpans(semconv, scenario);
    this.#custom = new CustomAttributes(custom_attributes, random);
    this.#users = new AttributePool(SPAN_ATTRIBUTES, "user.id", facts.USERS, facts.userId);
    const naming = namingOf(semconv, "client");
    this.#errorTypeKey = attributeKey("error.type", naming);
    this.#peers = new FirstUse(scenario.instances, ({ pod, service }) =>
      encodeAttributes(
        SPAN_ATTRIBUTES,
        { "network.peer.address": pod.ip, "network.peer.port": service.port },
        naming,
      ),
    );
    this.#ids.set([0x0a, TRACE_ID_BYTES], 0);
    this.#ids.set([0x12, SPAN_ID_BYTES], SPAN_ID_AT - 2);
    this.#ids.set([0x22, SPAN_ID_BYTES], PARENT_ID_AT - 2);
  }

  /** Span links written so far. */
  get links(): number {
    return this.#messages.links;
  }

  /** Set what all spans of a trace share. rootless: parents of -1 are written as parents that are never sent. */
  beginTrace(trace: number, spanCount: number, rootless: boolean): void {
    writeTemplateTraceId(this.#ids, 2, trace);
    writeTemplateSpanId(this.#ids, SPAN_ID_AT, 0, spanCount);
    writeTemplateSpanId(this.#ids, PARENT_ID_AT, 0, spanCount);
    this.#messages.beginTrace(trace, spanCount);
    this.#rootless = rootless;
  }

  /** Write one span as an item of its group. */
  write(writer: ProtoWriter, span: WalkedSpan, ordinal: number): void {
    const shape = this.#shapes.of(span);
    writer.begin(ITEM_FIELD, 2);
    this.#writeIds(writer, span.parent, ordinal);
    writer.raw(shape.head);
    writer.fixed64(7, span.start);
    writer.fixed64(8, span.end);
    writer.raw(shape.attributes);
    this.#writeOwn(writer, span, ordinal);
    this.#custom.write(writer, span.context, span.instance.service.index);
    if (span.note !== NO_NOTE) this.#writeNote(writer, span);
    if (span.failed) this.#writeFailure(writer, span);
    const isRemote = span.role === CONSUMER || (span.role === SERVER && span.caller !== undefined);
    writer.fixed32(16, isRemote ? FLAGS_REMOTE_PARENT : FLAGS_LOCAL);
    writer.end();
  }

  /** What varies from span to span of its shape. */
  #writeOwn(writer: ProtoWriter, span: WalkedSpan, ordinal: number): void {
    switch (span.role) {
      case SERVER:
        if (span.operation!.protocol === "http") this.#http.writeServer(writer, span);
        else this.#rpc.write(writer, span);
        this.#users.write(writer, facts.userOf(span.context));
        break;
      case CLIENT:
        if (span.operation!.protocol === "http") this.#http.writeClient(writer, span);
        else this.#rpc.write(writer, span);
        writer.raw(this.#peers.of(span.callee!));
        break;
      case EXTERNAL:
        this.#http.writeExternal(writer, span);
        break;
      case DATABASE:
        this.#databases.write(writer, span);
        break;
      case PRODUCER:
        this.#messages.writeProducer(writer, span, ordinal);
        break;
      case CONSUMER:
        this.#messages.writeConsumer(writer, span);
        break;
      case STEP:
        break;
    }
  }

  #writeIds(writer: ProtoWriter, parent: number, ordinal: number): void {
    // Span ids hold ordinals plus one; the number of spans in front of it was written when the trace began.
    this.#idView.setUint32(SPAN_ID_AT + 4, ordinal + 1);
    if (parent < 0 && !this.#rootless) {
      writer.raw(this.#rootIds);
      return;
    }
    this.#idView.setUint32(PARENT_ID_AT + 4, (parent < 0 ? NEVER_SENT_ORDINAL : parent) + 1);
    writer.raw(this.#ids);
  }

  /** Something worth a note that is no error. */
  #writeNote(writer: ProtoWriter, span: WalkedSpan): void {
    writer.begin(EVENT);
    writer.fixed64(1, span.noteTime);
    writer.string(2, span.note === CACHE_MISS ? "cache.miss" : "retry");
    writer.end();
    this.events++;
  }

  /** The status Error, and the exception where there is one. */
  #writeFailure(writer: ProtoWriter, span: WalkedSpan): void {
    const { role } = span;
    let description = "";
    if (hasException(span)) {
      const exception = exceptionOf(span);
      if (hasTypeOfException(span)) writeText(writer, SPAN_ATTRIBUTES, this.#errorTypeKey, exception.type);
      this.#writeException(writer, exception, exceptionTime(span));
      // Servers have a code that says it all; a message may say no more than the type does.
      if (role !== SERVER && exception.message !== exception.type) description = exception.message;
    }
    writer.begin(STATUS);
    if (description) writer.string(2, description);
    writer.varint(3, STATUS_ERROR);
    writer.end();
  }

  #writeException(writer: ProtoWriter, exception: Exception, time: number): void {
    writer.begin(EVENT, 2);
    writer.fixed64(1, time);
    writer.string(2, "exception");
    writeExceptionAttributes(writer, EVENT_ATTRIBUTES, exception);
    writer.end();
    this.events++;
  }
}

/** Whether nothing but the exception says what kind of error it was. */
function hasTypeOfException({ role }: WalkedSpan): boolean {
  return role === STEP || role === PRODUCER || role === CONSUMER;
}

/** When an exception was seen: after what it came from had ended. */
function exceptionTime({ start, end, cause }: WalkedSpan): number {
  const from = cause ? cause.end : start + Math.floor((end - start) * 0.9);
  return from < end ? from + Math.floor((end - from) / 2) : end;
}
