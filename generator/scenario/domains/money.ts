/**
 * Domains of money: payments, invoices, prices, taxes, currencies, fraud.
 */
import { type Domain, readDomain } from "./domain.ts";

export const PAYMENTS: Domain = readDomain({
  entity: "payment",
  collection: "payments",
  id: "uuid",
  states: "authorized captured declined refunded chargeback expired",
  layer: 2,
  consumes: "order.placed order.cancelled subscription.renewed",
  tables: [
    "payments: id order_id status amount_cents currency method provider_ref updated_at",
    "payment_attempts: id payment_id attempt outcome decline_code created_at",
    "refunds: id payment_id amount_cents reason status created_at",
  ],
  endpoints: [
    "GET - ListPayments 52 ?status={state}&page={page}&limit=50",
    "GET /ID GetPayment 17",
    "POST - AuthorizePayment 340 201 >payment.authorized +ScreenTransaction +ConvertAmount *",
    "POST /ID/capture CapturePayment 280 >payment.captured *",
    "POST /ID/refund RefundPayment 310 >payment.refunded *",
    "GET /ID/attempts ListAttempts 24",
  ],
  steps: [
    "change:tokenize card @card-vault",
    "change:select provider @provider-router",
    "change:check idempotency key @idempotency-guard",
    "change:book ledger entry @ledger-writer",
    "answer:mask card data @card-masker",
  ],
  failures: [
    "CardDeclined: card ending in {n} declined by issuer: do_not_honor",
    "InsufficientFunds: issuer refused {amount} {currency}: insufficient_funds",
    "DuplicateCapture: payment {id} was captured {n} s ago",
    "ProviderUnavailable: no payment provider for {currency} in {country} is available",
    "AmountTooLarge: {amount} {currency} exceeds the limit of method sepa_debit",
  ],
  messages: {
    DEBUG: [
      "provider chosen for payment {id} in {ms} ms, {n} candidates",
      "idempotency key of payment {id} not seen before",
      "ledger entry for payment {id}: {amount} {currency}",
    ],
    INFO: [
      "payment {id} authorized, {amount} {currency}",
      "payment {id} captured for order {order}",
      "payment {id} declined: {reason}",
      "refund of {amount} {currency} issued for payment {id}",
      "settlement file with {count} payments imported in {ms} ms",
      "payment {id} is now {state}",
      "3-D Secure challenge passed for payment {id}",
    ],
    WARN: [
      "provider answered after {ms} ms, above 2000 ms",
      "payment {id} retried with second provider, attempt {attempt}",
      "{n} authorizations expire within {count} min",
      "decline rate at {percent} % in {country}",
    ],
    ERROR: [
      "payment {id} is in an unknown state: {reason}",
      "settlement of {amount} {currency} does not match the ledger",
      "refund for payment {id} refused by provider",
    ],
  },
  externals: [
    "POST api.payments.example.net /v1/charges 240",
    "POST api.payments.example.net /v1/charges/ID/capture 180",
    "POST acquirer.example.com /gateway/v2/authorizations 290",
  ],
});

export const INVOICES: Domain = readDomain({
  entity: "invoice",
  collection: "invoices",
  id: "code INV",
  states: "draft issued paid overdue void",
  layer: 2,
  consumes: "payment.captured order.confirmed subscription.renewed",
  tables: [
    "invoices: id customer_id status net_cents tax_cents currency due_at issued_at",
    "invoice_lines: id invoice_id description quantity unit_price_cents tax_rate",
    "dunning_notices: id invoice_id level sent_at",
  ],
  endpoints: [
    "GET - ListInvoices 47 ?status={state}&page={page}",
    "GET /ID GetInvoice 21",
    "POST - IssueInvoice 130 201 >invoice.issued +CalculateTax +GetAddress",
    "GET /ID/pdf RenderInvoice 180 +GetMedia",
    "POST /ID/void VoidInvoice 55 >invoice.voided",
    "GET /ID/lines ListInvoiceLines 28",
  ],
  steps: [
    "change:assign number @number-range",
    "change:compute taxes @tax-lines",
    "answer:render document @document-renderer",
    "change:post to ledger @ledger-poster",
  ],
  failures: [
    "NumberRangeExhausted: number range {country}-{n} has no numbers left",
    "InvoiceAlreadyPaid: invoice {id} was paid and cannot be voided",
    "TaxIdInvalid: tax id of {user} is not valid in {country}",
    "RoundingMismatch: lines of {id} sum to {amount}, header says {amount2}",
  ],
  messages: {
    DEBUG: [
      "number {id} taken from range in {ms} ms",
      "{n} lines aggregated for {id}",
      "template invoice_{country} loaded from cache",
    ],
    INFO: [
      "invoice {id} issued for order {order}, {amount} {currency}",
      "invoice {id} rendered in {ms} ms, {bytes} bytes",
      "invoice {id} marked as paid",
      "reminder level {attempt} sent for {id}",
      "{count} invoices exported to accounting",
      "invoice {id} voided: {reason}",
    ],
    WARN: [
      "invoice {id} is overdue since {n} days",
      "rendering of {id} took {ms} ms",
      "number range {country} is used up to {percent} %",
    ],
    ERROR: ["invoice {id} could not be rendered: {reason}", "export to accounting failed after {n} invoices"],
  },
});

