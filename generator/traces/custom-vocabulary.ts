/**
 * Words for the attributes that applications invent: things, what is said of them, and the values that it can have.
 *
 * A line each: `property = word word ...`, `property ~ count prefix` (that many ids), `property : low..high` (whole
 * numbers; doubles when written with a point, to as many places), `property ? percent` (true that often).
 */

/** Types that values can have, in the order in which attributes take them, round and round. */
export const VALUE_KINDS = ["string", "int", "double", "bool"] as const;

/** What an attribute's values are drawn from. */
export type ValueRange =
  | { readonly kind: "string"; readonly words: readonly string[] }
  | { readonly kind: "string"; readonly ids: number; readonly prefix: string }
  | { readonly kind: "int"; readonly low: number; readonly high: number }
  | { readonly kind: "double"; readonly low: number; readonly high: number; readonly places: number }
  | { readonly kind: "bool"; readonly percent: number };

export interface CustomAttribute {
  /** `app.customer.tier` */
  readonly name: string;
  readonly range: ValueRange;
  /** Whether it says something about the request as a whole, so that all services agree on it. */
  readonly ofRequest: boolean;
}

/** Things that a request is made for, or by: the same throughout a request. */
const REQUEST_THINGS: Readonly<Record<string, readonly string[]>> = {
  customer: [
    "tier = free standard plus gold platinum",
    "segment = retail wholesale education public partner",
    "id ~ 8000 cus_",
    "age_days : 0..4200",
    "order_count : 0..180",
    "lifetime_value : 0.00..9400.00",
    "churn_risk : 0.0000..1.0000",
    "returning ? 63",
  ],
  tenant: [
    "id ~ 120 tn-",
    "plan = trial team business enterprise",
    "shard = s01 s02 s03 s04 s05 s06 s07 s08",
    "seats : 1..2500",
    "quota_used : 0.000..1.000",
    "isolated ? 12",
  ],
  session: [
    "id ~ 6000 s_",
    "entry_page = home search product campaign checkout account",
    "page_views : 1..60",
    "length_seconds : 0.4..1800.0",
    "signed_in ? 58",
  ],
  device: [
    "class = desktop phone tablet tv pos",
    "os = ios android windows macos linux",
    "app_build = 7.42.0 7.41.2 7.41.1 7.40.3 7.38.0 6.99.5",
    "screen_width : 320..2560",
    "battery : 0.02..1.00",
    "jailbroken ? 2",
  ],
  region: [
    "code = eu-west-1 eu-central-1 us-east-1 us-west-2 ap-southeast-1 sa-east-1",
    "cell = c1 c2 c3 c4 c5 c6",
    "replica : 0..5",
    "distance_km : 3.2..9800.0",
    "failover ? 3",
  ],
  feature: [
    "variant = control treatment-a treatment-b holdout",
    "flag = new-checkout fast-search bundle-offers lazy-images split-shipping dark-mode",
    "rollout_percent : 0..100",
    "exposure : 0.00..1.00",
    "enabled ? 41",
  ],
  campaign: [
    "id ~ 60 cmp-",
    "channel = email search social affiliate push direct",
    "touchpoints : 0..14",
    "cost_per_click : 0.02..4.80",
    "attributed ? 35",
  ],
  experiment: [
    "name = checkout-copy ranking-v4 free-shipping-bar one-click image-size price-rounding",
    "arm = a b c",
    "generation : 1..40",
    "allocation : 0.05..0.95",
    "forced ? 4",
  ],
  market: [
    "country = DE FR GB US NL PL ES IT SE JP BR AU",
    "currency = EUR USD GBP SEK PLN JPY BRL AUD",
    "locale = de-DE en-GB en-US fr-FR nl-NL pl-PL es-ES it-IT sv-SE ja-JP pt-BR",
    "time_zone_offset : 0..14",
    "tax_rate : 0.000..0.270",
    "restricted ? 6",
  ],
  partner: [
    "id ~ 240 ptr-",
    "contract = standard premium pilot",
    "api_version : 1..4",
    "commission : 0.000..0.250",
    "sandbox ? 8",
  ],
  request: [
    "origin = web ios android partner-api batch pos",
    "priority_class = interactive background bulk",
    "hops : 1..9",
    "deadline_seconds : 0.25..30.00",
    "replayed ? 2",
  ],
  account: [
    "id ~ 9000 acc_",
    "kind = personal business reseller internal",
    "members : 1..75",
    "balance : 0.00..12000.00",
    "suspended ? 1",
  ],
};

