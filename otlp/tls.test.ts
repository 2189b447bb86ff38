import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { makeCertificates } from "./test-certificates.ts";
import { readTlsFiles } from "./tls.ts";

const made = makeCertificates();
afterAll(() => rmSync(made.directory, { recursive: true }));

const refusal = (message: unknown) =>
  expect.objectContaining({ name: "TargetError", code: "bad_tls_file", message });

test("good files become the options of node:tls", () => {
  const material = readTlsFiles({ ca: made.ca, cert: made.clientCert, key: made.clientKey });
  expect(Object.keys(material)).toEqual(["ca", "cert", "key"]);
  expect(material.ca?.toString()).toContain("BEGIN CERTIFICATE");
});

test("no files mean the authorities of Node and the system, and verifying them is the default", () => {
  expect(readTlsFiles({})).toEqual({});
  expect(readTlsFiles({ skipVerify: false })).toEqual({});
  expect(readTlsFiles({ skipVerify: true })).toEqual({ rejectUnauthorized: false });
});

test("a file that is not there is named with the reason", () => {
  expect(() => readTlsFiles({ ca: "/nowhere/ca.pem" })).toThrow(
    refusal("tls.ca: cannot read /nowhere/ca.pem: ENOENT"),
  );
});

test("a file that holds something else is named", () => {
  expect(() => readTlsFiles({ ca: made.clientKey })).toThrow(
    refusal(`tls.ca: ${made.clientKey} holds no PEM block "BEGIN CERTIFICATE"`),
  );
});

test("a broken certificate is named", () => {
  const broken = join(made.directory, "broken.pem");
  writeFileSync(broken, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  expect(() => readTlsFiles({ cert: broken, key: made.clientKey })).toThrow(
    refusal(expect.stringContaining(`tls.cert: ${broken} with tls.key: ${made.clientKey}: cannot be used: `)),
  );
});

test("a key that does not belong to the certificate is noticed", () => {
  expect(() => readTlsFiles({ cert: made.clientCert, key: made.serverKey })).toThrow(
    refusal(expect.stringContaining("cannot be used")),
  );
});

test("a certificate without its key is noticed", () => {
  expect(() => readTlsFiles({ cert: made.clientCert })).toThrow(
    refusal("tls: a client cert was given without key; give both or neither"),
  );
});
