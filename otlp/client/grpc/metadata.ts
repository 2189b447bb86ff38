import { Metadata } from "@grpc/grpc-js";
import type { Headers } from "../contract.ts";
import { checkName, checkValue } from "../headers.ts";

/**
 * The user's headers as gRPC metadata: printable ASCII, or base64 of any bytes where the name ends in "-bin".
 * Throws TargetError that names the header, never its value (grpc-js would print it).
 */
export function grpcMetadata(headers: Headers): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) {
    const key = name.toLowerCase();
    const legal = /^[0-9a-z_.-]+$/.test(key) && !key.startsWith("grpc-");
    checkName(name, () => {
      if (!legal) throw new Error("not a name for gRPC metadata");
    });
    checkValue(name, () => metadata.set(key, key.endsWith("-bin") ? Buffer.from(value, "base64") : value));
  }
  return metadata;
}
