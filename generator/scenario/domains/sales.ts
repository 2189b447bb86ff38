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
  consumes: "payment.captured payment.refunded shipment.delivered shipment.dispatched cart.checked_out",
  tables: [
    "orders: id customer_id status total_cents currency shipping_address_id placed_at updated_at",
    "order_items: id order_id sku quantity unit_price_cents discount_cents",
    "order_events: id order_id kind actor payload created_at",
  ],
  endpoints: [
    "GET - ListOrders 48 ?status={state}&page={page}&limit=20 public",
    "GET /ID GetOrder 22 +GetProduct public",
    "POST - PlaceOrder 210 201 >order.placed +GetUser +QuotePrice +ReserveStock +AuthorizePayment public",
    "POST /ID/cancel CancelOrder 95 >order.cancelled +ReleaseStock +RefundPayment public",
    "PATCH /ID UpdateOrder 64 +GetAddress public",
    "GET /ID/items ListOrderItems 31 +ListProducts public",
    "POST /ID/confirm ConfirmOrder 120 >order.confirmed +CapturePayment +CreateShipment",
  ],
  steps: [
    "change:validate order @order-validator",
    "change:compute totals @total-calculator",
    "change:apply state transition @order-state-machine",
    "change:check purchase limits @purchase-policy",
    "answer:assemble order view @order-view",
    "answer:resolve order status @order-status-resolver",
  ],
  failures: [
    "OrderNotFound: order {id} does not exist or belongs to another customer",
    "change:InvalidStateTransition: order {id} cannot go from {state} to {state2}",
    "change:TotalMismatch: total of order {id} is {amount} {currency}, client sent {amount2}",
    "change:CheckoutExpired: checkout of order {id} expired {n} s ago",
    "change:ItemUnavailable: {1..3} of {4..12} items of order {id} are no longer available",
  ],
  messages: {
    DEBUG: [
      "order {id} loaded with {1..12} items in {ms} ms",
      "state machine of order {id}: {state} -> {state2}",
      "totals recomputed for order {id}: {amount} {currency}",
    ],
    INFO: [
      "order {id} placed by {user}, {1..12} items, {amount} {currency}",
      "order {id} confirmed in {ms} ms",
      "order {id} is now {state}",
      "order {id} cancelled by {user}: {wish}",
      "payment of {amount} {currency} received for order {id}",
      "order {id} handed over to warehouse {place}",
      "{n} unpaid orders older than {count} min released",
    ],
    WARN: [
      "order {id} waits for payment since {n} min",
      "price of {sku} changed during checkout of order {id}",
      "retrying reservation for order {id}, attempt {attempt}",
      "order {id} has no shipping estimate, using the default of {3..7} days",
    ],
    ERROR: [
      "could not place order {id} for {user}: {reason}",
      "order {id} is paid but could not be confirmed",
      "compensation of order {id} failed after {3..9} attempts",
    ],
  },
});

export const CARTS: Domain = readDomain({
  entity: "cart",
  collection: "carts",
  id: "uuid",
  states: "open locked converted abandoned merged",
  layer: 1,
  consumes: "order.placed product.updated price.changed",
  tables: [
    "carts: id user_id status currency item_count updated_at",
    "cart_items: id cart_id sku quantity unit_price_cents added_at",
  ],
  endpoints: [
    "GET /ID GetCart 18 +QuotePrice public",
    "POST - CreateCart 30 201 +GetUser public",
    "POST /ID/items AddItem 46 201 >cart.item_added +GetProduct +GetStockLevel public",
    "POST /ID/checkout CheckOut 160 >cart.checked_out +RedeemCoupon +QuotePrice public",
    "DELETE /ID/items EmptyCart 25 public",
    "PATCH /ID UpdateCart 38 +QuotePrice public",
  ],
  steps: [
    "change:merge guest cart @cart-merger",
    "change:check quantity limits @quantity-limits",
    "change:lock cart @cart-lock",
    "answer:compute cart totals @cart-calculator",
    "answer:apply promotions @promotion-engine",
  ],
  failures: [
    "CartExpired: cart {id} expired {n} min ago",
    "change:QuantityExceeded: {sku} is limited to {2..10} per customer",
    "change:CartLocked: cart {id} is locked by another checkout",
    "change:CurrencyMismatch: cart {id} is in {currency}, item {sku} is not",
  ],
  messages: {
    DEBUG: [
      "cart {id} read from cache in {ms} ms",
      "promotion rules evaluated for cart {id}: {n} apply",
      "cart {id} recalculated, subtotal {amount} {currency}",
    ],
    INFO: [
      "{1..5} x {sku} added to cart {id}",
      "{sku} removed from cart {id}",
      "cart {id} checked out by {user}, {amount} {currency}",
      "guest cart {id} merged into the cart of {user}",
      "{n} abandoned carts expired",
      "cart {id} created for session {session}",
    ],
    WARN: [
      "cart {id} has {101..240} items, listing is truncated",
      "price of {sku} is older than {count} min, refreshing",
      "optimistic lock of cart {id} failed, attempt {attempt}",
    ],
    ERROR: ["checkout of cart {id} failed: {reason}", "cart {id} could not be saved, {1..6} changes lost"],
  },
});

