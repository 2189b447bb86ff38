/**
 * One span of a walk, from the moment it is thought of to the moment it is written.
 */
import type { Served } from "../scenario/program-stack.ts";
import type {
  Consumer,
  DatabaseCall,
  ExternalCall,
  Operation,
  ServiceInstance,
  Step,
  Topic,
  Work,
} from "../scenario/services.ts";
import { SERVER, type SpanRole } from "../span-role.ts";

/** Nothing to note; a read that the cache could not answer; a request that was sent again. */
export const NO_NOTE = 0;
export const CACHE_MISS = 1;
export const RETRY = 2;
export type Note = typeof NO_NOTE | typeof CACHE_MISS | typeof RETRY;

/** Objects are used again: valid until the walk hands out the next one. */
export interface WalkedSpan {
  role: SpanRole;
  instance: ServiceInstance;
  /** Served (SERVER) or called (CLIENT). */
  operation: Operation | undefined;
  database: DatabaseCall | undefined;
  external: ExternalCall | undefined;
  step: Step | undefined;
  /** Published to (PRODUCER) or read from (CONSUMER). */
  topic: Topic | undefined;
  consumer: Consumer | undefined;
  /** What its process is at: the request that it answers, the message that it acts on. */
  served: Served | undefined;
  /** Who called (SERVER below another service), else undefined. */
  caller: ServiceInstance | undefined;
  /** Who is called (CLIENT). */
  callee: ServiceInstance | undefined;
  /** The recipe that what is below it is taken from. */
  work: readonly Work[];
  /** Ordinal of the parent, -1 for a root. */
  parent: number;
  depth: number;
  /** Nanoseconds from the start of the trace. */
  start: number;
  end: number;
  /** Spans below and at this one. */
  budget: number;
  /** Spans that it would have below it by its recipe; 0: it can have none. */
  appetite: number;
  /** How deep in a batch a STEP is: 1 for pages, 2 for chunks, 3 for items; 0 for any other. */
  level: number;
  /** Whether it begins with the one before it, not after. */
  joins: boolean;
  /** HTTP or gRPC code; 0 when no answer came, and gRPC's OK. */
  statusCode: number;
  /** Whether its status is Error. */
  failed: boolean;
  /** Failed: a failure above is explained by this one. */
  mustFail: boolean;
  /** Failed: because of something below it, not by itself. */
  explained: boolean;
  /** The child that explains the failure; known once the children are. */
  cause: WalkedSpan | undefined;
  /** A statement below it that is to fail, and its word: known before the statement has a span. */
  doomed: DatabaseCall | undefined;
  doomedWord: number;
  /** How often the request was sent before. */
  resends: number;
  /** Messages that a CONSUMER takes at once. */
  messages: number;
  note: Note;
  noteTime: number;
  /** Random bits for whatever varies from span to span. Both sides of a call, or of a message, have the same. */
  word: number;
  /** Random bits that the spans of a request share: the user, the session. */
  context: number;
}

/** A span with nothing in it. */
export function emptySpan(): WalkedSpan {
  return {
    role: SERVER,
    instance: undefined as unknown as ServiceInstance,
    operation: undefined,
    database: undefined,
    external: undefined,
    step: undefined,
    topic: undefined,
    consumer: undefined,
    served: undefined,
    caller: undefined,
    callee: undefined,
    work: [],
    parent: -1,
    depth: 0,
    start: 0,
    end: 0,
    budget: 0,
    appetite: 0,
    level: 0,
    joins: false,
    statusCode: 0,
    failed: false,
    mustFail: false,
    explained: false,
    cause: undefined,
    doomed: undefined,
    doomedWord: 0,
    resends: 0,
    messages: 1,
    note: NO_NOTE,
    noteTime: 0,
    word: 0,
    context: 0,
  };
}
