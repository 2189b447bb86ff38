/**
 * Domains of people and how they are reached: users, sessions, addresses, notifications, emails.
 */
import { type Domain, readDomain } from "./domain.ts";

export const USERS: Domain = readDomain({
  entity: "user",
  collection: "users",
  id: "uuid",
  states: "active unverified locked deactivated",
  layer: 4,
  consumes: "reward.earned session.revoked fraud_check.completed",
  tables: [
    "users: id tenant_id status email_hash locale created_at updated_at",
    "user_preferences: id user_id name value updated_at",
    "user_consents: id user_id kind granted version granted_at",
  ],
  endpoints: [
    "GET - ListUsers 44 ?status={state}&page={page}&limit=50",
    "GET /ID GetUser 12 public",
    "POST - RegisterUser 140 201 >user.registered +SendEmail public",
    "PATCH /ID UpdateUser 46 >user.updated public",
    "GET /ID/preferences GetPreferences 15 public",
    "POST /ID/verify VerifyCredentials 90",
    "DELETE /ID DeactivateUser 66 >user.deactivated public",
  ],
  steps: [
    "change:hash password @password-hasher",
    "change:check password policy @password-policy",
    "change:normalise email @email-normaliser",
    "check permissions @access-policy",
    "answer:mask personal data @privacy-filter",
    "answer:assemble profile @profile-view",
  ],
  failures: [
    "UserNotFound: user {id} not found",
    "change:EmailTaken: an account with this email exists since {n} days",
    "AccountLocked: account {id} is locked for 15 min after {5..9} failed logins",
    "change:ConsentMissing: user {id} has not accepted terms version {version}",
  ],
  messages: {
    DEBUG: [
      "user {id} read from cache, age {n} s",
      "password hash of user {id} upgraded in {ms} ms",
      "{2..20} preferences loaded for user {id}",
    ],
    INFO: [
      "user {id} registered from {country}",
      "profile of user {id} updated",
      "user {id} is now {state}",
      "user {id} signed in, session {session}",
      "consent version {version} granted by user {id}",
      "{n} inactive accounts deactivated",
    ],
    WARN: [
      "{5..30} failed logins of user {id} within {30..300} s",
      "email of user {id} bounced",
      "user {id} has {11..60} open sessions",
    ],
    ERROR: ["user {id} could not be registered: {reason}", "deletion request of user {id} failed: {reason}"],
  },
});

export const SESSIONS: Domain = readDomain({
  entity: "session",
  collection: "sessions",
  id: "uuid",
  states: "active idle expired revoked",
  layer: 3,
  consumes: "user.deactivated user.updated fraud_check.completed",
  tables: [
    "sessions: id user_id status device_id ip_prefix created_at last_seen_at",
    "refresh_tokens: id session_id token_hash used_at expires_at",
    "mfa_challenges: id user_id kind status created_at",
  ],
  endpoints: [
    "GET /ID ValidateSession 8",
    "POST - CreateSession 130 201 >session.started +VerifyCredentials public",
    "POST /ID/refresh RefreshSession 28 public",
    "DELETE /ID RevokeSession 24 >session.revoked public",
    "GET - ListSessions 31 ?status={state} public",
  ],
  steps: [
    "verify token signature @token-verifier",
    "change:issue token @token-issuer",
    "change:check device @device-fingerprint",
    "answer:load claims @claims-loader",
  ],
  failures: [
    "TokenExpired: token of session {id} expired {n} s ago",
    "SignatureInvalid: signature of token does not match key kid-{2..6}",
    "change:RefreshTokenReused: refresh token of session {id} was used {n} s ago, session revoked",
    "change:MfaRequired: session {id} needs a second factor",
  ],
  messages: {
    DEBUG: [
      "token of session {id} verified in {ms} ms",
      "key kid-{2..6} loaded from cache",
      "{3..14} claims added to session {id}",
    ],
    INFO: [
      "session {id} started for {user}",
      "session {id} refreshed",
      "session {id} revoked: signed out by {user}",
      "signing key rotated, kid-{2..6} is current",
      "{count} expired sessions removed in {jobMs} ms",
      "second factor accepted for {user}",
    ],
    WARN: [
      "session {id} moved to another network, {3..12} in an hour",
      "clock of client is off by {31..900} s",
      "{n} invalid tokens from {country} in 60 s",
    ],
    ERROR: ["token for session {id} could not be issued: {reason}", "key set is not reachable: {reason}"],
  },
});

