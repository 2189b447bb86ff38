import type { GrpcCode } from "../grpc-codes.ts";

const HTTP_STATUS: Partial<Record<GrpcCode, number>> = {
  OK: 200,
  INVALID_ARGUMENT: 400,
  OUT_OF_RANGE: 400,
  FAILED_PRECONDITION: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  ABORTED: 409,
  RESOURCE_EXHAUSTED: 429,
  CANCELLED: 499,
  UNIMPLEMENTED: 501,
  UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
};

/** The HTTP status that says the same as a gRPC code. Source: google/rpc/code.proto. */
export function httpStatusOf(code: GrpcCode): number {
  return HTTP_STATUS[code] ?? 500;
}
