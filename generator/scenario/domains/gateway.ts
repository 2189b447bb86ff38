/**
 * The domain of entrances that only pass requests on: gateways, front ends, edges.
 */
import { type Domain, readDomain } from "./domain.ts";

export const GATEWAY: Domain = readDomain({
  entity: "request",
  collection: "pages",
  id: "uuid",
  states: "received routed answered rejected",
  layer: 0,
  tables: [
    "api_clients: id name plan rate_limit enabled created_at",
    "api_keys: id client_id hash last_used_at",
  ],
  endpoints: ["GET - ListPages 60 ?lang={lang} public", "GET /ID GetPage 45 public"],
  steps: [
    "authenticate request @authenticator",
    "check rate limit @rate-limiter",
    "match route @route-matcher",
    "change:validate payload @schema-validator",
    "answer:compose response @response-composer",
    "answer:render view @view-renderer",
  ],
  failures: [
    "UpstreamUnavailable: no healthy upstream for {host}",
    "RateLimitExceeded: client {user} made {n} requests in 60 s, limit is {count}",
    "change:PayloadTooLarge: body exceeds the limit of 1048576 bytes",
    "InvalidToken: token of session {session} expired {n} s ago",
  ],
  messages: {
    DEBUG: [
      "route table has {n} entries, matched in {ms} ms",
      "token of session {session} verified from cache",
      "upstream {host} picked out of {n}, {count} requests outstanding",
    ],
    INFO: [
      "request {id} answered in {ms} ms, {bytes} bytes",
      "upstream {host} is healthy again after {n} s",
      "session {session} of {user} refreshed",
      "route table reloaded, {n} routes",
      "client {user} upgraded to plan {plan}",
      "circuit to {host} closed after {n} probes",
    ],
    WARN: [
      "upstream {host} took {ms} ms, above the budget of 800 ms",
      "client {user} is at {percent} % of its rate limit",
      "retrying request {id} on {host}, attempt {attempt}",
      "circuit to {host} half open, letting {n} requests through",
    ],
    ERROR: [
      "request {id} failed: no answer from {host} in {ms} ms",
      "circuit to {host} opened, {n} of the last {count} requests failed",
    ],
  },
});
