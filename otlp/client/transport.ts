import type { TargetSettings, Transport } from "./contract.ts";
import { openGrpcTransport } from "./grpc/grpc-transport.ts";
import { openHttpTransport } from "./http/http-transport.ts";

export type { TargetSettings, Transport } from "./contract.ts";

/**
 * A transport to the target. Nothing is connected before the first request.
 * Throws TargetError for settings that cannot work: a header that has no legal form, a compression the protocol lacks.
 */
export function openTransport(target: TargetSettings): Transport {
  return target.protocol === "grpc" ? openGrpcTransport(target) : openHttpTransport(target);
}
