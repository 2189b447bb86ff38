/**
 * Access logs: the line that a web server writes for a request, and the same facts as attributes.
 *
 * A service writes one of two formats: "common" (Apache httpd, Tomcat: `%h %l %u %t "%r" %>s %b`) or "combined" (nginx: the same
 * with referer and user agent behind it).
 */
import type { ProtoWriter } from "../../../otlp/message/writer.ts";
import { attributeKey, encodeAttributes, writeInteger, writeText } from "../../attributes.ts";
import type { Random } from "../../random.ts";
import { PUBLIC_HOST } from "../../scenario/request-facts.ts";
import type { Scenario } from "../../scenario/scenario.ts";
import {
  addressOf,
  type HttpOperation,
  isEntrance,
  type Operation,
  type Service,
  type ServiceInstance,
} from "../../scenario/services.ts";
import type { SampledSpan } from "../../span-sample.ts";
import { beginRecord, endRecord, LOG_ATTRIBUTES, recordHead, SEVERITY, TIME_TEXT } from "../log-record.ts";
import { drawn, emptyRequest, fromInside, fromSpan, fromUninvited, type Request } from "./request.ts";
import { CRAWLS, PROBES, SCANS } from "./uninvited.ts";

/** Share of requests without a span that an entrance gets; the other services that speak HTTP get the rest. */
const ENTRANCE_SHARE = 0.75;
/** Shares of uninvited ones among them. */
const PROBE_SHARE = 0.06;
const SCAN_SHARE = 0.03;
const CRAWL_SHARE = 0.03;

const HEADS = {
  INFO: recordHead(SEVERITY.INFO, "INFO"),
  WARN: recordHead(SEVERITY.WARN, "WARN"),
  ERROR: recordHead(SEVERITY.ERROR, "ERROR"),
};

const pathKey = attributeKey("url.path");
const queryKey = attributeKey("url.query");
const bytesKey = attributeKey("http.response.body.size");
const clientKey = attributeKey("client.address");

/** What stands in the records of a service always, by the version of HTTP that requests come in. */
interface Writing {
  readonly combined: boolean;
  /** Of requests that are not the cluster's own. */
  readonly version: "2" | "1.1";
  readonly constants: Readonly<Record<"2" | "1.1", Uint8Array>>;
}

export class AccessLog {
  readonly #random: Random;
  readonly #instances: readonly ServiceInstance[];
  readonly #operations: readonly Operation[];
  /** What is asked for, by index of the service: from outside at an entrance, else by other services. */
  readonly #endpoints: readonly (readonly HttpOperation[])[];
  readonly #callers: ReadonlyMap<Operation, readonly Service[]>;
  readonly #entrances: readonly Service[];
  readonly #inner: readonly Service[];
  /** By index of the service. */
  readonly #writings: readonly Writing[];
  readonly #request = emptyRequest();
  /** Attributes of one small set of values each, encoded when they come first. */
  readonly #statuses = new Map<number, Uint8Array>();
  readonly #routes = new Map<string, Uint8Array>();
  readonly #userAgents = new Map<string, Uint8Array>();
  readonly #referers = new Map<string, Uint8Array>();

