import type { OpenTransport, Target, TargetSettings, Transport } from "./contract.ts";

export type { Target, TargetSettings, Transport } from "./contract.ts";

/**
 * A transport to one endpoint. Nothing is connected before the first request. Only the chosen protocol is loaded.
 * Throws TargetError for settings that cannot work: a header that has no legal form, a compression the protocol lacks.
 */
export async function openTransport(target: TargetSettings): Promise<Transport> {
  const open = await transportOpener(target);
  return open(target);
}

/**
 * A transport to all endpoints of a target, and to all addresses of those that are names for several. One plain endpoint has
 * nothing in between. Throws as openTransport does.
 */
export async function openTarget(target: Target): Promise<Transport> {
  const { endpoints, ...settings } = target;
  const [endpoint, ...others] = endpoints;
  if (others.length === 0 && !endpoint!.dns) return openTransport({ ...settings, endpoint: endpoint! });
  const { openBalanced } = await import("./balance/balanced-transport.ts");
  return openBalanced(target, await transportOpener(target));
}

async function transportOpener({ protocol }: Pick<TargetSettings, "protocol">): Promise<OpenTransport> {
  if (protocol === "grpc") return (await import("./grpc/grpc-transport.ts")).openGrpcTransport;
  return (await import("./http/http-transport.ts")).openHttpTransport;
}