export const PRICES: Domain = readDomain({
  entity: "price",
  collection: "prices",
  id: "code SKU",
  states: "current scheduled superseded withdrawn",
  layer: 3,
  consumes: "product.updated",
  tables: [
    "prices: id price_list_id sku amount_cents currency valid_from updated_at",
    "price_lists: id name country status priority valid_until",
    "price_rules: id price_list_id kind threshold percent_off enabled",
  ],
  endpoints: [
    "GET /ID GetPrice 9",
    "GET - ListPrices 33 ?country={country}&page={page}",
    "POST - QuotePrice 28 +ConvertAmount",
    "PUT /ID SetPrice 44 >price.changed",
    "GET /ID/history ListPriceHistory 30 ?days=30",
  ],
  steps: [
    "select price list @price-list-selector",
    "change:evaluate price rules @rule-evaluator",
    "answer:round amounts @rounding",
    "change:check margin @margin-guard",
  ],
  failures: [
    "PriceNotFound: no price for {id} in {country}",
    "MarginTooLow: price {amount} {currency} of {id} is below the minimum margin",
    "RuleConflict: {n} rules of the same priority apply to {id}",
    "StalePriceList: price list {country} was not refreshed for {n} h",
  ],
  messages: {
    DEBUG: [
      "price of {id} in {country}: {amount} {currency}",
      "{n} price rules evaluated in {ms} ms",
      "price list {country} hit in cache",
    ],
    INFO: [
      "price of {id} changed to {amount} {currency}",
      "price list {country} reloaded, {count} entries in {ms} ms",
      "quote over {n} items: {amount} {currency}",
      "{n} scheduled prices became current",
      "promotion started for {count} products",
      "import of price list {country} finished, {count} rows",
    ],
    WARN: [
      "price of {id} is older than {n} days",
      "no price for {id} in {country}, using the default list",
      "rule evaluation took {ms} ms for {n} items",
    ],
    ERROR: ["price list {country} could not be loaded: {reason}", "import stopped at row {count}: {reason}"],
  },
});

export const TAXES: Domain = readDomain({
  entity: "tax_rate",
  collection: "taxes",
  id: "number",
  states: "active scheduled expired",
  layer: 4,
  tables: [
    "tax_rates: id jurisdiction_id category rate_percent kind valid_from valid_until",
    "jurisdictions: id country region postal_pattern enabled",
    "tax_calculations: id order_id jurisdiction_id net_cents tax_cents calculated_at",
  ],
  endpoints: [
    "GET - ListTaxRates 22 ?country={country}",
    "GET /ID GetTaxRate 8",
    "POST - CalculateTax 36 +GetAddress",
    "PUT /ID UpdateTaxRate 40 >tax_rate.changed",
    "POST /vat ValidateVatId 180 *",
  ],
  steps: [
    "resolve jurisdiction @jurisdiction-resolver",
    "change:classify products @tax-classifier",
    "answer:round tax lines @tax-rounding",
    "change:validate vat id @vat-validator",
  ],
  failures: [
    "JurisdictionUnknown: no tax jurisdiction for {country} postal code {n}",
    "VatIdRejected: VAT id of {user} rejected by VIES",
    "RateOverlap: rate {id} overlaps with {n} others in {country}",
    "CategoryMissing: {sku} has no tax category",
  ],
  messages: {
    DEBUG: [
      "jurisdiction {country} resolved in {ms} ms",
      "{n} lines taxed, {amount} {currency}",
      "rate {id} served from cache",
    ],
    INFO: [
      "tax of {amount} {currency} calculated for order {order}",
      "rates of {country} reloaded, {n} active",
      "VAT id of {user} validated in {ms} ms",
      "rate {id} becomes active in {n} days",
      "reverse charge applied to order {order}",
      "{count} calculations archived",
    ],
    WARN: [
      "VIES took {ms} ms, result is cached for {n} h",
      "{sku} has no tax category, standard rate used",
      "rates of {country} are {n} days old",
    ],
    ERROR: ["no tax rate for {country}, order {order} is blocked", "VIES is not reachable: {reason}"],
  },
  externals: ["GET vat.example.org /v1/check/ID 190"],
});

