import { isIP } from "node:net";
import type { ConnectionOptions, SecureContext } from "node:tls";
import type { Endpoint } from "../endpoint.ts";
import type { Protocol } from "../protocol.ts";
import type { TlsMaterial } from "../tls.ts";

const NO_FILES: TlsMaterial = {};

/** Made once for all connections of a set-up: reading some 300 authorities takes 30 ms and 4 MB each time. */
const contexts = new WeakMap<TlsMaterial, SecureContext>();

/**
 * What node:tls is to know about connections to an endpoint, besides host and port.
 * Loads TLS and the authorities; 0.1 s and 8 MB the first time, measured on Node 26.
 */
export function tlsOptions(
  endpoint: Endpoint,
  protocol: Protocol,
  material: TlsMaterial = NO_FILES,
): ConnectionOptions {
  let secureContext = contexts.get(material);
  if (!secureContext) {
    secureContext = contextOf(material);
    contexts.set(material, secureContext);
  }
  return {
    secureContext,
    rejectUnauthorized: material.rejectUnauthorized ?? true,
    ALPNProtocols: [protocol === "grpc" ? "h2" : "http/1.1"],
    // SNI takes names only: RFC 6066, 3.
    ...(isIP(endpoint.host) === 0 ? { servername: endpoint.host } : {}),
  };
}

/**
 * Authorities of a set-up without its own are those that Node carries, those of NODE_EXTRA_CA_CERTS, and those of the system, which
 * Node leaves aside by default: a company's authority stands there.
 */
function contextOf({ ca, cert, key, rejectUnauthorized }: TlsMaterial): SecureContext {
  const tls = process.getBuiltinModule("node:tls");
  const needsTrust = ca === undefined && rejectUnauthorized !== false;
  const trusted = needsTrust
    ? [...new Set([...tls.getCACertificates("default"), ...tls.getCACertificates("system")])]
    : ca;
  return tls.createSecureContext({
    ...(trusted === undefined ? {} : { ca: trusted }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  });
}