export const COUPONS: Domain = readDomain({
  entity: "coupon",
  collection: "coupons",
  id: "code",
  states: "active scheduled exhausted expired revoked",
  layer: 3,
  consumes: "order.placed order.cancelled",
  tables: [
    "coupons: id campaign_id status percent_off max_redemptions redeemed_count valid_until",
    "coupon_redemptions: id coupon_id user_id order_id discount_cents redeemed_at",
    "campaigns: id name kind budget_cents starts_at ends_at",
  ],
  endpoints: [
    "GET - ListCoupons 36 ?campaign={q}&page={page}",
    "GET /ID GetCoupon 14 public",
    "POST /ID/redeem RedeemCoupon 42 >coupon.redeemed +GetUser public",
    "POST - CreateCoupon 40 201",
    "POST /ID/revoke RevokeCoupon 35 >coupon.revoked",
  ],
  steps: [
    "change:check eligibility @eligibility-rules",
    "change:check campaign budget @campaign-budget",
    "normalise code @code-normaliser",
    "answer:compute discount @discount-calculator",
  ],
  failures: [
    "CouponExpired: coupon {id} expired {n} days ago",
    "change:CouponExhausted: coupon {id} was redeemed {count} of {count} times",
    "change:NotEligible: {user} may not redeem {id}: first orders only",
    "change:CampaignBudgetExceeded: campaign of coupon {id} has {amount} {currency} left",
  ],
  messages: {
    DEBUG: [
      "eligibility of {user} for {id} checked in {ms} ms",
      "coupon {id} found in cache",
      "{n} rules evaluated for coupon {id}",
    ],
    INFO: [
      "coupon {id} redeemed by {user} for order {order}",
      "discount of {amount} {currency} granted with {id}",
      "coupon {id} is now {state}",
      "{n} coupons created for a campaign",
      "redemption of {id} rolled back, order {order} was cancelled",
      "campaign budget at {percent} %",
    ],
    WARN: [
      "coupon {id} tried {6..40} times in 60 s by {user}",
      "campaign budget at {percent} %, coupons end soon",
      "double redemption of {id} prevented, attempt {attempt}",
    ],
    ERROR: ["redemption of {id} could not be stored: {reason}", "rollback of {id} failed for order {order}"],
  },
});

