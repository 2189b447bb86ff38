import { plainLine } from "../answer.ts";

/** What to do about a certificate that is not trusted. */
const TRUST = "give the file of its authority (--ca), or take any certificate (--skip-verify)";
const OUR_CERTIFICATE =
  "TLS: the target does not accept our client certificate, or got none; is --cert from an authority that it knows, and not expired?";

/** By the codes of OpenSSL's verification. Source: openssl-verification-options(1), X509_V_ERR_*. */
const VERIFICATION: Record<string, string> = {
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: `TLS: the target's certificate is from an authority that is not trusted here; ${TRUST}`,
  UNABLE_TO_GET_ISSUER_CERT: `TLS: the chain of the target's certificate ends in no authority that is trusted here; ${TRUST}`,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: `TLS: the target's certificate is from an authority that is not trusted here; ${TRUST}`,
  SELF_SIGNED_CERT_IN_CHAIN: `TLS: the target's certificate is from a private authority that is not trusted here; ${TRUST}`,
  DEPTH_ZERO_SELF_SIGNED_CERT: `TLS: the target's certificate is self-signed; give it as --ca, or take any certificate (--skip-verify)`,
  CERT_SIGNATURE_FAILURE: `TLS: the target's certificate is not signed by the authority that it names; ${TRUST}`,
  CERT_HAS_EXPIRED:
    "TLS: the target's certificate has expired; renew it there, or take any certificate (--skip-verify)",
  CERT_NOT_YET_VALID:
    "TLS: the target's certificate is not valid yet; compare the clocks, or take any certificate (--skip-verify)",
};

/** By the number of the alert that the target sent. Source: RFC 8446, 6.2; RFC 7301, 3.2. */
const ALERTS: Record<number, string> = {
  40: "TLS: the target refused the handshake: no common version or cipher, or it wants a client certificate (--cert and --key)",
  42: OUR_CERTIFICATE,
  43: OUR_CERTIFICATE,
  44: OUR_CERTIFICATE,
  45: OUR_CERTIFICATE,
  46: OUR_CERTIFICATE,
  48: OUR_CERTIFICATE,
  51: OUR_CERTIFICATE,
  70: "TLS: the target speaks no version of TLS that is spoken here (1.2 and 1.3)",
  112: "TLS: the target does not serve this host name; write the name that its certificate has",
  116: "TLS: the target wants a client certificate; give --cert and --key",
  120: "TLS: the target speaks another protocol on this port (ALPN); gRPC needs HTTP/2, so try the other port or --protocol http/protobuf",
};

const NO_TLS = "the target does not speak TLS here; write http:// or set insecure";

/** What a failure of TLS means and what to do, in one line; undefined where the error is none of TLS. */
export function describeTlsFailure(error: Error): string | undefined {
  const { code = "", reason = "" } = error as NodeJS.ErrnoException & { reason?: string };
  const known = VERIFICATION[code];
  if (known !== undefined) return known;
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return plainLine(
      `TLS: the target's certificate is for another name (${plainLine(reason).slice(0, 160)}); write a name that it has, or --skip-verify`,
    );
  }
  if (/:wrong version number:|:packet length too long:/.test(error.message)) return NO_TLS;
  const alert = /SSL alert number (\d+)/.exec(error.message)?.[1];
  if (alert !== undefined) {
    return (
      ALERTS[Number(alert)] ??
      `TLS: the target refused (alert ${alert}: ${plainLine(reason) || "no reason given"})`
    );
  }
  if (code.startsWith("ERR_SSL_")) return `TLS: ${plainLine(reason || error.message)}`;
  if (/^Client network socket disconnected before secure TLS/.test(error.message)) {
    return "TLS: the target hung up during the handshake; does it speak TLS here? if not, write http:// or set insecure";
  }
  return /CERT|UNABLE_TO_/.test(code)
    ? `TLS: certificate not accepted: ${plainLine(error.message)}`
    : undefined;
}
