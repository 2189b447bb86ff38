import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import net from "node:net";
import { join } from "node:path";
import tls from "node:tls";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import type { Answer } from "../answer.ts";
import { parseEndpoint } from "../endpoint.ts";
import { PROTOCOLS, type Protocol } from "../protocol.ts";
import { makeCertificates } from "../test-certificates.ts";
import { readTlsFiles, type TlsFiles } from "../tls.ts";
import { reach } from "./reach.ts";
import { describeTlsFailure } from "./tls-failure.ts";
import { openTransport } from "./transport.ts";

const made = makeCertificates();
afterAll(() => rmSync(made.directory, { recursive: true }));

/** A certificate for the server's key, signed by the authority; `words` go to openssl. */
function certificate(name: string, names: string, ...words: string[]): Buffer {
  const cwd = made.directory;
  writeFileSync(join(cwd, `${name}.ext`), `subjectAltName=${names}\n`);
  const sign = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", `${name}.ext`];
  execFileSync("openssl", ["x509", "-req", "-in", "server.csr", "-out", `${name}.pem`, ...sign, ...words], {
    cwd,
    stdio: "pipe",
  });
  return readFileSync(join(cwd, `${name}.pem`));
}

const key = readFileSync(made.serverKey);
const good = { cert: readFileSync(made.serverCert), key };
const ca = readFileSync(made.ca);
const client = { ca: made.ca, cert: made.clientCert, key: made.clientKey };
const wantsClient = { ...good, ca, requestCert: true, rejectUnauthorized: true };
const other = makeCertificates();
afterAll(() => rmSync(other.directory, { recursive: true }));

async function serve(options: tls.TlsOptions): Promise<string> {
  const server = tls.createServer({ ALPNProtocols: ["h2", "http/1.1"], ...options }, (socket) => {
    socket.on("error", () => undefined);
  });
  server.on("tlsClientError", () => undefined);
  return listen(server);
}

async function listen(server: net.Server): Promise<string> {
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `https://localhost:${(server.address() as AddressInfo).port}`;
}

/** What waiting for the target says, and what a request says that meets the same in mid-run. */
async function told(url: string, protocol: Protocol, files: TlsFiles): Promise<string[]> {
  const target = {
    endpoint: parseEndpoint(url, { protocol }),
    protocol,
    tls: readTlsFiles(files),
    timeoutMs: 5_000,
  };
  const outcome = await reach(target, 5_000);
  const transport = await openTransport(target);
  const answer = await new Promise<Answer>((resolve) => transport.send("traces", Buffer.alloc(10), resolve));
  await transport.close();
  return [
    "reason" in outcome ? outcome.reason : "reached",
    "message" in answer ? answer.message : answer.kind,
  ];
}

const ROWS: [what: string, server: () => tls.TlsOptions, client: TlsFiles, text: RegExp][] = [
  [
    "from an unknown authority",
    () => good,
    {},
    /^TLS: the target's certificate is from an authority that is not trusted here; .*--ca.*--skip-verify/,
  ],
  [
    "from another authority than --ca",
    () => good,
    { ca: other.ca },
    /^TLS: the target's certificate is (from|not signed)/,
  ],
  [
    "self-signed",
    () => ({ cert: ca, key: readFileSync(join(made.directory, "ca.key")) }),
    {},
    /^TLS: the target's certificate is self-signed; /,
  ],
  [
    "expired",
    () => ({ cert: certificate("expired", "DNS:localhost", "-days", "-1"), key }),
    { ca: made.ca },
    /^TLS: the target's certificate has expired; /,
  ],
  [
    "for another name",
    () => ({ cert: certificate("named", "DNS:otel.example.com", "-days", "1"), key }),
    { ca: made.ca },
    /^TLS: .* another name \(.*DNS:otel\.example\.com\); /,
  ],
  [
    "good, but a client certificate is wanted",
    () => wantsClient,
    { ca: made.ca },
    /^TLS: the target wants a client certificate; give --cert and --key$/,
  ],
  [
    "good, but another client certificate is wanted",
    () => wantsClient,
    { ca: made.ca, cert: other.clientCert, key: other.clientKey },
    /client certificate|^the target closed the connection before|^the connection was closed before/,
  ],
  [
    "good, but a client certificate is wanted in TLS 1.2",
    () => ({ ...wantsClient, maxVersion: "TLSv1.2" }),
    { ca: made.ca },
    /^TLS: .*--cert/,
  ],
];

describe.each(PROTOCOLS)("over %s", (protocol) => {
  test.each(ROWS)(
    "a certificate that is %s is told of at the start and in mid-run",
    async (_what, server, files, text) => {
      const messages = await told(await serve(server()), protocol, files);
      expect(messages).toEqual([expect.stringMatching(text), expect.stringMatching(text)]);
    },
  );

  test("what speaks no TLS is told of", async () => {
    const plain = net.createServer((socket) => {
      socket.on("error", () => undefined).end("HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    const text = "the target does not speak TLS here; write http:// or set insecure";
    expect(await told(await listen(plain), protocol, {})).toEqual([text, text]);
  });

  test("another protocol than ours is told of", async () => {
    const url = await serve({ ...good, ALPNProtocols: ["imap"] });
    const text = expect.stringMatching(/^TLS: the target speaks another protocol on this port \(ALPN\); /);
    expect(await told(url, protocol, { ca: made.ca })).toEqual([text, text]);
  });

  test.each([
    ["--ca", good, { ca: made.ca }],
    ["--skip-verify", good, { skipVerify: true }],
    ["a client certificate", wantsClient, client],
    ["--skip-verify and a client certificate", wantsClient, { ...client, skipVerify: true }],
  ] as [string, tls.TlsOptions, TlsFiles][])(
    "with %s the target is reached",
    async (_what, server, files) => {
      const url = await serve(server);
      const endpoint = parseEndpoint(url, { protocol });
      expect(await reach({ endpoint, protocol, tls: readTlsFiles(files) }, 5_000)).toHaveProperty("address");
    },
  );
});

test("a certificate that is not valid yet is told of", () => {
  const error = Object.assign(new Error("certificate is not yet valid"), { code: "CERT_NOT_YET_VALID" });
  expect(describeTlsFailure(error)).toMatch(
    /^TLS: the target's certificate is not valid yet; compare the clocks/,
  );
});

test("an alert that is not in the list is one line with its number", () => {
  const error = Object.assign(new Error("0:error:0A00045B:SSL routines::x:SSL alert number 113\n"), {
    code: "ERR_SSL_X",
    reason: "bad certificate status\nresponse",
  });
  expect(describeTlsFailure(error)).toBe(
    "TLS: the target refused (alert 113: bad certificate status response)",
  );
});