/** Things that one piece of work is about: another one in each service. */
const WORK_THINGS: Readonly<Record<string, readonly string[]>> = {
  cart: [
    "items : 1..24",
    "value : 4.99..899.00",
    "abandoned_before ? 22",
    "source = web app resumed wishlist",
    "id ~ 4000 crt_",
    "weight_kg : 0.05..38.00",
  ],
  checkout: [
    "step = address shipping payment review confirm",
    "attempt : 1..4",
    "total : 4.99..1240.00",
    "express ? 27",
    "flow = classic one-page express guest",
  ],
  order: [
    "state = pending confirmed packed shipped delivered returned",
    "lines : 1..30",
    "total : 3.49..2400.00",
    "gift ? 9",
    "channel = web app phone store marketplace",
    "margin : 0.021..0.640",
  ],
  payment: [
    "method = card sepa paypal invoice wallet voucher",
    "installments : 1..24",
    "amount : 1.00..1999.00",
    "three_ds ? 44",
    "acquirer = acq-north acq-south acq-global",
    "fee : 0.05..24.00",
  ],
  product: [
    "category = shoes books kitchen garden audio toys office sports outdoor beauty",
    "sku ~ 5000 SKU-",
    "stock : 0..900",
    "rating : 1.0..5.0",
    "digital ? 11",
    "price : 0.99..1499.00",
  ],
  stock: [
    "warehouse = ams-1 ber-2 mad-1 waw-3 lyo-1 ham-4",
    "reserved : 0..400",
    "cover_days : 0.5..90.0",
    "backorder ? 7",
    "bin ~ 900 B",
  ],
  shipment: [
    "carrier = parcel-one fastline greenpost pickup",
    "parcels : 1..6",
    "weight_kg : 0.10..31.50",
    "insured ? 18",
    "tracking ~ 7000 1Z",
  ],
  promotion: [
    "code = WELCOME10 SPRING FREESHIP VIP20 BUNDLE3 NONE",
    "uses_left : 0..5000",
    "discount : 0.05..0.60",
    "stackable ? 30",
  ],
  search: [
    "index = products-v7 products-v8 articles-v3 suggestions-v2",
    "hits : 0..4200",
    "top_score : 0.120..38.400",
    "corrected ? 14",
    "sort = relevance price rating newest",
  ],
  recommendation: [
    "model = als-2026-09 two-tower-v3 popularity hybrid-v2",
    "candidates : 10..600",
    "confidence : 0.0100..0.9990",
    "personalised ? 71",
  ],
  cache: [
    "tier = local shared edge",
    "entries : 100..90000",
    "hit_ratio : 0.310..0.999",
    "hit ? 78",
    "region = hot warm cold",
  ],
  queue: [
    "name = default critical mailers imports exports",
    "depth : 0..3200",
    "wait_seconds : 0.001..45.000",
    "delayed ? 10",
  ],
  job: [
    "kind = import export reindex cleanup settlement report",
    "attempt : 1..6",
    "progress : 0.00..1.00",
    "scheduled ? 64",
    "id ~ 3000 job-",
  ],
  batch: [
    "size : 1..500",
    "position : 0..499",
    "fill : 0.01..1.00",
    "last ? 5",
    "kind = full delta backfill",
  ],
  message: [
    "schema = v1 v2 v3",
    "bytes : 180..48000",
    "age_seconds : 0.002..240.000",
    "duplicate ? 2",
    "id ~ 9000 m-",
  ],
  retry: [
    "policy = none fixed exponential hedged",
    "attempt : 0..5",
    "backoff_seconds : 0.05..8.00",
    "exhausted ? 3",
  ],
  rate_limit: ["bucket = ip user tenant global", "remaining : 0..1000", "used : 0.00..1.00", "throttled ? 4"],
  document: [
    "kind = invoice label receipt contract statement",
    "pages : 1..48",
    "size_kb : 4.2..2048.0",
    "signed ? 33",
  ],
  file: [
    "format = csv json parquet xml pdf jpeg",
    "rows : 0..90000",
    "size_mb : 0.01..240.00",
    "encrypted ? 52",
  ],
  image: ["format = avif webp jpeg png", "width : 64..4096", "quality : 0.30..1.00", "cropped ? 26"],
  invoice: [
    "number ~ 6000 INV-",
    "due_days : 0..60",
    "net : 5.00..4800.00",
    "overdue ? 8",
    "terms = net14 net30 net60 prepaid",
  ],
  ledger: ["book = main escrow fees refunds", "entries : 2..40", "imbalance : 0.00..0.04", "closed ? 21"],
  risk: [
    "decision = allow challenge review deny",
    "rules_matched : 0..17",
    "score : 0.0000..1.0000",
    "manual ? 5",
    "model = gbm-14 gbm-15 graph-3",
  ],
  auth: [
    "scheme = session bearer api-key mtls",
    "scopes : 1..22",
    "token_age_seconds : 0.5..3600.0",
    "mfa ? 37",
  ],
  email: [
    "template = welcome receipt shipped reset reminder digest",
    "recipients : 1..50",
    "spam_score : 0.00..6.00",
    "transactional ? 81",
  ],
  price: ["list = default b2b outlet vip", "rules : 0..12", "amount : 0.49..1599.00", "rounded ? 66"],
  quote: ["id ~ 2000 Q-", "positions : 1..60", "total : 20.00..9900.00", "accepted ? 19"],
  slot: [
    "window = morning noon afternoon evening",
    "capacity : 0..80",
    "surcharge : 0.00..14.90",
    "taken ? 48",
  ],
  review: ["stars : 1..5", "sentiment : 0.000..1.000", "verified ? 57", "language = de en fr es it nl"],
  worker: ["pool = general cpu io gpu", "slot : 0..31", "utilisation : 0.02..1.00", "draining ? 2"],
  lock: [
    "scope = order stock tenant global",
    "waiters : 0..9",
    "held_seconds : 0.001..4.000",
    "contended ? 13",
  ],
  page: [
    "name = home list detail cart account",
    "blocks : 1..28",
    "render_ms : 1.2..180.0",
    "prefetched ? 31",
  ],
};

