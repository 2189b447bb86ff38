/**
 * Services: who they are, what they offer, what they call. All plain data, drawn once per run.
 */
import type { Random } from "../random.ts";
import { DATABASES, type DatabaseSystem, REDIS, type Statement } from "./databases.ts";
import type { Pod } from "./infrastructure.ts";
import { LANGUAGES, type Language, type Library } from "./languages.ts";

export interface Service {
  readonly index: number;
  readonly name: string;
  readonly namespace: string;
  readonly version: string;
  readonly language: Language;
  readonly port: number;
  readonly instances: readonly ServiceInstance[];
  readonly operations: readonly Operation[];
  readonly databaseCalls: readonly DatabaseCall[];
  readonly steps: readonly Step[];
  readonly externalCalls: readonly ExternalCall[];
  /** Operations of other services that this one calls; empty at the far end. */
  readonly calls: readonly Operation[];
  /** Its instrumentation scopes; operations, calls and steps name theirs by its place here. */
  readonly libraries: readonly Library[];
  /** The one that traces its HTTP calls. */
  readonly clientLibrary: number;
}

/** One process of a service: `index` counts through all instances of the scenario. */
export interface ServiceInstance {
  readonly index: number;
  readonly service: Service;
  readonly id: string;
  readonly pod: Pod;
}

/** An HTTP endpoint. `index` counts through all operations of the scenario. */
export interface Operation {
  readonly index: number;
  readonly service: Service;
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly route: string;
  /** The path around its one parameter: [before, after]; a single part has no parameter. */
  readonly pathParts: readonly string[];
  /** Whether requests carry a query. */
  readonly query: boolean;
  readonly successCode: number;
  /** Usual latency in ms of a request that makes a dozen spans. */
  readonly latencyMs: number;
  readonly library: number;
}

export interface DatabaseCall {
  readonly index: number;
  readonly service: Service;
  readonly system: DatabaseSystem;
  readonly statement: Statement;
  readonly address: string;
  readonly peer: string;
  readonly database: string;
  readonly table: string;
  readonly library: number;
}

/** A part of a program that has a span of its own. */
export interface Step {
  readonly index: number;
  readonly service: Service;
  readonly name: string;
  readonly functionName: string;
  readonly file: string;
  readonly line: number;
  readonly library: number;
}

/** A call to a host that is not part of the scenario, so no server span answers. */
export interface ExternalCall {
  readonly index: number;
  readonly service: Service;
  readonly method: "GET" | "POST";
  readonly host: string;
  readonly path: string;
  readonly peer: string;
  readonly library: number;
}

/** What a service is to be, before it is drawn. */
export interface ServiceSeat {
  readonly name: string;
  readonly namespace: string;
  readonly pods: readonly Pod[];
}

const STEP_NAMES = [
  ["validate request", "request-validator"],
  ["check permissions", "access-control"],
  ["load settings", "settings-loader"],
  ["map response", "response-mapper"],
  ["apply rules", "rule-engine"],
  ["render view", "view-renderer"],
  ["publish event", "event-publisher"],
] as const;

const EXTERNAL_HOSTS = [
  ["POST", "api.payments.example.net", "/v1/charges"],
  ["GET", "rates.example.org", "/v2/latest"],
  ["POST", "hooks.example.net", "/v1/notify"],
  ["GET", "geo.example.org", "/v1/lookup"],
] as const;

/** Endpoints of a service about one kind of thing: method, path after the collection, usual latency in ms, code. */
const ENDPOINTS = [
  ["GET", "", 60, 200],
  ["GET", "/ID", 25, 200],
  ["POST", "", 90, 201],
  ["PUT", "/ID", 70, 200],
  ["GET", "/ID/history", 110, 200],
  ["DELETE", "/ID", 40, 204],
] as const;

/** Most services that an entrance has endpoints for. */
const MAX_FRONTED = 8;

type Open<T> = { -readonly [key in keyof T]: T[key] };

