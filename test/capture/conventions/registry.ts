/** All keys that are known, and how they are looked up. */
import { DATABASE_KEYS } from "./database.ts";
import { GENERAL_KEYS } from "./general.ts";
import { HTTP_KEYS } from "./http.ts";
import { LOG_KEYS } from "./logs.ts";
import { MESSAGING_KEYS } from "./messaging.ts";
import { POINT_KEYS } from "./metrics.ts";
import { RESOURCE_KEYS } from "./resource.ts";
import { RPC_KEYS } from "./rpc.ts";
import type { KeyRule, Place } from "./tables.ts";

const exact = new Map<string, KeyRule>();
const open: { pattern: RegExp; rule: KeyRule }[] = [];

for (const rule of [
  ...HTTP_KEYS,
  ...DATABASE_KEYS,
  ...RPC_KEYS,
  ...MESSAGING_KEYS,
  ...GENERAL_KEYS,
  ...RESOURCE_KEYS,
  ...LOG_KEYS,
  ...POINT_KEYS,
]) {
  if (rule.key.includes("<")) open.push({ pattern: patternOf(rule.key), rule });
  else if (exact.has(rule.key)) throw new Error(`${rule.key} stands in two tables`);
  else exact.set(rule.key, rule);
}

/** The rule of a key; undefined when nothing of that name is known. */
export function ruleOf(key: string): KeyRule | undefined {
  return exact.get(key) ?? open.find(({ pattern }) => pattern.test(key))?.rule;
}

function patternOf(key: string): RegExp {
  const parts = key.split(/(<key>|<entity>)/).map((part) => {
    if (part === "<key>") return ".+";
    return part === "<entity>" ? "[a-z][a-z0-9_]*" : RegExp.escape(part);
  });
  return new RegExp(`^${parts.join("")}$`);
}

/** The keys that must stand at a place. */
export function requiredAt(place: Place): readonly KeyRule[] {
  return [...exact.values()].filter((rule) => rule.required.has(place));
}
