/** What is kept of every span until the end, in columns: some 70 bytes a span, next to its ids. */
import { stringAttribute, textOf } from "./attributes.ts";
import { SPAN_ROLES, type SpanRole } from "./conventions/tables.ts";
import { Interner } from "./interner.ts";
import type { Origin } from "./origin.ts";
import type { Span } from "./requests.ts";
import { KIND, PREFIX, type SpanFacts } from "./span-facts.ts";
import { nanos } from "./time-window.ts";

/** Bits of `bits`. */
export const FAILED = 1;
export const CONSUMER = 2;
/** The flags say whether the parent is remote. */
export const KNOWS_PARENT = 4;
export const REMOTE_PARENT = 8;
export const RESENT = 16;
export const SERVER = 32;

/** Of Span.flags. */
const HAS_IS_REMOTE = 0x100;
const IS_REMOTE = 0x200;

const FIRST_CAPACITY = 1 << 16;

/** Rows are spans, in the order in which they came. */
export class SpanTable {
  readonly texts = new Interner();
  #rows = 0;
  starts = new BigInt64Array(FIRST_CAPACITY);
  ends = new BigInt64Array(FIRST_CAPACITY);
  /** Ordinal of the request that it came in. */
  requests = new Int32Array(FIRST_CAPACITY);
  roles = new Uint8Array(FIRST_CAPACITY);
  bits = new Uint8Array(FIRST_CAPACITY);
  // Numbers of texts.
  services = new Int32Array(FIRST_CAPACITY);
  instances = new Int32Array(FIRST_CAPACITY);
  subjects = new Int32Array(FIRST_CAPACITY);
  codes = new Int32Array(FIRST_CAPACITY);
  addresses = new Int32Array(FIRST_CAPACITY);
  exceptions = new Int32Array(FIRST_CAPACITY);
  /** Hashes of paths: there are too many different ones to keep. 0: no path. */
  paths = new Int32Array(FIRST_CAPACITY);
  /** Hashes of paths without a gateway's prefix. */
  innerPaths = new Int32Array(FIRST_CAPACITY);
  routes = new Int32Array(FIRST_CAPACITY);
  /** Parents' span ids; "" for roots. */
  readonly parents: string[] = [];

  /** Add a row; returns its number. */
  push(span: Span, facts: SpanFacts, request: number, origin: Origin): number {
    const row = this.#rows++;
    if (row === this.starts.length) this.#grow();
    const { texts } = this;
    this.starts[row] = nanos(span.startTimeUnixNano);
    this.ends[row] = nanos(span.endTimeUnixNano);
    this.requests[row] = request;
    this.roles[row] = SPAN_ROLES.indexOf(facts.role);
    this.bits[row] = bitsOf(span, facts);
    this.services[row] = texts.number(origin.service);
    this.instances[row] = texts.number(origin.instance);
    this.subjects[row] = texts.number(facts.subject);
    this.codes[row] = texts.number(facts.code);
    this.addresses[row] = texts.number(facts.address);
    this.exceptions[row] = texts.number(stringAttribute(facts.exceptions[0] ?? {}, "exception.type") ?? "");
    this.paths[row] = hashOf(facts.path);
    this.innerPaths[row] = hashOf(facts.path.replace(PREFIX, ""));
    this.routes[row] = texts.number(facts.route);
    this.parents.push(span.parentSpanId ?? "");
    return row;
  }

  role(row: number): SpanRole {
    return SPAN_ROLES[this.roles[row]!]!;
  }

  is(row: number, bit: number): boolean {
    return (this.bits[row]! & bit) !== 0;
  }

  #grow(): void {
    const capacity = this.starts.length * 2;
    const wider = <T extends BigInt64Array | Int32Array | Uint8Array>(column: T, next: T): T => {
      next.set(column as never);
      return next;
    };
    this.starts = wider(this.starts, new BigInt64Array(capacity));
    this.ends = wider(this.ends, new BigInt64Array(capacity));
    this.roles = wider(this.roles, new Uint8Array(capacity));
    this.bits = wider(this.bits, new Uint8Array(capacity));
    for (const name of INT_COLUMNS) this[name] = wider(this[name], new Int32Array(capacity));
  }
}

const INT_COLUMNS = [
  "requests",
  "services",
  "instances",
  "subjects",
  "codes",
  "addresses",
  "exceptions",
  "paths",
  "innerPaths",
  "routes",
] as const;

function bitsOf(span: Span, { failed, attributes }: SpanFacts): number {
  const flags = span.flags ?? 0;
  let bits = failed ? FAILED : 0;
  if (span.kind === KIND.consumer) bits |= CONSUMER;
  if (span.kind === KIND.server) bits |= SERVER;
  if ((flags & HAS_IS_REMOTE) !== 0) bits |= KNOWS_PARENT;
  if ((flags & IS_REMOTE) !== 0) bits |= REMOTE_PARENT;
  if (textOf(attributes, "http.request.resend_count", "http.resend_count") !== "") bits |= RESENT;
  return bits;
}

/** FNV-1a. */
function hashOf(text: string): number {
  if (text === "") return 0;
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash | 1;
}
