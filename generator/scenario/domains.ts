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
  [GATEWAY, "gateway frontend bff edge web proxy ingress"],
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

/** The domain of a service: the first word of its name that is known decides, else the name itself is the subject. */
export function domainOf(service: string): Domain {
  const subject = subjectOf(service);
  for (const word of subject.split("_")) {
    const domain = DOMAIN_OF_WORD.get(word);
    if (domain) return domain;
  }
  return genericDomain(subject);
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