/** Draw the services of a run. Each draws from a fork named after it, so one service more does not change the others. */
export function makeServices(
  random: Random,
  seats: readonly ServiceSeat[],
  ingress: ReadonlySet<string>,
): Service[] {
  const counters = { instance: 0, operation: 0, database: 0, step: 0, external: 0 };
  const services = seats.map((seat, index) => {
    const own = random.fork(`service ${seat.name}`);
    const language = LANGUAGES[index % LANGUAGES.length]!;
    const libraries: Library[] = [];
    const service: Open<Service> = {
      index,
      name: seat.name,
      namespace: seat.namespace,
      version: seat.pods[0]?.deployment.containers[0]?.tag ?? "1.0.0",
      language,
      port: 8080,
      instances: [],
      operations: [],
      databaseCalls: [],
      steps: [],
      externalCalls: [],
      calls: [],
      libraries,
      clientLibrary: 0,
    };
    service.clientLibrary = libraryIndex(libraries, language.client);
    const tracer = libraryIndex(libraries, { name: seat.name, version: service.version });
    service.instances = seat.pods.map((pod) => ({
      index: counters.instance++,
      service,
      id: own.uuid(),
      pod,
    }));
    service.steps = STEP_NAMES.map(([name, module]) => ({
      index: counters.step++,
      service,
      name,
      functionName: language.functionName(seat.name, module, name),
      file: language.file(seat.name, module),
      line: own.int(12, 380),
      library: tracer,
    }));
    service.databaseCalls = makeDatabaseCalls(own, service, libraries, counters);
    service.externalCalls = EXTERNAL_HOSTS.slice(index % 3, (index % 3) + 2).map(([method, host, path]) => ({
      index: counters.external++,
      service,
      method,
      host,
      path,
      peer: `198.51.100.${own.int(1, 254)}`,
      library: service.clientLibrary,
    }));
    return service;
  });
  for (const service of services) {
    service.operations = makeOperations(
      random.fork(`operations ${service.name}`),
      service,
      services,
      ingress,
      counters,
    );
  }
  for (const service of services)
    service.calls = chooseCalls(random.fork(`calls ${service.name}`), service, services, ingress);
  return services;
}

/** What a service is about, in the plural: user-service -> users. */
export function subjectOf(service: string): string {
  const word = service.replace(
    /-(service|api|worker|processor|store|sync|resolver|manager|gateway|catalog|detection)(-\d+)?$/,
    "",
  );
  if (/(s|x|ch)$/.test(word)) return `${word}es`;
  return word.endsWith("y") ? `${word.slice(0, -1)}ies` : `${word}s`;
}

function makeOperations(
  own: Random,
  service: Service,
  services: readonly Service[],
  ingress: ReadonlySet<string>,
  counters: { operation: number },
): Operation[] {
  // An entrance fronts the others: its endpoints are about what they are about.
  const behind = services.filter(({ name }) => !ingress.has(name)).slice(0, MAX_FRONTED);
  const fronts = ingress.has(service.name) && behind.length > 0;
  const subjects = fronts ? behind.map(({ name }) => subjectOf(name)) : [subjectOf(service.name)];
  const endpoints = fronts ? ENDPOINTS.slice(0, 3) : ENDPOINTS;
  const libraries = service.libraries as Library[];
  return subjects.flatMap((subject) =>
    endpoints.map(([method, rest, latencyMs, successCode]) => {
      const path = `${fronts ? "/api/v1" : ""}/${subject}${rest}`;
      return {
        index: counters.operation++,
        service,
        method,
        route: path.replace("ID", service.language.parameter("id")),
        pathParts: path.split("ID"),
        query: method === "GET" && !rest,
        successCode,
        latencyMs: latencyMs * (fronts ? 2 : 1) * (0.75 + own.float() / 2),
        library: libraryIndex(libraries, service.language.server),
      };
    }),
  );
}

function makeDatabaseCalls(
  own: Random,
  service: Service,
  libraries: Library[],
  counters: { database: number },
): DatabaseCall[] {
  const table = subjectOf(service.name).replaceAll("-", "_");
  return [DATABASES[service.index % DATABASES.length]!, REDIS].flatMap((system) => {
    const peer = `10.20.${own.int(200, 250)}.${own.int(1, 254)}`;
    const address = `${table.replaceAll("_", "-")}-${system.name}.${service.namespace}`;
    return system.statements(table).map((statement) => ({
      index: counters.database++,
      service,
      system,
      statement,
      address,
      peer,
      database: system === REDIS ? "0" : table,
      table,
      library: libraryIndex(libraries, service.language.database(system.name)),
    }));
  });
}

/** Services call forward only: entrances those behind them, all others those later in order. So no request runs in circles. */
function chooseCalls(
  own: Random,
  service: Service,
  services: readonly Service[],
  ingress: ReadonlySet<string>,
): readonly Operation[] {
  const behind = services.filter(({ name }) => !ingress.has(name));
  if (ingress.has(service.name) && behind.length > 0) {
    return behind.slice(0, MAX_FRONTED).flatMap(({ operations }) => operations.slice(0, 3));
  }
  const pool = behind.length > 0 ? behind : services;
  const later = pool.filter(({ index }) => index > service.index);
  return later.slice(0, own.int(1, 3)).flatMap(({ operations }) => operations);
}

function libraryIndex(libraries: Library[], library: Library): number {
  const found = libraries.findIndex(({ name }) => name === library.name);
  return found >= 0 ? found : libraries.push(library) - 1;
}