  constructor(scenario: Scenario, random: Random) {
    this.#random = random;
    this.#instances = scenario.instances;
    this.#operations = scenario.operations;
    this.#callers = callersOf(scenario);
    this.#endpoints = scenario.services.map((service) => {
      const asked = service.operations.filter((operation) => this.#callers.has(operation));
      const inside = asked.length > 0 ? asked : service.operations;
      return (isEntrance(service) ? service.exposed : inside).filter(speaksHttp);
    });
    this.#entrances = scenario.ingress;
    this.#inner = scenario.services.filter((service) => service.protocol === "http" && !isEntrance(service));
    this.#writings = scenario.services.map(writingOf);
  }

  /** The instance that a record comes from: the span's, or the one that got some request without a span. */
  instanceOf(span: SampledSpan | undefined): ServiceInstance {
    if (span) return this.#instances[span.instance]!;
    const random = this.#random;
    const outside = this.#inner.length === 0 || random.chance(ENTRANCE_SHARE);
    return random.pick(random.pick(outside ? this.#entrances : this.#inner).instances);
  }

  /** Write the record of a request: of this span, or made up. */
  write(writer: ProtoWriter, span: SampledSpan | undefined, instance: ServiceInstance): void {
    const request = this.#request;
    if (span) fromSpan(request, this.#operations[span.what] as HttpOperation, span);
    else this.#draw(instance);
    const writing = this.#writings[instance.service.index]!;
    const { status } = request;
    const head = status >= 500 ? HEADS.ERROR : status >= 400 ? HEADS.WARN : HEADS.INFO;
    beginRecord(writer, head, lineOf(request, writing));
    writer.raw(this.#route(request));
    writeText(writer, LOG_ATTRIBUTES, pathKey, request.path);
    if (request.query) writeText(writer, LOG_ATTRIBUTES, queryKey, request.query);
    writer.raw(cached(this.#statuses, status, (code) => ({ "http.response.status_code": code })));
    writeInteger(writer, LOG_ATTRIBUTES, bytesKey, request.bytes);
    writeText(writer, LOG_ATTRIBUTES, clientKey, request.client);
    if (request.userAgent !== "-") {
      writer.raw(cached(this.#userAgents, request.userAgent, (text) => ({ "user_agent.original": text })));
    }
    if (request.referer) {
      writer.raw(
        cached(this.#referers, request.referer, (text) => ({ "http.request.header.referer": [text] })),
      );
    }
    writer.raw(writing.constants[request.probe ? "1.1" : writing.version]);
    endRecord(writer, span);
  }

  #draw(instance: ServiceInstance): void {
    const random = this.#random;
    const request = this.#request;
    const { service } = instance;
    const endpoints = this.#endpoints[service.index]!;
    const kind = random.float();
    if (kind < PROBE_SHARE) {
      fromUninvited(request, PROBES[random.chance(0.02) ? 2 : random.int(0, 1)]!, instance.pod.node.ip);
    } else if (!isEntrance(service)) {
      const operation = random.pick(endpoints);
      const callers = this.#callers.get(operation) ?? this.#entrances;
      fromInside(request, operation, random.pick(random.pick(callers).instances), random);
    } else if (kind < PROBE_SHARE + SCAN_SHARE) {
      fromUninvited(request, random.pick(SCANS), strangerAddress(random));
    } else if (kind < PROBE_SHARE + SCAN_SHARE + CRAWL_SHARE) {
      fromUninvited(request, random.pick(CRAWLS), strangerAddress(random));
    } else drawn(request, random.pick(endpoints), random);
  }

  #route({ method, route }: Request): Uint8Array {
    return cached(this.#routes, `${method} ${route}`, () => ({
      "http.request.method": method,
      ...(route ? { "http.route": route } : {}),
    }));
  }
}

/** The services whose requests and workers ask for an operation. */
function callersOf({ operations, consumers }: Scenario): Map<Operation, Service[]> {
  const callers = new Map<Operation, Service[]>();
  for (const { service, work } of [...operations, ...consumers]) {
    for (const entry of work) {
      if (entry.kind !== "call") continue;
      const known = callers.get(entry.operation);
      if (!known) callers.set(entry.operation, [service]);
      else if (!known.includes(service)) known.push(service);
    }
  }
  return callers;
}

/** Attributes of a value out of a small set. */
function cached<K>(
  cache: Map<K, Uint8Array>,
  key: K,
  attributes: (key: K) => Parameters<typeof encodeAttributes>[1],
): Uint8Array {
  let encoded = cache.get(key);
  if (!encoded) {
    encoded = encodeAttributes(LOG_ATTRIBUTES, attributes(key));
    cache.set(key, encoded);
  }
  return encoded;
}

function speaksHttp(operation: Operation): operation is HttpOperation {
  return operation.protocol === "http";
}

function writingOf(service: Service): Writing {
  const entrance = isEntrance(service);
  return {
    combined: entrance ? service.index % 4 !== 3 : service.index % 3 === 1,
    version: entrance ? "2" : "1.1",
    constants: { "2": constantOf("2"), "1.1": constantOf("1.1") },
  };

  function constantOf(version: string): Uint8Array {
    return encodeAttributes(LOG_ATTRIBUTES, {
      "network.protocol.name": "http",
      "network.protocol.version": version,
      "server.address": entrance ? PUBLIC_HOST : addressOf(service),
      "log.iostream": "stdout",
    });
  }
}

function lineOf(request: Request, { combined, version }: Writing): string {
  const { method, path, query, status, bytes, client, referer, userAgent } = request;
  const protocol = version === "2" && !request.probe ? "HTTP/2.0" : "HTTP/1.1";
  const target = query ? `${path}?${query}` : path;
  // Apache writes a dash where nginx writes 0.
  const size = bytes > 0 ? bytes : combined ? "0" : "-";
  const line = `${client} - - [${TIME_TEXT["common log"]}] "${method} ${target} ${protocol}" ${status} ${size}`;
  return combined ? `${line} "${referer || "-"}" "${userAgent}"` : line;
}

/** Addresses of documentation, from networks that users have too. */
function strangerAddress(random: Random): string {
  return `${random.pick(["192.0.2", "198.51.100", "203.0.113"])}.${random.int(1, 254)}`;
}
