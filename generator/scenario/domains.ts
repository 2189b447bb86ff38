/**
 * Which domain a service belongs to, by the words of its name.
 */
import type { Domain } from "./domains/domain.ts";
import { GATEWAY } from "./domains/gateway.ts";
import { genericDomain } from "./domains/generic.ts";
import { CARTS, ORDERS } from "./domains/sales.ts";

export type { Domain, Endpoint, External, MessageLevel, StepKind, Table } from "./domains/domain.ts";

/** Words of names, by domain. */
const WORDS: readonly (readonly [Domain, string])[] = [
  [GATEWAY, "gateway frontend bff edge web proxy ingress"],
  [ORDERS, "order orders checkout"],
  [CARTS, "cart carts basket"],
];

const DOMAIN_OF_WORD = new Map(
  WORDS.flatMap(([domain, words]) => words.split(" ").map((word) => [word, domain] as const)),
);

/** What a name may end in without saying what the service is about. */
const ROLE = /[-_.]?(service|svc|api|worker|processor|store|sync|resolver|manager|server|app)(-\d+)?$/;

/** All domains that names can mean, each once. */
export const DOMAINS: readonly Domain[] = WORDS.map(([domain]) => domain);

/** The domain of a service: the first word of its name that is known decides, else the name itself is the subject. */
export function domainOf(service: string): Domain {
  const subject = subjectOf(service);
  for (const word of subject.split("_")) {
    const domain = DOMAIN_OF_WORD.get(word);
    if (domain) return domain;
  }
  return genericDomain(subject);
}

/** What a service's name says it is about, as an identifier: Audit-Log-service -> audit_log. */
function subjectOf(service: string): string {
  const bare = service.toLowerCase().replace(ROLE, "") || service.toLowerCase();
  const words = bare.replace(/[^a-z0-9]+/g, "_").replace(/^_+|_+$/g, "");
  return /^[a-z]/.test(words) ? words : `item_${words}`.replace(/_$/, "");
}
