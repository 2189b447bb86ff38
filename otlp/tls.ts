import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { TargetError } from "./target-error.ts";

/** Where the pieces of a TLS set-up stand: PEM files. */
export interface TlsFiles {
  /** Authorities to trust instead of those of Node and of the system. */
  ca?: string;
  /** The client's certificate chain; needs `key`. */
  cert?: string;
  /** The client's private key; needs `cert`. */
  key?: string;
  /** Take any certificate of the server's; default false. */
  skipVerify?: boolean;
}

/** A TLS set-up, read and checked; names are those of node:tls. */
export interface TlsMaterial {
  ca?: Buffer;
  cert?: Buffer;
  key?: Buffer;
  rejectUnauthorized?: boolean;
}

/**
 * Read the files of a TLS set-up and try them out.
 * Throws TargetError that names the file and the reason; contents never appear in it.
 */
export function readTlsFiles(files: TlsFiles): TlsMaterial {
  if ((files.cert === undefined) !== (files.key === undefined)) {
    const [there, missing] = files.cert === undefined ? ["key", "cert"] : ["cert", "key"];
    throw new TargetError(
      "bad_tls_file",
      `tls: a client ${there} was given without ${missing}; give both or neither`,
    );
  }
  const material: TlsMaterial = {};
  if (files.ca !== undefined) material.ca = readPem("ca", files.ca, "CERTIFICATE");
  if (files.cert !== undefined) material.cert = readPem("cert", files.cert, "CERTIFICATE");
  if (files.key !== undefined) material.key = readPem("key", files.key, "PRIVATE KEY");
  if (files.skipVerify) material.rejectUnauthorized = false;
  tryOut(files, material);
  return material;
}

function readPem(role: "ca" | "cert" | "key", path: string, label: string): Buffer {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new TargetError("bad_tls_file", `tls.${role}: cannot read ${path}: ${reason}`, { cause });
  }
  // node:tls passes over a file that holds no certificate at all; the handshake would fail much later, for no clear reason.
  if (!new RegExp(`-----BEGIN [A-Z0-9 ]*${label}-----`).test(bytes.toString("latin1"))) {
    throw new TargetError("bad_tls_file", `tls.${role}: ${path} holds no PEM block "BEGIN ${label}"`);
  }
  return bytes;
}

function tryOut(files: TlsFiles, material: TlsMaterial): void {
  if (material.ca) tryContext(`tls.ca: ${files.ca}`, { ca: material.ca });
  if (material.cert && material.key) {
    tryContext(`tls.cert: ${files.cert} with tls.key: ${files.key}`, {
      cert: material.cert,
      key: material.key,
    });
  }
}

function tryContext(where: string, material: TlsMaterial): void {
  try {
    createSecureContext(material);
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new TargetError("bad_tls_file", `${where}: cannot be used: ${reason}`, { cause });
  }
}
