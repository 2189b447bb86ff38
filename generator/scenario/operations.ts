/**
 * What services answer: HTTP endpoints and gRPC methods.
 */
import type { Random } from "../random.ts";
import type { Domain, Endpoint } from "./domains.ts";
import { type Draft, libraryIndex, NO_INDEX, type Open } from "./draft.ts";
import type { Operation } from "./services.ts";

/** Endpoints of each service behind it that an entrance passes on. */
const PASSED_ON = 4;

/** Make the operations of a service; an entrance has those of the services that it fronts. Their recipes are empty. */
export function makeOperations(own: Random, draft: Draft, fronted: readonly Draft[]): Open<Operation>[] {
  const passedOn = fronted.flatMap(({ domain }) =>
    publicEndpoints(domain)
      .slice(0, PASSED_ON)
      .map((endpoint) => ({ domain, endpoint })),
  );
  const isGateway = draft.domain.layer === 0 && fronted.length > 0;
  const endpoints = isGateway
    ? []
    : ownEndpoints(draft).map((endpoint) => ({ domain: draft.domain, endpoint }));
  const seen = new Set<string>();
  return [...endpoints, ...passedOn]
    .filter(({ domain, endpoint: { method, path } }) => isNew(seen, `${method} ${domain.collection}${path}`))
    .map(({ domain, endpoint }) => {
      const latencyMs = endpoint.ms * (0.75 + own.fork(endpoint.verb).float() / 2);
      return draft.protocol === "grpc"
        ? rpcOperation(draft, domain, endpoint, latencyMs)
        : httpOperation(draft, domain, endpoint, latencyMs);
    });
}

/** Endpoints that customers use. */
export function publicEndpoints({ endpoints }: Domain): readonly Endpoint[] {
  return endpoints.filter(({ isPublic }) => isPublic);
}

/** An entrance has its public ones, if any; where there are only entrances, they have the others for each other. */
function ownEndpoints({ domain, isIngress, isAlone }: Draft): readonly Endpoint[] {
  const offered = publicEndpoints(domain);
  return isIngress && !isAlone && offered.length > 0 ? offered : domain.endpoints;
}

/** Those of an entrance's operations that the outside asks for. */
export function exposedOf(operations: readonly Operation[]): readonly Operation[] {
  const exposed = operations.filter(({ endpoint }) => endpoint.isPublic);
  return exposed.length > 0 ? exposed : operations;
}

function isNew(seen: Set<string>, key: string): boolean {
  return !seen.has(key) && Boolean(seen.add(key));
}

function httpOperation(draft: Draft, domain: Domain, endpoint: Endpoint, latencyMs: number): Open<Operation> {
  const path = `${draft.isIngress ? "/api/v1" : ""}/${domain.collection.replaceAll("_", "-")}${endpoint.path}`;
  const route = path.replace("ID", draft.language.parameter("id"));
  return {
    protocol: "http",
    index: NO_INDEX,
    service: draft,
    domain,
    endpoint,
    name: `${endpoint.method} ${route}`,
    method: endpoint.method,
    route,
    pathParts: path.split("ID"),
    query: endpoint.query,
    successCode: endpoint.successCode,
    latencyMs,
    library: libraryIndex(draft.libraries, draft.language.server),
    work: [],
  };
}

function rpcOperation(draft: Draft, domain: Domain, endpoint: Endpoint, latencyMs: number): Open<Operation> {
  const rpcMethod = `${packageOf(draft)}.v1.${pascal(domain.entity)}Service/${endpoint.verb}`;
  return {
    protocol: "grpc",
    rpcMethod,
    index: NO_INDEX,
    service: draft,
    domain,
    endpoint,
    name: rpcMethod,
    latencyMs,
    library: libraryIndex(draft.libraries, draft.language.rpcServer),
    work: [],
  };
}

/** A protobuf package: letters, digits and underscores, no part beginning with a digit. */
function packageOf({ namespace, label }: Draft): string {
  const root = namespace
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^[^a-z]+|_+$/g, "");
  return `${root || "app"}.${label}`;
}

function pascal(text: string): string {
  return text.replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
}
