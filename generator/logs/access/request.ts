/**
 * A request as an access log sees it: one that a span shows, one that no span shows, or one that nobody sent on purpose.
 */
import type { Random } from "../../random.ts";
import { codeOf, failuresOf, REFUSAL_SHARE, refusalsOf } from "../../scenario/outcomes.ts";
import * as facts from "../../scenario/request-facts.ts";
import type { HttpOperation, ServiceInstance } from "../../scenario/services.ts";
import type { SampledSpan } from "../../span-sample.ts";
import type { Uninvited } from "./uninvited.ts";

/** Share of requests without a span that fail, of those that are not refused. */
const FAILURE_SHARE = 0.01;

/** Objects are used again: valid until the next request is described. */
export interface Request {
  method: string;
  path: string;
  /** Without the question mark; empty for none. */
  query: string;
  /** Empty when no route fits. */
  route: string;
  status: number;
  bytes: number;
  client: string;
  userAgent: string;
  /** Empty for none. */
  referer: string;
  /** Whether it is a health check of the cluster. */
  probe: boolean;
}

export function emptyRequest(): Request {
  return {
    method: "",
    path: "",
    query: "",
    route: "",
    status: 0,
    bytes: 0,
    client: "",
    userAgent: "",
    referer: "",
    probe: false,
  };
}

/** The request from outside that a server span shows. */
export function fromSpan(request: Request, operation: HttpOperation, span: SampledSpan): void {
  fromOutside(request, operation, span.word, span.statusCode);
}

/** A request from outside that no span shows. */
export function drawn(request: Request, operation: HttpOperation, random: Random): void {
  const word = random.word();
  fromOutside(request, operation, word, drawStatus(operation, word, random));
}

/** A request of another service's instance that no span shows. */
export function fromInside(
  request: Request,
  operation: HttpOperation,
  caller: ServiceInstance,
  random: Random,
): void {
  drawn(request, operation, random);
  request.client = caller.pod.ip;
  request.userAgent = caller.service.language.userAgent;
  request.referer = "";
}

/** A request that no user sends. */
export function fromUninvited(request: Request, uninvited: Uninvited, client: string): void {
  request.method = uninvited.method;
  request.path = uninvited.path;
  request.query = "";
  request.route = uninvited.status === 404 || uninvited.status === 403 ? "" : uninvited.path;
  request.status = uninvited.status;
  request.bytes = uninvited.bytes;
  request.client = client;
  request.userAgent = uninvited.userAgent;
  request.referer = "";
  request.probe = uninvited.userAgent.startsWith("kube-probe/");
}

function fromOutside(request: Request, operation: HttpOperation, word: number, status: number): void {
  request.method = operation.method;
  request.path = facts.pathOf(operation, word);
  request.query = facts.queryOf(operation, word);
  request.route = operation.route;
  request.status = status;
  request.bytes = facts.responseSizeOf(operation, status, word);
  request.client = facts.clientAddress(facts.clientOf(word));
  request.userAgent = facts.userAgent(facts.userAgentOf(word));
  // Programs follow no links.
  request.referer = request.userAgent.startsWith("Mozilla/") ? facts.refererOf(word) : "";
  request.probe = false;
}

function drawStatus(operation: HttpOperation, word: number, random: Random): number {
  if (random.chance(REFUSAL_SHARE)) return codeOf(refusalsOf(operation), word);
  if (random.chance(FAILURE_SHARE)) return codeOf(failuresOf(operation), word);
  return operation.successCode;
}
