/**
 * Domains of what things cost: prices, taxes, currencies.
 */
import { type Domain, readDomain } from "./domain.ts";

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
    "GET /ID GetPrice 9 public",
    "GET - ListPrices 33 ?country={country}&page={page} public",
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
    "change:MarginTooLow: price {amount} {currency} of {id} is below the minimum margin",
    "change:RuleConflict: {2..4} rules of the same priority apply to {id}",
    "StalePriceList: price list {country} was not refreshed for {25..90} h",
  ],
  messages: {
    DEBUG: [
      "price of {id} in {country}: {amount} {currency}",
      "{n} price rules evaluated in {ms} ms",
      "price list {country} hit in cache",
    ],
    INFO: [
      "price of {id} changed to {amount} {currency}",
      "price list {country} reloaded, {count} entries in {jobMs} ms",
      "quote over {n} items: {amount} {currency}",
      "{n} scheduled prices became current",
      "promotion started for {count} products",
      "import of price list {country} finished, {count} rows",
    ],
    WARN: [
      "price of {id} is older than {n} days",
      "no price for {id} in {country}, using the default list",
      "rule evaluation took {slowMs} ms for {n} items",
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
    "POST /vat ValidateVatId 180 * public",
  ],
  steps: [
    "resolve jurisdiction @jurisdiction-resolver",
    "change:classify products @tax-classifier",
    "answer:round tax lines @tax-rounding",
    "change:validate vat id @vat-validator",
  ],
  failures: [
    "JurisdictionUnknown: no tax jurisdiction for {country} postal code {10000..99999}",
    "change:VatIdRejected: VAT id of {user} rejected by VIES",
    "RateOverlap: rate {id} overlaps with {1..3} others in {country}",
    "change:CategoryMissing: {sku} has no tax category",
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
      "VIES took {slowMs} ms, result is cached for {1..24} h",
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
    "GET - ListCurrencies 12 public",
    "POST - ConvertAmount 9",
    "GET /ID GetRate 7 public",
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
    "RateOutOfBand: rate {currency}/EUR moved by {2..6} % in an hour",
    "FeedMalformed: rate feed has {12..28} of {30..34} currencies",
  ],
  messages: {
    DEBUG: [
      "converted {amount} {currency} in {ms} ms",
      "rate table holds {30..34} pairs",
      "rate {currency}/EUR read from cache, age {n} s",
    ],
    INFO: [
      "rates refreshed, {30..34} pairs in {ms} ms",
      "rate {currency}/EUR moved by {n} basis points",
      "conversion of {amount} {currency} for order {order}",
      "feed switched to secondary source",
      "feed switched back to primary source after {n} min",
      "{count} conversions in the last minute",
    ],
    WARN: [
      "rate {currency}/EUR is {n} min old",
      "feed answered after {slowMs} ms",
      "rate {currency}/EUR moved by more than {1..3} %",
    ],
    ERROR: ["rate feed failed {3..9} times: {reason}", "no rate for {currency}, conversion refused"],
  },
  externals: ["GET rates.example.org /v2/latest 85"],
});
