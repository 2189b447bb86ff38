/** A header block is not one that RFC 7541 allows, or is larger than we read. What the peer means by later blocks is unknown. */
export class HpackError extends Error {
  override name = "HpackError";
}
