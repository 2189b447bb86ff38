/**
 * Domains of fulfilment and of the platform below: shipments, warehouses, feature flags, analytics.
 */
import { type Domain, readDomain } from "./domain.ts";

export const SHIPMENTS: Domain = readDomain({
  entity: "shipment",
  collection: "shipments",
  id: "code SHP",
  states: "created picked dispatched in_transit delivered returned",
  layer: 2,
  consumes: "order.confirmed inventory.reserved bin.packed",
  tables: [
    "shipments: id order_id status carrier tracking_code promised_at updated_at",
    "parcels: id shipment_id weight_grams length_mm label_url created_at",
    "tracking_events: id shipment_id kind place occurred_at",
  ],
  endpoints: [
    "GET - ListShipments 43 ?status={state}&page={page}",
    "GET /ID GetShipment 18 +GetAddress public",
    "POST - CreateShipment 230 201 >shipment.created +GetAddress +AllocateBin *",
    "GET /ID/tracking TrackShipment 120 * public",
    "POST /ID/dispatch DispatchShipment 80 >shipment.dispatched",
    "POST /ID/deliver ConfirmDelivery 60 >shipment.delivered",
  ],
  steps: [
    "change:choose carrier @carrier-selector",
    "change:pack parcels @parcel-packer",
    "change:estimate delivery @delivery-estimator",
    "answer:merge tracking events @tracking-merger",
  ],
  failures: [
    "change:NoCarrierAvailable: no carrier ships {32..90} kg to {country}",
    "change:LabelRejected: carrier rejected label of {id}: postal code missing",
    "change:ParcelTooHeavy: parcel of {id} weighs {32..58} kg, at most 31",
    "TrackingUnknown: carrier does not know {id} yet",
  ],
  messages: {
    DEBUG: [
      "{2..7} carriers compared for {id} in {ms} ms",
      "parcel of {id} packed, {1..12} items",
      "tracking of {id} polled, {1..4} new events",
    ],
    INFO: [
      "shipment {id} created for order {order}",
      "label of {id} printed in {place}",
      "shipment {id} dispatched from {place}",
      "shipment {id} is now {state}",
      "shipment {id} delivered after {n} h",
      "manifest of {place} closed with {count} parcels",
    ],
    WARN: [
      "shipment {id} is late by {n} h",
      "carrier answered after {slowMs} ms",
      "no tracking event for {id} since {n} h",
    ],
    ERROR: ["label for {id} could not be made: {reason}", "manifest of {place} could not be sent: {reason}"],
  },
  externals: [
    "POST api.carrier.example.com /v2/labels 260",
    "GET api.carrier.example.com /v2/tracking/ID 150",
  ],
});

export const WAREHOUSES: Domain = readDomain({
  entity: "bin",
  collection: "bins",
  id: "code BIN",
  states: "empty partial full blocked",
  layer: 5,
  consumes: "order.confirmed shipment.created inventory.reserved inventory.depleted",
  tables: [
    "bins: id zone_id status sku quantity updated_at",
    "pick_lists: id order_id picker_id status line_count created_at",
    "pick_lines: id pick_list_id bin_id sku quantity picked_at",
  ],
  endpoints: [
    "GET - ListBins 37 ?zone={place}&page={page}",
    "GET /ID GetBin 10",
    "POST /ID/allocate AllocateBin 33 >bin.allocated",
    "POST /ID/replenish ReplenishBin 45 >bin.replenished",
    "POST /ID/pack PackBin 52 >bin.packed",
  ],
  steps: [
    "change:plan pick route @route-planner",
    "change:allocate bin @bin-allocator",
    "change:check scanner input @scan-validator",
    "answer:sort by zone @zone-sorter",
  ],
  failures: [
    "change:BinBlocked: bin {id} in {place} is blocked for counting",
    "change:PickShort: {1..3} of {4..20} pieces of {sku} missing in bin {id}",
    "change:ScannerMismatch: scanned {sku}, bin {id} holds another article",
    "change:RouteTooLong: pick route in {place} has {count} stops",
  ],
  messages: {
    DEBUG: [
      "route with {n} stops planned in {ms} ms",
      "bin {id} holds {n} x {sku}",
      "scan of bin {id} matched",
    ],
    INFO: [
      "pick list for order {order} started in {place}",
      "{1..5} x {sku} picked from bin {id}",
      "bin {id} replenished with {n} x {sku}",
      "order {order} packed in {place}",
      "wave of {count} pick lists released in {place}",
      "bin {id} is now {state}",
    ],
    WARN: [
      "bin {id} is short of {n} x {sku}",
      "pick list for order {order} is open since {n} min",
      "zone {place} is {percent} % full",
    ],
    ERROR: ["allocation of bin {id} failed: {reason}", "conveyor {1..9} in {place} does not answer"],
  },
});

