/**
 * Domains of goods and how they are found: products, inventory, search, recommendations.
 */
import { type Domain, readDomain } from "./domain.ts";

export const PRODUCTS: Domain = readDomain({
  entity: "product",
  collection: "products",
  id: "code",
  states: "draft published hidden discontinued",
  store: "mongodb",
  layer: 4,
  consumes: "order.placed inventory.depleted price.changed",
  tables: [
    "products: id brand_id status title description attributes updated_at",
    "categories: id parent_id name path position",
    "product_variants: id product_id sku color size barcode enabled",
  ],
  endpoints: [
    "GET - ListProducts 46 ?category={q}&page={page}&limit=24 public",
    "GET /ID GetProduct 14 +GetMedia public",
    "POST - CreateProduct 85 201 >product.created",
    "GET /ID/variants ListVariants 20 +ListReviews public",
    "PUT /ID UpdateProduct 72 >product.updated",
    "DELETE /ID DiscontinueProduct 50 202 >product.discontinued",
  ],
  steps: [
    "change:validate attributes @attribute-schema",
    "change:build slug @slug-builder",
    "answer:localize texts @localizer",
    "answer:apply visibility rules @visibility",
    "answer:assemble product page @product-page",
  ],
  failures: [
    "ProductNotFound: product {id} not found in catalog {country}",
    "change:VariantConflict: {sku} belongs to another product already",
    "change:AttributeInvalid: attribute size of {id} is not one of the {4..40} allowed values",
    "change:CategoryCycle: category {n} would become its own parent",
  ],
  messages: {
    DEBUG: [
      "product {id} loaded with {1..24} variants in {ms} ms",
      "category tree has {count} nodes",
      "texts of {id} localized for {country}",
    ],
    INFO: [
      "product {id} updated by {user}",
      "product {id} is now {state}",
      "{count} products imported in {jobMs} ms",
      "variant {sku} added to {id}",
      "category tree rebuilt, {n} moved",
      "catalog snapshot published, {count} products",
    ],
    WARN: [
      "product {id} has no image",
      "import skipped {n} of {count} rows",
      "listing took {slowMs} ms for page {page}",
    ],
    ERROR: ["product {id} could not be saved: {reason}", "import stopped after {count} products: {reason}"],
  },
});

export const INVENTORY: Domain = readDomain({
  entity: "inventory",
  collection: "inventory",
  id: "code SKU",
  states: "available reserved allocated depleted",
  layer: 3,
  consumes: "order.cancelled shipment.dispatched bin.replenished",
  tables: [
    "stock_levels: id sku warehouse quantity reserved_quantity updated_at",
    "reservations: id order_id sku quantity status expires_at",
    "stock_movements: id sku warehouse kind delta moved_at",
  ],
  endpoints: [
    "GET /ID GetStockLevel 11 public",
    "POST /ID/reserve ReserveStock 48 >inventory.reserved +AllocateBin",
    "POST /ID/release ReleaseStock 35 >inventory.released",
    "GET - ListStockLevels 39 ?warehouse={place}&page={page}",
    "PATCH /ID AdjustStock 41 >inventory.depleted",
  ],
  steps: [
    "change:reserve stock @stock-reserver",
    "change:choose warehouse @warehouse-selector",
    "change:check safety stock @safety-stock",
    "answer:aggregate levels @stock-aggregator",
  ],
  failures: [
    "change:InsufficientStock: only {0..4} of {id} left in {place}",
    "change:ReservationExpired: reservation of {id} for order {order} expired {n} s ago",
    "change:WarehouseClosed: warehouse {place} does not ship today",
    "change:NegativeStock: adjustment would bring {id} in {place} to -{n}",
  ],
  messages: {
    DEBUG: [
      "stock of {id} in {place}: {n}",
      "reservation of {1..5} x {id} took {ms} ms",
      "{2..8} warehouses considered for order {order}",
    ],
    INFO: [
      "{1..5} x {id} reserved in {place} for order {order}",
      "reservation of {id} for order {order} released",
      "{id} replenished in {place}, {count} pieces",
      "stock count of {place} finished, {n} differences",
      "{n} expired reservations released",
      "{id} is depleted in {place}",
    ],
    WARN: [
      "{id} below safety stock in {place}: {n} left",
      "row lock on {id} waited {slowMs} ms",
      "stock of {id} differs from the warehouse by {n}",
    ],
    ERROR: ["could not reserve {id} for order {order}: {reason}", "stock of {id} became negative in {place}"],
  },
});

