/**
 * Which domain a service belongs to, by the words of its name.
 */

import { MEDIA, REVIEWS } from "./domains/content.ts";
import { ADDRESSES, EMAILS, NOTIFICATIONS, SESSIONS, USERS } from "./domains/customers.ts";
import type { Domain } from "./domains/domain.ts";
import { ANALYTICS, FLAGS, SHIPMENTS, WAREHOUSES } from "./domains/fulfilment.ts";
import { GATEWAY } from "./domains/gateway.ts";
import { genericDomain } from "./domains/generic.ts";
import { INVENTORY, PRODUCTS, RECOMMENDATIONS, SEARCH } from "./domains/goods.ts";
import { FRAUD, INVOICES, PAYMENTS } from "./domains/money.ts";
import { CURRENCIES, PRICES, TAXES } from "./domains/pricing.ts";
import { CARTS, COUPONS, LOYALTY, ORDERS, SUBSCRIPTIONS } from "./domains/sales.ts";

export type { Domain, Endpoint, External, Failure, StepKind, Table } from "./domains/domain.ts";

/** Words of names, by domain. */
const WORDS: readonly (readonly [Domain, string])[] = [
  [
    GATEWAY,
    "gateway frontend front bff edge web webapp website site proxy ingress router storefront shopfront portal www ui spa mobile ios android graphql entry entrypoint loadbalancer lb nginx envoy traefik",
  ],
  [ORDERS, "order orders checkout"],
  [CARTS, "cart carts basket baskets"],
  [COUPONS, "coupon coupons voucher vouchers promotion promotions discount discounts"],
  [SUBSCRIPTIONS, "subscription subscriptions membership"],
  [LOYALTY, "loyalty reward rewards points"],
  [PAYMENTS, "payment payments charge charges refund refunds"],
  [INVOICES, "billing invoice invoices invoicing accounting"],
  [PRICES, "pricing price prices quote quotes"],
  [TAXES, "tax taxes vat"],
  [CURRENCIES, "currency currencies exchange fx"],
  [FRAUD, "fraud risk"],
  [PRODUCTS, "product products catalog catalogue productcatalog item items"],
  [INVENTORY, "inventory stock"],
  [SEARCH, "search discovery"],
  [RECOMMENDATIONS, "recommendation recommendations recommender personalization"],
  [REVIEWS, "review reviews rating ratings"],
  [MEDIA, "media image images asset assets upload uploads file files"],
  [USERS, "user users profile profiles account accounts customer customers member members identity"],
  [SESSIONS, "auth authn authentication session sessions login sso token tokens"],
  [ADDRESSES, "address addresses geo location locations"],
  [NOTIFICATIONS, "notification notifications push sms alert alerts"],
  [EMAILS, "email emails mail mailer"],
  [SHIPMENTS, "shipping shipment shipments delivery deliveries logistics fulfillment fulfilment tracking"],
  [WAREHOUSES, "warehouse warehouses picking packing"],
  [FLAGS, "feature flag flags featureflags toggles experiment experiments"],
  [ANALYTICS, "analytics report reports reporting metrics insights bi"],
];

const DOMAIN_OF_WORD = new Map(
  WORDS.flatMap(([domain, words]) => words.split(" ").map((word) => [word, domain] as const)),
);

/** What a name may end in without saying what the service is about. */
const ROLE = /[-_.]?(service|svc|api|worker|processor|store|sync|resolver|manager|server|app)(-\d+)?$/;

/** All domains that names can mean, each once. */
export const DOMAINS: readonly Domain[] = WORDS.map(([domain]) => domain);

/** What names of entrances end in when their words are not told apart: shopfrontend, apigateway. */
const ENTRANCE = /(front-?end|gateway|storefront|webapp|bff|portal)$/;

/**
 * The domain of a service: the first word of its name that is known decides, else the name itself is the subject.
 *
 * isEntrance  whether others are asked through it: a word for that decides before any other then, and what nobody knows
 *             is no subject but just an entrance
 */
export function domainOf(service: string, isEntrance = false): Domain {
  const subject = subjectOf(service);
  const known = subject.split("_").flatMap((word) => DOMAIN_OF_WORD.get(word) ?? []);
  const opensToOthers = known.includes(GATEWAY) || ENTRANCE.test(subject);
  if (isEntrance && opensToOthers) return GATEWAY;
  const own = known.find((domain) => domain !== GATEWAY);
  return own ?? (isEntrance || opensToOthers ? GATEWAY : genericDomain(subject));
}

/** Whether a domain is made of a service's name. */
export function isGeneric(domain: Domain): boolean {
  return !DOMAINS.includes(domain);
}

/** What a service's name says it is about, as an identifier: Audit-Log-service -> audit_log. */
function subjectOf(service: string): string {
  const bare = service.toLowerCase().replace(ROLE, "") || service.toLowerCase();
  const words = bare.replace(/[^a-z0-9]+/g, "_").replace(/^_+|_+$/g, "");
  return /^[a-z]/.test(words) ? words : `thing_${words}`.replace(/_$/, "");
}
