/**
 * Texts with placeholders, filled from one random word: the same text and word give the same result everywhere.
 */
import { mix as mixed } from "../../template/mix.ts";
import type { Domain } from "./domains.ts";

const CURRENCIES = ["EUR", "USD", "GBP", "SEK", "PLN"] as const;
const PLACES = ["RTM-1", "LEJ-2", "BHX-4", "DTM-3", "POZ-1", "MXP-5", "BCN-1", "CPH-2"] as const;
const PLANS = ["free", "starter", "team", "business", "enterprise"] as const;
const COUNTRIES = ["DE", "FR", "NL", "GB", "SE", "PL", "ES", "IT", "US", "CA"] as const;
/** Why something went wrong inside. */
const REASONS = [
  "upstream timed out",
  "connection reset by peer",
  "version conflict",
  "lock wait timeout",
  "circuit open",
  "deadline exceeded",
  "connection pool exhausted",
  "too many connections",
  "broken pipe",
  "connection refused",
] as const;
/** Why customers change their minds. */
const WISHES = [
  "ordered by mistake",
  "delivery takes too long",
  "found a better price",
  "wrong size",
  "wrong delivery address",
  "ordered twice",
  "no longer needed",
  "payment method to be changed",
] as const;
/** Why banks refuse to pay. */
const DECLINES = [
  "insufficient_funds",
  "do_not_honor",
  "expired_card",
  "incorrect_cvc",
  "card_velocity_exceeded",
  "authentication_required",
  "suspected_fraud",
  "lost_card",
] as const;
const SEARCHES = [
  "usb-c cable",
  "running shoes",
  "desk lamp",
  "coffee grinder",
  "rain jacket",
  "wireless mouse",
  "yoga mat",
  "espresso cups",
  "phone case",
  "backpack 25l",
  "hdmi adapter",
  "noise cancelling headphones",
  "garden chair",
  "water bottle",
  "led strip",
  "board game",
] as const;

export const USERS = 40_000;

/** Ordinal of a user, in [0, USERS): some come far more often than others. */
export const userOf = (word: number): number => skewedOrdinal(word >>> 3, USERS);

export function userId(user: number): string {
  return `usr_${(10_000_019 + user * 7_919).toString(36)}`;
}

/** An id as the domain writes it. About a fifth of all words share a few hundred ids: some things are asked for often. */
export function idOf(domain: Domain, word: number): string {
  const bits = (word & 7) < 2 ? mix((word >>> 24) + 0x51ed) : mix(word);
  if (domain.idStyle === "number") return String(10_000 + (bits % 890_000));
  if (domain.idStyle === "uuid") return uuidOf(bits);
  return domain.idPrefix ? `${domain.idPrefix}-${10_000 + (bits % 90_000)}` : codeOf(bits);
}

const PLACEHOLDER = /\{(\w+(?:\.\.\d+)?)\}/g;

/**
 * Fill the placeholders of a text about this domain: names, and ranges such as {3..12}. Names that are not known stay.
 *
 * given  values that are known already, by name
 */
export function fillIn(
  text: string,
  domain: Domain,
  word: number,
  given: Readonly<Record<string, string>> = {},
): string {
  if (!text.includes("{")) return text;
  return text.replace(
    PLACEHOLDER,
    (whole, name: string) => given[name] ?? placeholderValue(name, domain, word) ?? whole,
  );
}

/** The names of a text's placeholders, in order. */
export function placeholdersOf(text: string): string[] {
  return Array.from(text.matchAll(PLACEHOLDER), ([, name]) => name!);
}

/** What a placeholder stands for in a text about this domain, or undefined for a name that is not known. */
export function placeholderValue(name: string, domain: Domain, word: number): string | undefined {
  const bits = mix(word ^ hashOf(name));
  const value = VALUES[name];
  if (value) return value(bits, domain, word);
  const [low, high] = name.split("..");
  return high === undefined ? undefined : String(Number(low) + (bits % (Number(high) - Number(low) + 1)));
}

type Value = (bits: number, domain: Domain, word: number) => string;

const of =
  (items: readonly string[]): Value =>
  (bits) =>
    items[bits % items.length]!;
const amount: Value = (bits) => `${skewedOrdinal(bits, 900) + 3}.${String(bits % 100).padStart(2, "0")}`;

