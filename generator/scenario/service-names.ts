/**
 * What services are called: the names of the config first, then plausible ones.
 */

const NAMES = [
  "api-gateway",
  "user-service",
  "order-service",
  "product-catalog",
  "payment-service",
  "cart-service",
  "inventory-service",
  "shipping-service",
  "recommendation-service",
  "search-service",
  "notification-service",
  "auth-service",
  "pricing-service",
  "review-service",
  "billing-service",
  "profile-service",
  "media-service",
  "coupon-service",
  "fraud-detection",
  "tax-service",
  "warehouse-service",
  "session-service",
  "email-service",
  "analytics-service",
  "feature-flags",
  "currency-service",
  "subscription-service",
  "loyalty-service",
  "address-service",
  "invoice-service",
];

const DOMAINS = [
  "ledger",
  "quote",
  "booking",
  "ticket",
  "content",
  "message",
  "document",
  "device",
  "report",
  "audit",
];
const ROLES = ["service", "worker", "api", "processor", "store", "sync", "resolver", "manager"];

/**
 * The names of `count` services: `given` in its order, then made-up ones that are not in it. Does not depend on the
 * seed, so that a config can name made-up services and be checked.
 */
export function serviceNames(given: readonly string[], count: number): string[] {
  const names = [...given];
  const taken = new Set(names);
  for (let candidate = 0; names.length < count; candidate++) {
    const name = candidateName(candidate);
    if (taken.has(name)) continue;
    taken.add(name);
    names.push(name);
  }
  return names;
}

function candidateName(index: number): string {
  if (index < NAMES.length) return NAMES[index]!;
  const rest = index - NAMES.length;
  const domain = DOMAINS[rest % DOMAINS.length]!;
  const role = ROLES[Math.floor(rest / DOMAINS.length) % ROLES.length]!;
  const round = Math.floor(rest / (DOMAINS.length * ROLES.length));
  return round === 0 ? `${domain}-${role}` : `${domain}-${role}-${round + 1}`;
}
