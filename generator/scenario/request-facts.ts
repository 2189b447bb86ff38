/**
 * What one request from outside is about. All of it follows from one random word, so that a span and the access log of
 * the same request agree without either remembering the other.
 */
import type { ExternalCall, HttpOperation, Operation } from "./services.ts";
import { USER_AGENTS } from "./user-agents.ts";
import { fillIn, hex8, idOf, mix, skewedOrdinal } from "./wording.ts";

export { USERS, userId, userOf } from "./wording.ts";

/** The name by which the outside reaches the entrances. */
export const PUBLIC_HOST = "shop.example.com";

/** Networks for documentation (RFC 5737): nobody's addresses. */
const NETWORKS = ["192.0.2", "198.51.100", "203.0.113"] as const;
const IN_NETWORKS = NETWORKS.length * 254;
/** Clients behind a carrier's address translation (RFC 6598, 100.64.0.0/10), and with IPv6 (RFC 3849, 2001:db8::/32). */
const IN_CARRIERS = 6000;
const IN_IPV6 = 2400;

export const CLIENT_ADDRESSES = IN_NETWORKS + IN_CARRIERS + IN_IPV6;
export const USER_AGENT_COUNT = USER_AGENTS.length;
export const TENANTS = 48;

/** Ordinal of the client's address in [0, CLIENT_ADDRESSES): some send far more than others. */
export const clientOf = (word: number): number =>
  scattered(skewedOrdinal(mix(word ^ 0x636c_6965), CLIENT_ADDRESSES));

/** Ordinal of the user agent in [0, USER_AGENT_COUNT). */
export const userAgentOf = (word: number): number =>
  skewedOrdinal(mix(word ^ 0x6167_656e), USER_AGENTS.length);

/** Ordinal of the tenant that a user belongs to, in [0, TENANTS): a few large ones. */
export const tenantOf = (user: number): number => skewedOrdinal(mix(user ^ 0x7465_6e61), TENANTS);

/** Neighbours in order of frequency are no neighbours in the network: an odd multiplier prime to the count permutes. */
function scattered(ordinal: number): number {
  return (ordinal * 4001) % CLIENT_ADDRESSES;
}

export function clientAddress(client: number): string {
  if (client < IN_NETWORKS)
    return `${NETWORKS[client % NETWORKS.length]}.${1 + Math.floor(client / NETWORKS.length)}`;
  // Odd multipliers permute 22 and 32 bits, so no address repeats.
  const carrier = client - IN_NETWORKS;
  if (carrier < IN_CARRIERS) {
    const bits = (carrier * 1_640_531 + 77) & 0x3f_ffff;
    return `100.${64 + (bits >>> 16)}.${(bits >>> 8) & 0xff}.${bits & 0xff}`;
  }
  const bits = mix(client);
  const group = (from: number): string => ((bits >>> from) & 0xffff).toString(16);
  return `2001:db8:${group(16)}:${group(0)}::${(mix(bits) & 0xffff).toString(16)}`;
}

export function userAgent(ordinal: number): string {
  return USER_AGENTS[ordinal]!;
}

export function tenantId(tenant: number): string {
  return `tn_${(46_660 + (mix(tenant) % 1_600_000)).toString(36)}`;
}

/** The session in which a request comes; the same for all requests of one word. */
export function sessionId(word: number): string {
  return `s_${hex8(mix(word ^ 0x7365_7373))}${hex8(mix(word ^ 0x696f_6e73))}`;
}

/** Where a request came from, as the Referer header; empty for none. */
export function refererOf(word: number): string {
  const bits = mix(word ^ 0x7265_6665);
  const chance = bits & 0xff;
  if (chance < 110) return "";
  if (chance < 140) return `https://${PUBLIC_HOST}/`;
  if (chance < 175) return `https://${PUBLIC_HOST}/products/${codeWord(bits)}`;
  if (chance < 205)
    return `https://${PUBLIC_HOST}/c/${CATEGORIES[(bits >>> 8) % CATEGORIES.length]}?page=${1 + ((bits >>> 16) % 9)}`;
  if (chance < 225) return `https://${PUBLIC_HOST}/cart`;
  if (chance < 245) return "https://search.example.org/";
  return `https://news.example.net/mail/${(bits >>> 8) % 52}`;
}

/** The path of a request, its parameter filled in. */
export function pathOf({ pathParts, domain }: HttpOperation, word: number): string {
  const [before, after] = pathParts;
  return after === undefined ? before! : `${before}${idOf(domain, word)}${after}`;
}

/** The URL that a host outside is asked at. */
export function externalUrlOf({ host, path, service }: ExternalCall, word: number): string {
  return `https://${host}${path.replace("ID", () => idOf(service.domain, word))}`;
}

/** The query of a request, without the question mark; empty when there is none. */
export function queryOf(operation: HttpOperation, word: number): string {
  return operation.query && fillIn(operation.query, operation.domain, word);
}

/** Bytes of the answer's body: lists are long, changes short, refusals and failures a line. */
export function responseSizeOf({ endpoint, domain }: Operation, statusCode: number, word: number): number {
  if (statusCode === 204 || statusCode === 304) return 0;
  const bits = mix(word ^ 0x7369_7a65);
  if (statusCode >= 400) return 62 + (bits % 180);
  const things = domain.collection.length * 131 + endpoint.verb.length * 57;
  const isList = endpoint.method === "GET" && endpoint.path !== "/ID";
  const middle =
    endpoint.method !== "GET"
      ? 140 + (things % 500)
      : isList
        ? 3000 + 4 * (things % 4000)
        : 380 + (things % 1900);
  return 40 + Math.floor(middle * logLogistic(bits));
}

/** Bytes of the request's body; 0 for requests that have none. */
export function requestSizeOf({ endpoint }: Operation, word: number): number {
  if (endpoint.method === "GET" || endpoint.method === "DELETE") return 0;
  return 24 + Math.floor((180 + endpoint.verb.length * 40) * logLogistic(mix(word ^ 0x7265_7175)));
}

/** A skewed factor: log-logistic with shape 4, median 1, within [1/8, 8]; IEEE 754 rounds all of it exactly. */
function logLogistic(bits: number): number {
  const u = (bits + 1) / (2 ** 32 + 1);
  return Math.min(8, Math.max(1 / 8, Math.sqrt(Math.sqrt(u / (1 - u)))));
}

const CATEGORIES = [
  "shoes",
  "lamps",
  "audio",
  "kitchen",
  "garden",
  "outdoor",
  "office",
  "toys",
  "sale",
] as const;
const LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

function codeWord(bits: number): string {
  let text = "";
  for (let place = 0, rest = mix(bits); place < 10; place++, rest = (rest >>> 3) ^ (bits >>> place))
    text += LETTERS[rest & 31]!;
  return text;
}
