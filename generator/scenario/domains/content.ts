/**
 * Domains of what is said and shown about goods: reviews, media.
 */
import { type Domain, readDomain } from "./domain.ts";

export const REVIEWS: Domain = readDomain({
  entity: "review",
  collection: "reviews",
  id: "number",
  states: "submitted published flagged rejected",
  layer: 5,
  consumes: "order.confirmed shipment.delivered product.discontinued",
  tables: [
    "reviews: id product_id author_id status rating body created_at",
    "review_votes: id review_id user_id helpful created_at",
    "review_flags: id review_id reason status created_at",
  ],
  endpoints: [
    "GET - ListReviews 38 ?rating={rating}&page={page}&sort=helpful public",
    "GET /ID GetReview 13 public",
    "POST - SubmitReview 68 201 >review.submitted public",
    "POST /ID/publish PublishReview 42 >review.published",
    "POST /ID/flag FlagReview 30 202 >review.flagged public",
  ],
  steps: [
    "change:check language @language-detector",
    "change:moderate text @text-moderator",
    "change:verify purchase @purchase-verifier",
    "answer:aggregate ratings @rating-aggregator",
  ],
  failures: [
    "change:ReviewNotAllowed: {user} did not buy the product of review {id}",
    "change:TextRejected: review {id} contains {1..6} blocked words",
    "change:DuplicateReview: {user} reviewed this product {n} days ago",
    "change:ModerationUnavailable: moderation did not answer within 10 s",
  ],
  messages: {
    DEBUG: [
      "rating of product recomputed over {count} reviews",
      "language of review {id} detected in {ms} ms",
      "{n} flags counted for review {id}",
    ],
    INFO: [
      "review {id} submitted by {user}, {rating} stars",
      "review {id} published after {n} min",
      "review {id} is now {state}",
      "{n} reviews moderated in {jobMs} ms",
      "review {id} found helpful by {user}",
      "ratings of {count} products recomputed",
    ],
    WARN: [
      "review {id} flagged {3..20} times",
      "moderation queue holds {count} reviews",
      "{user} wrote {8..40} reviews within an hour",
    ],
    ERROR: ["review {id} could not be published: {reason}", "rating aggregation stopped: {reason}"],
  },
});

export const MEDIA: Domain = readDomain({
  entity: "asset",
  collection: "media",
  id: "uuid",
  states: "uploaded scanned ready failed",
  layer: 6,
  consumes: "product.created review.submitted",
  tables: [
    "assets: id owner_id status mime_type bytes checksum created_at",
    "renditions: id asset_id width height format bytes created_at",
  ],
  endpoints: [
    "GET /ID GetMedia 16 public",
    "GET - ListMedia 40 ?type=image&page={page}",
    "POST - UploadMedia 190 201 >asset.uploaded * public",
    "POST /ID/renditions CreateRendition 240 202 >asset.rendered",
    "DELETE /ID DeleteMedia 45 204 >asset.deleted *",
  ],
  steps: [
    "change:scan upload @virus-scanner",
    "change:resize image @image-resizer",
    "change:strip metadata @metadata-stripper",
    "answer:sign url @url-signer",
  ],
  failures: [
    "change:UnsupportedFormat: image/heic is not supported for asset {id}",
    "change:ChecksumMismatch: upload of asset {id} is incomplete, {bytes} bytes received",
    "change:ImageTooLarge: asset {id} has {101..240} megapixels, at most 100",
    "StorageUnavailable: object store answered 503 for bucket media-{country}",
  ],
  messages: {
    DEBUG: [
      "asset {id} resized in {ms} ms",
      "signed url for asset {id} valid for {n} min",
      "rendition of asset {id} found in cache",
    ],
    INFO: [
      "asset {id} uploaded, {bytes} bytes",
      "{2..8} renditions of asset {id} made in {ms} ms",
      "asset {id} is now {state}",
      "{count} orphaned renditions deleted",
      "asset {id} scanned, clean",
      "bucket media-{country} at {percent} % of its quota",
    ],
    WARN: [
      "asset {id} took {slowMs} ms to resize",
      "upload of asset {id} resumed, attempt {attempt}",
      "scanner signatures are {25..90} h old",
    ],
    ERROR: ["rendition of asset {id} failed: {reason}", "asset {id} lost in object store"],
  },
  externals: ["POST objects.example.com /media/ID 95", "GET objects.example.com /media/ID 60"],
});