export const FLAGS: Domain = readDomain({
  entity: "flag",
  collection: "flags",
  id: "number",
  states: "on off ramping archived",
  layer: 7,
  consumes: "user.registered",
  tables: [
    "flags: id name enabled variant_count owner_id updated_at",
    "flag_rules: id flag_id kind attribute percent position",
    "flag_audit: id flag_id actor_id kind created_at",
  ],
  endpoints: [
    "GET - ListFlags 14 ?environment=production",
    "GET /ID GetFlag 5",
    "POST /ID/evaluate EvaluateFlag 6 public",
    "PUT /ID UpdateFlag 38 >flag.updated",
  ],
  steps: [
    "match segment @segment-matcher",
    "answer:evaluate rules @flag-evaluator",
    "change:write audit entry @audit-writer",
  ],
  failures: [
    "FlagNotFound: flag {id} does not exist in environment production",
    "change:SegmentTooLarge: segment of flag {id} has more than {count} members",
    "change:VariantWeights: weights of flag {id} sum to {percent}, not 100",
    "StaleRuleset: ruleset {version} is {n} min old",
  ],
  messages: {
    DEBUG: [
      "flag {id} evaluated for {user} in {ms} ms",
      "{n} rules in ruleset {version}",
      "flag {id} off by default rule",
    ],
    INFO: [
      "flag {id} is now {state}",
      "flag {id} ramped to {5..100} %",
      "ruleset {version} published, {n} flags",
      "{n} clients connected to the stream",
      "flag {id} changed by {user}",
      "{n} archived flags removed",
    ],
    WARN: [
      "flag {id} was evaluated {count} times after archival",
      "client is {n} rulesets behind",
      "stream to {host} reconnected, attempt {attempt}",
    ],
    ERROR: ["ruleset {version} could not be published: {reason}", "flag {id} could not be saved: {reason}"],
  },
});

export const ANALYTICS: Domain = readDomain({
  entity: "report",
  collection: "analytics",
  id: "uuid",
  states: "queued running finished failed",
  layer: 7,
  consumes:
    "order.placed payment.captured payment.authorized user.registered cart.item_added recommendation.tracked session.started review.published",
  tables: [
    "events: id session_id kind properties received_at",
    "reports: id owner_id status kind row_count finished_at",
    "daily_totals: id metric dimension amount day",
  ],
  endpoints: [
    "GET - ListReports 58 ?status={state}&page={page}",
    "GET /ID GetReport 26",
    "POST - RunReport 150 202 >report.requested",
    "GET /ID/rows ListReportRows 140 ?limit=500",
  ],
  steps: [
    "change:enrich event @event-enricher",
    "change:drop duplicates @deduplicator",
    "answer:aggregate rows @row-aggregator",
    "change:plan query @query-planner",
  ],
  failures: [
    "ReportTooLarge: report {id} would return {12..900} million rows",
    "change:SchemaDrift: event kind checkout has unknown property p{n}",
    "PartitionMissing: no partition for day {n} days ago",
    "QueryCancelled: report {id} cancelled after {60..300} s",
  ],
  messages: {
    DEBUG: [
      "{count} events enriched in {ms} ms",
      "{n} duplicates dropped",
      "partition pruned to {1..90} days",
    ],
    INFO: [
      "batch of {count} events stored in {jobMs} ms",
      "report {id} requested by {user}",
      "report {id} finished, {count} rows in {jobMs} ms",
      "daily totals updated, {n} metrics",
      "report {id} is now {state}",
      "late events up to {n} min accepted",
    ],
    WARN: [
      "event is {n} min late, counted for another day",
      "consumer lag is {count} events",
      "report {id} runs since {61..900} s",
    ],
    ERROR: ["batch of {count} events could not be stored: {reason}", "report {id} failed: {reason}"],
  },
});