const VALUES: Readonly<Record<string, Value | undefined>> = {
  id: (_bits, domain, word) => idOf(domain, word),
  user: (_bits, _domain, word) => userId(userOf(word)),
  n: (bits) => String(1 + skewedOrdinal(bits, 60)),
  count: (bits) => String(60 + skewedOrdinal(bits, 1_900)),
  attempt: (bits) => String(2 + (bits % 3)),
  /** What is usual inside a request, what is worth a warning, and what jobs take. */
  ms: (bits) => String(1 + skewedOrdinal(bits, 180)),
  slowMs: (bits) => String(810 + skewedOrdinal(bits, 5_200)),
  jobMs: (bits) => String(140 + skewedOrdinal(bits, 48_000)),
  bytes: (bits) => String(180 + skewedOrdinal(bits, 900_000)),
  percent: (bits) => String(71 + (bits % 29)),
  amount,
  amount2: amount,
  currency: of(CURRENCIES),
  country: of(COUNTRIES),
  place: of(PLACES),
  plan: of(PLANS),
  reason: of(REASONS),
  wish: of(WISHES),
  decline: of(DECLINES),
  q: (bits) => SEARCHES[bits % SEARCHES.length]!.replaceAll(" ", "+"),
  term: of(SEARCHES),
  rating: (bits) => String(1 + (bits % 5)),
  lang: of(["en", "de", "fr", "nl", "sv"]),
  page: (bits) => String(1 + skewedOrdinal(bits, 40)),
  sku: (bits) => `SKU-${10_000 + skewedOrdinal(bits, 90_000)}`,
  source: (bits) =>
    `10.${64 + (bits % 8)}.${(bits >>> 8) % 256}.${1 + ((bits >>> 16) % 254)}:${32_768 + (bits % 28_000)}`,
  order: (bits) => String(10_000 + (bits % 890_000)),
  session: (bits) => `s_${hex8(bits)}${hex8(mix(bits)).slice(0, 4)}`,
  host: (bits) => `10.${64 + (bits % 8)}.${(bits >>> 8) % 256}.${1 + ((bits >>> 16) % 254)}:8080`,
  version: (bits) => `${1 + (bits % 4)}.${(bits >>> 4) % 31}.${(bits >>> 10) % 10}`,
  state: (bits, { states }) => states[bits % states.length]!,
  // One further than {state}, so that a thing never goes from a state to the same.
  state2: (_bits, { states }, word) =>
    states[((mix(word ^ hashOf("state")) % states.length) + 1) % states.length]!,
};

/** The bits of a word mixed well, unsigned: distinct words stay distinct. */
export const mix = (word: number): number => mixed(word) >>> 0;

/** An ordinal below `count` (at most 2^21), the low ones far likelier: the product of two uniform numbers. */
export function skewedOrdinal(bits: number, count: number): number {
  const first = (bits & 0xffff) + 1;
  const second = ((bits >>> 16) & 0xffff) + 1;
  return Math.min(count - 1, Math.floor((first * second * count) / 2 ** 32));
}

const hashes = new Map<string, number>();

/** 32 bits that follow from a text; kept for the next time, so for texts of which there are few. */
export function hashOf(name: string): number {
  let hash = hashes.get(name);
  if (hash === undefined) {
    hash = 0;
    for (let at = 0; at < name.length; at++) hash = mix(hash ^ name.charCodeAt(at));
    hashes.set(name, hash);
  }
  return hash;
}

const HEX_BYTES = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
const HEX_TRIPLES = Array.from({ length: 4096 }, (_, bits) => bits.toString(16).padStart(3, "0"));

const hex4 = (bits: number): string => HEX_BYTES[(bits >>> 8) & 0xff]! + HEX_BYTES[bits & 0xff]!;
/** 32 bits as eight hex digits. From a table: Number.toString(16) takes several times as long. */
export const hex8 = (bits: number): string => hex4(bits >>> 16) + hex4(bits);

function uuidOf(bits: number): string {
  const second = mix(bits ^ 0x51ed270b);
  const third = mix(bits ^ 0x2545f491);
  const fourth = mix(bits ^ 0x7f4a7c15);
  return `${hex8(bits)}-${hex4(second >>> 16)}-4${HEX_TRIPLES[second & 0xfff]!}-${"89ab"[bits & 3]}${HEX_TRIPLES[(third >>> 16) & 0xfff]!}-${hex4(third)}${hex8(fourth)}`;
}

const LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

function codeOf(bits: number): string {
  let text = "";
  let rest = bits;
  for (let place = 0; place < 10; place++) {
    if (place === 6) rest = mix(bits ^ 0x1b873593);
    text += LETTERS[rest & 31]!;
    rest >>>= 5;
  }
  return text;
}
