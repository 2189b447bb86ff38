/** The names of gRPC's status codes; the number of a code is its place. Source: grpc/doc/statuscodes.md. */
export const GRPC_CODES = [
  "OK",
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
] as const;

/** Name of a gRPC status code. */
export type GrpcCode = (typeof GRPC_CODES)[number];

/** The number of a code. */
export function grpcNumber(code: GrpcCode): number {
  return GRPC_CODES.indexOf(code);
}
