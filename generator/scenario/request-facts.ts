/**
 * What one request from outside is about. All of it follows from one random word, so that a span and the access log of
 * the same request agree without either remembering the other.
 */
import type { Operation } from "./services.ts";
import { fillIn, idOf } from "./wording.ts";

const USER_AGENTS = [
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15",
  "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
  "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36",
  "ShopApp/7.4.1 (iOS 18.6)",
  "ShopApp/7.4.0 (Android 15)",
  "curl/8.16.0",
] as const;

/** Networks for documentation (RFC 5737): nobody's addresses. */
const NETWORKS = ["192.0.2", "198.51.100", "203.0.113"] as const;

export const CLIENT_ADDRESSES = NETWORKS.length * 254;
export const USERS = 5000;
export const USER_AGENT_COUNT = USER_AGENTS.length;

/** Ordinal of the client's address in [0, CLIENT_ADDRESSES). */
export const clientOf = (word: number): number => (word >>> 3) % CLIENT_ADDRESSES;

/** Ordinal of the user in [0, USERS). */
export const userOf = (word: number): number => (word >>> 7) % USERS;

/** Ordinal of the user agent in [0, USER_AGENT_COUNT). */
export const userAgentOf = (word: number): number => (word >>> 13) % USER_AGENTS.length;

/** Bytes of the answer. */
export const responseBytesOf = (word: number): number => 120 + ((word >>> 5) % 16_000);

export function clientAddress(client: number): string {
  return `${NETWORKS[client % NETWORKS.length]}.${1 + Math.floor(client / NETWORKS.length)}`;
}

export function userAgent(ordinal: number): string {
  return USER_AGENTS[ordinal]!;
}

export function userId(user: number): string {
  return `usr_${10_000 + user}`;
}

/** The path of a request, its parameter filled in. */
export function pathOf(operation: Operation, word: number): string {
  const [before, after] = operation.pathParts;
  return after === undefined ? before! : `${before}${idOf(operation.domain, word)}${after}`;
}

/** The query of a request, without the question mark; empty when there is none. */
export function queryOf(operation: Operation, word: number): string {
  return fillIn(operation.query, operation.domain, word);
}
