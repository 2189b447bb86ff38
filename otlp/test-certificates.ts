/** For tests: a certificate authority, a server it vouches for and a client it vouches for, made by openssl. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Paths of PEM files in a directory of their own; the caller removes `directory`. */
export interface TestCertificates {
  directory: string;
  ca: string;
  serverCert: string;
  serverKey: string;
  clientCert: string;
  clientKey: string;
}

/** Make a set of certificates, good for a day, for localhost and 127.0.0.1. */
export function makeCertificates(): TestCertificates {
  const directory = mkdtempSync(join(tmpdir(), "stampede-tls-"));
  const run = (...words: string[]): void => {
    execFileSync("openssl", words, { cwd: directory, stdio: "pipe" });
  };
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  run(
    "req",
    "-x509",
    ...newKey,
    "-keyout",
    "ca.key",
    "-out",
    "ca.pem",
    "-days",
    "1",
    "-subj",
    "/CN=test authority",
  );
  writeFileSync(join(directory, "names"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
  for (const name of ["server", "client"]) {
    run("req", ...newKey, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", `/CN=${name}`);
    const sign = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "1", "-extfile", "names"];
    run("x509", "-req", "-in", `${name}.csr`, "-out", `${name}.pem`, ...sign);
  }
  const path = (name: string): string => join(directory, name);
  return {
    directory,
    ca: path("ca.pem"),
    serverCert: path("server.pem"),
    serverKey: path("server.key"),
    clientCert: path("client.pem"),
    clientKey: path("client.key"),
  };
}