export const SUBSCRIPTIONS: Domain = readDomain({
  entity: "subscription",
  collection: "subscriptions",
  id: "uuid",
  states: "trialing active past_due paused cancelled",
  layer: 1,
  consumes: "payment.captured payment.refunded",
  tables: [
    "subscriptions: id customer_id plan_id status quantity renews_at updated_at",
    "plans: id name interval price_cents currency enabled",
    "subscription_changes: id subscription_id kind from_plan_id to_plan_id changed_at",
  ],
  endpoints: [
    "GET - ListSubscriptions 44 ?status={state}&page={page}&limit=25 public",
    "GET /ID GetSubscription 19 +GetUser public",
    "POST - Subscribe 240 201 >subscription.started +GetUser +AuthorizePayment public",
    "POST /ID/renew RenewSubscription 260 >subscription.renewed +CapturePayment +IssueInvoice",
    "PATCH /ID ChangePlan 88 +QuotePrice public",
    "DELETE /ID CancelSubscription 52 202 >subscription.cancelled public",
  ],
  steps: [
    "change:prorate amounts @proration",
    "change:check plan change @plan-change-policy",
    "change:schedule renewal @renewal-scheduler",
    "answer:resolve entitlements @entitlement-resolver",
  ],
  failures: [
    "change:PlanNotAvailable: plan {plan} is not offered in {country}",
    "change:RenewalFailed: renewal of subscription {id} failed {attempt} times: {decline}",
    "change:AlreadyCancelled: subscription {id} ended {n} days ago",
    "change:ProrationFailed: cannot prorate {amount} {currency} over 0 days",
  ],
  messages: {
    DEBUG: [
      "proration of subscription {id}: {amount} {currency} over {1..31} days",
      "entitlements of {user} resolved in {ms} ms",
      "renewal window of subscription {id} opens in {n} h",
    ],
    INFO: [
      "subscription {id} renewed for {amount} {currency}",
      "{user} subscribed to plan {plan}",
      "subscription {id} changed to plan {plan}",
      "subscription {id} is now {state}",
      "{n} renewals scheduled for the next hour",
      "trial of subscription {id} ends in {1..14} days",
    ],
    WARN: [
      "renewal of subscription {id} failed, next try in {6..48} h",
      "subscription {id} is past due since {n} days",
      "{n} renewals are late by more than {count} s",
    ],
    ERROR: [
      "renewal of subscription {id} could not be stored: {reason}",
      "plan {plan} of subscription {id} does not exist",
    ],
  },
});

export const LOYALTY: Domain = readDomain({
  entity: "reward",
  collection: "rewards",
  id: "number",
  states: "earned pending redeemed expired reversed",
  layer: 2,
  consumes: "order.confirmed order.cancelled review.published",
  tables: [
    "loyalty_accounts: id user_id tier points_balance enabled updated_at",
    "point_transactions: id account_id kind points order_id created_at",
    "rewards: id name points_cost stock enabled valid_until",
  ],
  endpoints: [
    "GET /ID GetReward 16 public",
    "GET - ListRewards 34 ?tier={plan}&page={page} public",
    "POST /ID/redeem RedeemReward 72 >reward.redeemed +GetUser public",
    "POST - EarnPoints 38 201 >reward.earned",
    "GET /ID/transactions ListTransactions 41 ?limit=50 public",
  ],
  steps: [
    "change:compute points @point-calculator",
    "change:check balance @balance-guard",
    "answer:resolve tier @tier-resolver",
    "change:apply tier upgrade @tier-upgrade",
  ],
  failures: [
    "change:InsufficientPoints: {user} has {n} points, reward {id} costs {count}",
    "change:RewardSoldOut: reward {id} has no stock left",
    "AccountSuspended: loyalty account of {user} is suspended: {n} disputed transactions",
    "change:DuplicateTransaction: points for order {order} were booked already",
  ],
  messages: {
    DEBUG: [
      "balance of {user} read in {ms} ms: {count} points",
      "tier rules evaluated for {user}",
      "{n} transactions folded into balance of {user}",
    ],
    INFO: [
      "{count} points earned by {user} with order {order}",
      "reward {id} redeemed by {user} for {count} points",
      "{user} moved to tier {plan}",
      "{count} points of {user} expire in {n} days",
      "{count} points reversed, order {order} was cancelled",
      "nightly expiry done, {count} accounts touched in {jobMs} ms",
    ],
    WARN: [
      "balance of {user} differs from ledger by {n} points",
      "reward {id} has {1..9} pieces left",
      "points for order {order} booked late, {n} h after delivery",
    ],
    ERROR: [
      "points for order {order} could not be booked: {reason}",
      "ledger of {user} is inconsistent, frozen",
    ],
  },
});
