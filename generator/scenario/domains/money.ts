/**
 * Domains of money that changes hands: payments, invoices, and who must not be trusted with it.
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
    "GET - ListPayments 52 ?status={state}&page={page}&limit=50 public",
    "GET /ID GetPayment 17 public",
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
    "change:CardDeclined: card ending in {1000..9999} declined by issuer: do_not_honor",
    "change:InsufficientFunds: issuer refused {amount} {currency}: insufficient_funds",
    "change:DuplicateCapture: payment {id} was captured {n} s ago",
    "change:ProviderUnavailable: no payment provider for {currency} in {country} is available",
    "change:AmountTooLarge: {amount} {currency} exceeds the limit of method sepa_debit",
  ],
  messages: {
    DEBUG: [
      "provider chosen for payment {id} in {ms} ms, {2..4} candidates",
      "idempotency key of payment {id} not seen before",
      "ledger entry for payment {id}: {amount} {currency}",
    ],
    INFO: [
      "payment {id} authorized, {amount} {currency}",
      "payment {id} captured for order {order}",
      "payment {id} declined: {decline}",
      "refund of {amount} {currency} issued for payment {id}",
      "settlement file with {count} payments imported in {jobMs} ms",
      "payment {id} is now {state}",
      "3-D Secure challenge passed for payment {id}",
    ],
    WARN: [
      "provider answered after {slowMs} ms, above 800 ms",
      "payment {id} retried with second provider, attempt {attempt}",
      "{n} authorizations expire within {10..60} min",
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
    "GET - ListInvoices 47 ?status={state}&page={page} public",
    "GET /ID GetInvoice 21 public",
    "POST - IssueInvoice 130 201 >invoice.issued +CalculateTax +GetAddress",
    "GET /ID/pdf RenderInvoice 180 +GetMedia public",
    "POST /ID/void VoidInvoice 55 >invoice.voided",
    "GET /ID/lines ListInvoiceLines 28 public",
  ],
  steps: [
    "change:assign number @number-range",
    "change:compute taxes @tax-lines",
    "answer:render document @document-renderer",
    "change:post to ledger @ledger-poster",
  ],
  failures: [
    "change:NumberRangeExhausted: number range {country}-{n} has no numbers left",
    "change:InvoiceAlreadyPaid: invoice {id} was paid and cannot be voided",
    "change:TaxIdInvalid: tax id of {user} is not valid in {country}",
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
      "invoice {id} voided: order {order} was cancelled",
    ],
    WARN: [
      "invoice {id} is overdue since {n} days",
      "rendering of {id} took {slowMs} ms",
      "number range {country} is used up to {percent} %",
    ],
    ERROR: ["invoice {id} could not be rendered: {reason}", "export to accounting failed after {n} invoices"],
  },
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
    "change:FeatureMissing: {1..9} of {40..120} features missing for {id}",
    "change:ScoringTimeout: scoring of {id} took longer than 500 ms",
    "change:BlockListed: card fingerprint of {user} is on the block list",
  ],
  messages: {
    DEBUG: [
      "{n} features extracted in {ms} ms",
      "score of {id}: 0.{percent}",
      "block list holds {count} entries",
    ],
    INFO: [
      "check {id} passed, score 0.0{10..99}",
      "check {id} sent to manual review",
      "check {id} is now {state}",
      "rule set reloaded, {n} rules",
      "model {version} took over after {count} checks in shadow mode",
      "{user} verified by second factor",
    ],
    WARN: [
      "{4..15} payments of {user} within {30..600} s",
      "score of {id} near the limit: 0.{percent}",
      "review queue holds {count} checks",
    ],
    ERROR: ["scoring of {id} failed: {reason}", "model {version} could not be loaded: {reason}"],
  },
});