/** What can be said of anything, once the words of its own are used up. */
const GENERAL_PROPERTIES = [
  "source = api import sync webhook console",
  "owner_team = team-atlas team-borea team-cirrus team-delta team-ember",
  "group = g1 g2 g3 g4 g5 g6 g7 g8",
  "schema_version = 2024-11 2025-03 2025-09 2026-02",
  "policy = default strict relaxed",
  "partition : 0..63",
  "revision : 1..240",
  "version : 1..36",
  "changes : 0..75",
  "rank : 1..100",
  "age_hours : 0.1..720.0",
  "completeness : 0.000..1.000",
  "weighting : 0.01..2.50",
  "similarity : 0.0000..1.0000",
  "cost_units : 0.02..64.00",
  "cached ? 46",
  "stale ? 7",
  "validated ? 88",
  "archived ? 5",
  "locked ? 3",
];

/** All attributes: those with words of their own, and the general ones. */
export function readVocabulary(): { specific: CustomAttribute[]; general: CustomAttribute[] } {
  const things = [
    ...Object.entries(REQUEST_THINGS).map(([thing, lines]) => ({ thing, lines, ofRequest: true })),
    ...Object.entries(WORK_THINGS).map(([thing, lines]) => ({ thing, lines, ofRequest: false })),
  ];
  const specific = things.flatMap(({ thing, lines, ofRequest }) =>
    lines.map((line) => readAttribute(thing, line, ofRequest)),
  );
  const names = new Set(specific.map(({ name }) => name));
  const general = things
    .flatMap(({ thing, ofRequest }) =>
      GENERAL_PROPERTIES.map((line) => readAttribute(thing, line, ofRequest)),
    )
    .filter(({ name }) => !names.has(name));
  return { specific, general };
}

function readAttribute(thing: string, line: string, ofRequest: boolean): CustomAttribute {
  const [property, mark, ...values] = line.split(" ");
  return { name: `app.${thing}.${property}`, range: readRange(mark!, values), ofRequest };
}

function readRange(mark: string, values: readonly string[]): ValueRange {
  if (mark === "=") return { kind: "string", words: values };
  if (mark === "~") return { kind: "string", ids: Number(values[0]), prefix: values[1]! };
  if (mark === "?") return { kind: "bool", percent: Number(values[0]) };
  const [low, high] = values[0]!.split("..");
  const places = low!.split(".")[1]?.length ?? 0;
  if (places === 0) return { kind: "int", low: Number(low), high: Number(high) };
  return { kind: "double", low: Number(low), high: Number(high), places };
}
