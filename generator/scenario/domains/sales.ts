/**
 * Domains of selling: orders, carts, coupons, subscriptions, loyalty.
 */
import { type Domain, readDomain } from "./domain.ts";

export const ORDERS: Domain = readDomain({
  entity: "order",
  collection: "orders",
  id: "number",
  states: "pending confirmed paid packed shipped delivered cancelled",
  layer: 1,
  needs: "users inventory payments prices products coupons shipments addresses taxes fraud-checks",
  consumes: "payment.captured shipment.delivered payment.failed",
  tables: [
    "orders: id customer_id status total_cents currency shipping_address_id placed_at updated_at",
    "order_items: id order_id sku quantity unit_price_cents discount_cents",
    "order_events: id order_id kind actor payload created_at",
  ],
  endpoints: [
    "GET - ListOrders 48 ?status={state}&page={page}&limit=20",
    "GET /ID GetOrder 22",
    "POST - PlaceOrder 210 201 >order.placed",
    "PATCH /ID UpdateOrder 64",
    "GET /ID/items ListOrderItems 31",
    "POST /ID/cancel CancelOrder 95 >order.cancelled",
    "POST /ID/confirm ConfirmOrder 120 >order.confirmed",
  ],
  steps: [
    "w:validate order @order-validator",
    "w:compute totals @total-calculator",
    "w:apply state transition @order-state-machine",
    "w:check purchase limits @purchase-policy",
    "r:assemble order view @order-view",
    "r:resolve order status @order-status-resolver",
  ],
  failures: [
    "OrderNotFound: order {id} does not exist or belongs to another customer",
    "InvalidStateTransition: order {id} cannot go from {state} to {state2}",
    "TotalMismatch: total of order {id} is {amount} {currency}, client sent {amount2}",
    "CheckoutExpired: checkout of order {id} expired {n} s ago",
    "ItemUnavailable: {n} of {count} items of order {id} are no longer available",
  ],
  messages: {
    DEBUG: [
      "order {id} loaded with {n} items in {ms} ms",
      "state machine of order {id}: {state} -> {state2}",
      "totals recomputed for order {id}: {amount} {currency}",
    ],
    INFO: [
      "order {id} placed by {user}, {n} items, {amount} {currency}",
      "order {id} confirmed in {ms} ms",
      "order {id} is now {state}",
      "order {id} cancelled by {user}: {reason}",
      "payment of {amount} {currency} received for order {id}",
      "order {id} handed over to warehouse {place}",
      "{n} unpaid orders older than {count} min released",
    ],
    WARN: [
      "order {id} waits for payment since {n} min",
      "price of {sku} changed during checkout of order {id}",
      "retrying reservation for order {id}, attempt {attempt}",
      "order {id} has no shipping estimate, using the default of {n} days",
    ],
    ERROR: [
      "could not place order {id} for {user}: {reason}",
      "order {id} is paid but could not be confirmed",
      "compensation of order {id} failed after {n} attempts",
    ],
  },
  externals: ["POST hooks.partners.example.com /v1/orders 140"],
});

export const CARTS: Domain = readDomain({
  entity: "cart",
  collection: "carts",
  id: "uuid",
  states: "open locked converted abandoned merged",
  layer: 1,
  needs: "products prices coupons inventory users",
  consumes: "order.placed product.updated",
  tables: [
    "carts: id user_id status currency item_count updated_at expires_at",
    "cart_items: id cart_id sku quantity unit_price_cents added_at",
  ],
  endpoints: [
    "GET /ID GetCart 18",
    "POST - CreateCart 30 201",
    "POST /ID/items AddItem 46 201 >cart.item_added",
    "DELETE /ID/items EmptyCart 25",
    "PATCH /ID UpdateCart 38",
    "POST /ID/checkout CheckOut 160 >cart.checked_out",
  ],
  steps: [
    "w:merge guest cart @cart-merger",
    "w:check quantity limits @quantity-limits",
    "w:lock cart @cart-lock",
    "compute cart totals @cart-calculator",
    "r:apply promotions @promotion-engine",
  ],
  failures: [
    "CartExpired: cart {id} expired {n} min ago",
    "QuantityExceeded: {sku} is limited to {n} per customer",
    "CartLocked: cart {id} is locked by another checkout",
    "CurrencyMismatch: cart {id} is in {currency}, item {sku} is not",
  ],
  messages: {
    DEBUG: [
      "cart {id} read from cache in {ms} ms",
      "promotion rules evaluated for cart {id}: {n} of {count} apply",
      "cart {id} recalculated, subtotal {amount} {currency}",
    ],
    INFO: [
      "{n} x {sku} added to cart {id}",
      "{sku} removed from cart {id}",
      "cart {id} checked out by {user}, {amount} {currency}",
      "guest cart {id} merged into the cart of {user}",
      "{n} abandoned carts expired",
      "cart {id} created for session {session}",
    ],
    WARN: [
      "cart {id} has {n} items, listing is truncated",
      "price of {sku} is older than {count} min, refreshing",
      "optimistic lock of cart {id} failed, attempt {attempt}",
    ],
    ERROR: ["checkout of cart {id} failed: {reason}", "cart {id} could not be saved, {n} changes lost"],
  },
});
