import type { Headers } from "../contract.ts";
import { checkName, checkValue } from "../headers.ts";

/**
 * The user's headers as gRPC metadata: printable ASCII, or base64 of any bytes where the name ends in "-bin".
 * Of names that differ only in case the last counts. Throws TargetError that names the header, never its value.
 * Source: grpc/doc/PROTOCOL-HTTP2.md, "Custom-Metadata".
 */
export function grpcMetadata(headers: Headers): Map<string, string> {
  const metadata = new Map<string, string>();
  for (const [name, value] of Object.entries(headers)) {
    const key = name.toLowerCase();
    checkName(name, () => {
      if (!/^[0-9a-z_.-]+$/.test(key) || key.startsWith("grpc-"))
        throw new Error("not a name for gRPC metadata");
    });
    checkValue(name, () => {
      if (!/^[ -~]*$/.test(value)) throw new Error("not printable ASCII");
    });
    metadata.set(key, key.endsWith("-bin") ? Buffer.from(value, "base64").toString("base64") : value);
  }
  return metadata;
}