export const CURRENCIES: Domain = readDomain({
  entity: "rate",
  collection: "currencies",
  id: "number",
  states: "fresh stale fixed",
  layer: 6,
  tables: [
    "exchange_rates: id base_currency quote_currency rate source fetched_at",
    "currencies: id code exponent symbol enabled",
  ],
  endpoints: [
    "GET - ListCurrencies 12",
    "POST - ConvertAmount 9",
    "GET /ID GetRate 7",
    "PUT /ID RefreshRate 95 >rate.refreshed *",
  ],
  steps: [
    "change:look up rate @rate-table",
    "change:convert amount @converter",
    "answer:round to exponent @currency-rounding",
  ],
  failures: [
    "UnsupportedCurrency: currency {currency} is not enabled",
    "RateStale: rate {currency}/EUR is {n} h old",
    "RateOutOfBand: rate {currency}/EUR moved by {n} % in an hour",
    "FeedMalformed: rate feed has {n} of {count} currencies",
  ],
  messages: {
    DEBUG: [
      "converted {amount} {currency} in {ms} ms",
      "rate table holds {n} pairs",
      "rate {currency}/EUR read from cache, age {n} s",
    ],
    INFO: [
      "rates refreshed, {n} pairs in {ms} ms",
      "rate {currency}/EUR moved by {n} basis points",
      "conversion of {amount} {currency} for order {order}",
      "feed switched to secondary source",
      "feed switched back to primary source after {n} min",
      "{count} conversions in the last minute",
    ],
    WARN: [
      "rate {currency}/EUR is {n} min old",
      "feed answered after {ms} ms",
      "rate {currency}/EUR moved by more than {n} %",
    ],
    ERROR: ["rate feed failed {n} times: {reason}", "no rate for {currency}, conversion refused"],
  },
  externals: ["GET rates.example.org /v2/latest 85"],
});

export const FRAUD: Domain = readDomain({
  entity: "fraud_check",
  collection: "fraud_checks",
  id: "uuid",
  states: "passed review rejected",
  layer: 3,
  consumes: "order.placed payment.authorized user.registered",
  tables: [
    "fraud_checks: id payment_id status score rule_set reviewed_at",
    "fraud_signals: id fraud_check_id kind weight value created_at",
    "block_list: id kind value reason expires_at",
  ],
  endpoints: [
    "GET /ID GetFraudCheck 15",
    "POST - ScreenTransaction 65 201 >fraud_check.completed +GetUser",
    "GET - ListFraudChecks 58 ?status={state}&page={page}",
    "POST /ID/review ReviewTransaction 48 >fraud_check.reviewed",
  ],
  steps: [
    "change:extract features @feature-extractor",
    "change:score transaction @risk-model",
    "change:evaluate rules @rule-engine",
    "check block list @block-list",
    "answer:explain score @score-explainer",
  ],
  failures: [
    "ModelNotLoaded: risk model {version} is not loaded",
    "FeatureMissing: {n} of {count} features missing for {id}",
    "ScoringTimeout: scoring of {id} took longer than {n} ms",
    "BlockListed: card fingerprint of {user} is on the block list",
  ],
  messages: {
    DEBUG: [
      "{n} features extracted in {ms} ms",
      "score of {id}: 0.{percent}",
      "block list holds {count} entries",
    ],
    INFO: [
      "check {id} passed, score 0.0{n}",
      "check {id} sent to manual review",
      "check {id} is now {state}",
      "rule set reloaded, {n} rules",
      "model {version} took over, {count} checks in shadow mode",
      "{user} verified by second factor",
    ],
    WARN: [
      "{n} payments of {user} within {count} s",
      "score of {id} near the limit: 0.{percent}",
      "review queue holds {count} checks",
    ],
    ERROR: ["scoring of {id} failed: {reason}", "model {version} could not be loaded: {reason}"],
  },
});