export const SEARCH: Domain = readDomain({
  entity: "query",
  collection: "search",
  id: "uuid",
  states: "exact fuzzy empty suggested",
  store: "elasticsearch",
  layer: 1,
  consumes: "product.updated product.created price.changed review.published",
  tables: ["products_v3: id title category price rating indexed_at", "queries: id term locale hits asked_at"],
  endpoints: [
    "GET - Search 85 ?q={q}&page={page}&size=24&sort=relevance +ListProducts public",
    "GET /suggest Suggest 22 ?q={q}&limit=8 public",
    "GET /ID GetQuery 15",
    "POST - ReindexProduct 70 202 >query.index_changed +GetProduct",
  ],
  steps: [
    "parse query @query-parser",
    "expand synonyms @synonym-expander",
    "answer:rank results @ranker",
    "answer:build facets @facet-builder",
    "change:map document @document-mapper",
  ],
  failures: [
    "QueryTooLong: query of {257..1900} characters exceeds 256",
    "IndexNotReady: index products_v3 is at {percent} % of its documents",
    "ShardFailure: {1..4} of 12 shards failed for query {term}",
    "FacetOverflow: facet brand has more than {count} values",
  ],
  messages: {
    DEBUG: [
      "query '{term}' expanded to {2..9} terms",
      "ranking of {count} hits took {ms} ms",
      "facets for '{term}' served from cache",
    ],
    INFO: [
      "'{term}' gave {count} hits in {ms} ms",
      "'{term}' gave no hits, {1..8} suggestions made",
      "{count} documents indexed in {jobMs} ms",
      "synonyms reloaded, {count} groups",
      "alias products moved to products_v3",
      "click on hit {n} for '{term}'",
    ],
    WARN: [
      "query '{term}' took {slowMs} ms",
      "bulk request rejected, retry {attempt} after {n} s",
      "index lag is {count} s",
    ],
    ERROR: ["query '{term}' failed: {reason}", "indexing of {n} documents failed: {reason}"],
  },
});

export const RECOMMENDATIONS: Domain = readDomain({
  entity: "recommendation",
  collection: "recommendations",
  id: "number",
  states: "fresh cached fallback",
  layer: 1,
  consumes: "order.placed cart.item_added query.index_changed",
  tables: [
    "recommendations: id user_id model products score computed_at",
    "interactions: id user_id product_id kind weight happened_at",
  ],
  endpoints: [
    "GET - ListRecommendations 75 ?placement=home&limit=12 +ListProducts public",
    "GET /ID GetRecommendation 30 +GetProduct",
    "POST - TrackInteraction 18 202 >recommendation.tracked public",
    "GET /ID/similar ListSimilar 64 ?limit=8 +ListProducts public",
  ],
  steps: [
    "load user vector @vector-store",
    "answer:score candidates @candidate-scorer",
    "answer:filter seen items @seen-filter",
    "answer:diversify results @diversifier",
    "change:update interaction counts @interaction-counter",
  ],
  failures: [
    "VectorNotFound: no vector for {user}, model {version}",
    "ModelExpired: model {version} expired {n} h ago",
    "CandidatePoolEmpty: no candidates for {user} in {country}",
    "DimensionMismatch: vector has 128 dimensions, model has 256",
  ],
  messages: {
    DEBUG: [
      "{count} candidates scored in {ms} ms",
      "vector of {user} served from cache",
      "{n} of {count} candidates dropped as seen",
    ],
    INFO: [
      "{4..24} recommendations for {user} in {ms} ms",
      "model {version} loaded, {count} MB",
      "fallback to bestsellers for {user}",
      "{count} interactions folded into vectors",
      "experiment arm B chosen for {user}",
      "recommendation {id} clicked by {user}",
    ],
    WARN: [
      "scoring took {slowMs} ms, budget is 400 ms",
      "model {version} is {25..90} h old",
      "only {1..5} candidates left for {user}",
    ],
    ERROR: ["recommendations for {user} failed: {reason}", "model {version} could not be loaded: {reason}"],
  },
});