export const ADDRESSES: Domain = readDomain({
  entity: "address",
  collection: "addresses",
  id: "number",
  states: "verified unverified undeliverable",
  layer: 6,
  consumes: "user.registered",
  tables: [
    "addresses: id user_id kind country postal_code verified_at updated_at",
    "address_suggestions: id address_id source score created_at",
  ],
  endpoints: [
    "GET /ID GetAddress 9 public",
    "GET - ListAddresses 20 ?country={country} public",
    "POST - CreateAddress 110 201 >address.created * public",
    "PUT /ID UpdateAddress 120 >address.updated * public",
    "POST /ID/validate ValidateAddress 95 * public",
  ],
  steps: [
    "change:parse address @address-parser",
    "change:normalise postal code @postal-code",
    "answer:format for country @address-formatter",
  ],
  failures: [
    "change:AddressNotDeliverable: address {id} is not deliverable in {country}",
    "change:PostalCodeInvalid: postal code {10000..99999} does not exist in {country}",
    "change:GeocoderQuota: geocoder refused, {count} requests in this hour",
    "change:CountryNotSupported: no deliveries to {country}",
  ],
  messages: {
    DEBUG: [
      "address {id} geocoded in {ms} ms",
      "{1..8} suggestions for address {id}",
      "postal code table of {country} has {count} entries",
    ],
    INFO: [
      "address {id} created by {user} in {country}",
      "address {id} verified",
      "address {id} is now {state}",
      "{count} addresses reverified in {jobMs} ms",
      "default address of {user} changed to {id}",
      "postal codes of {country} reloaded",
    ],
    WARN: [
      "address {id} verified with low score 0.{percent}",
      "geocoder took {slowMs} ms",
      "address {id} used by {6..40} accounts",
    ],
    ERROR: ["address {id} could not be verified: {reason}", "postal codes of {country} could not be loaded"],
  },
  externals: ["GET geocoder.example.org /v2/search 80"],
});

export const NOTIFICATIONS: Domain = readDomain({
  entity: "notification",
  collection: "notifications",
  id: "uuid",
  states: "queued sent delivered failed suppressed",
  layer: 3,
  consumes:
    "order.confirmed order.cancelled shipment.dispatched payment.refunded invoice.issued subscription.renewed",
  tables: [
    "notifications: id user_id status channel template sent_at",
    "notification_preferences: id user_id channel enabled quiet_hours updated_at",
    "device_tokens: id user_id platform token_hash last_used_at",
  ],
  endpoints: [
    "GET - ListNotifications 29 ?status={state}&page={page} public",
    "GET /ID GetNotification 11 public",
    "POST - SendNotification 120 202 >notification.sent +GetUser +SendEmail *",
    "POST /ID/retry RetryNotification 90 202 *",
  ],
  steps: [
    "change:choose channel @channel-selector",
    "change:render template @template-renderer",
    "change:check quiet hours @quiet-hours",
    "answer:mark as read @read-marker",
  ],
  failures: [
    "change:TemplateMissing: no template {100..480} for locale {country}",
    "change:DeviceUnregistered: device token of {user} is no longer registered",
    "change:ChannelDisabled: {user} has disabled channel push",
    "change:ProviderThrottled: push provider throttled after {count} messages",
  ],
  messages: {
    DEBUG: [
      "template rendered for notification {id} in {ms} ms",
      "quiet hours of {user} checked",
      "{1..4} device tokens found for {user}",
    ],
    INFO: [
      "notification {id} sent to {user} by push",
      "notification {id} delivered after {n} s",
      "notification {id} suppressed: quiet hours",
      "batch of {count} notifications sent in {jobMs} ms",
      "{n} device tokens of {user} removed",
      "notification {id} is now {state}",
    ],
    WARN: [
      "notification {id} waits since {n} min",
      "push provider answered 429, waiting {n} s",
      "template for locale {country} missing, english used",
    ],
    ERROR: ["notification {id} failed: {reason}", "queue of channel sms grew to {count}"],
  },
  externals: ["POST push.example.net /3/device/ID 110", "POST sms.example.net /v1/messages 210"],
});

export const EMAILS: Domain = readDomain({
  entity: "email",
  collection: "emails",
  id: "uuid",
  states: "queued sent delivered bounced complained",
  layer: 6,
  consumes: "order.confirmed user.registered invoice.issued shipment.dispatched notification.sent",
  tables: [
    "emails: id recipient_hash status template locale sent_at",
    "email_events: id email_id kind payload occurred_at",
    "suppressions: id recipient_hash reason expires_at",
  ],
  endpoints: [
    "GET /ID GetEmail 10",
    "POST - SendEmail 95 202 >email.sent *",
    "GET - ListEmails 34 ?status={state}&page={page}",
    "POST /ID/resend ResendEmail 100 202 *",
  ],
  steps: [
    "change:render template @mail-template",
    "change:check suppression list @suppression-list",
    "change:sign message @dkim-signer",
    "answer:collect events @event-collector",
  ],
  failures: [
    "change:RecipientSuppressed: recipient of {id} is on the suppression list: hard bounce",
    "change:TemplateInvalid: template order_confirmation_{country}: variable total is missing",
    "change:RelayRefused: relay answered 451 4.7.1 for {id}, try again later",
    "change:AttachmentTooLarge: attachment of {id} has {26214401..48000000} bytes",
  ],
  messages: {
    DEBUG: [
      "template rendered in {ms} ms, {bytes} bytes",
      "suppression list holds {count} entries",
      "message {id} signed with selector s{1..4}",
    ],
    INFO: [
      "email {id} sent, template order_confirmation",
      "email {id} accepted by relay in {ms} ms",
      "email {id} bounced: mailbox full",
      "{count} delivery events processed",
      "email {id} opened after {n} min",
      "{n} suppressions expired",
    ],
    WARN: [
      "relay deferred {n} messages",
      "bounce rate at {percent} % of its limit",
      "email {id} waits for retry {attempt}",
    ],
    ERROR: ["email {id} could not be sent: {reason}", "relay refused the connection {3..12} times"],
  },
  externals: ["POST relay.example.net /v3/mail/send 130"],
});
