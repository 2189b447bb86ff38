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
    "RateLimitExceeded: client {user} made {601..1900} requests in 60 s, limit is 600",
    "change:PayloadTooLarge: body exceeds the limit of 1048576 bytes",
    "InvalidToken: token of session {session} expired {n} s ago",
  ],
  messages: {
    DEBUG: [
      "route table has {40..180} entries, matched in 0.{10..90} ms",
      "token of session {session} verified from cache",
      "upstream {host} picked out of {2..9}, {0..60} requests outstanding",
    ],
    INFO: [
      "request {id} answered in {ms} ms, {bytes} bytes",
      "upstream {host} is healthy again after {n} s",
      "session {session} of {user} refreshed",
      "route table reloaded, {40..180} routes",
      "client {user} upgraded to plan {plan}",
      "circuit to {host} closed after {3..8} probes",
    ],
    WARN: [
      "upstream {host} took {slowMs} ms, above the budget of 800 ms",
      "client {user} is at {percent} % of its rate limit",
      "retrying request {id} on {host}, attempt {attempt}",
      "circuit to {host} half open, letting {1..5} requests through",
    ],
    ERROR: [
      "request {id} failed: no answer from {host} in {slowMs} ms",
      "circuit to {host} opened, {51..99} of the last 100 requests failed",
    ],
  },
});
