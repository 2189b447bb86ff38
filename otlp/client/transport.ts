import type { TargetSettings, Transport } from "./contract.ts";

export type { TargetSettings, Transport } from "./contract.ts";

/**
 * A transport to the target. Nothing is connected before the first request. Only the chosen protocol is loaded.
 * Throws TargetError for settings that cannot work: a header that has no legal form, a compression the protocol lacks.
 */
export async function openTransport(target: TargetSettings): Promise<Transport> {
  if (target.protocol === "grpc") return (await import("./grpc/grpc-transport.ts")).openGrpcTransport(target);
  return (await import("./http/http-transport.ts")).openHttpTransport(target);
}
