/**
 * TLS against a real Collector, by the command: what gets through with which flags, what is said where it does not, and headers as a
 * receiver of each protocol sees them.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Ran } from "../cli/test-process.ts";
import { PROTOCOLS, type Protocol } from "../otlp/protocol.ts";
import { makeCertificates } from "../otlp/test-certificates.ts";
import { type Collector, startCollector } from "./collector.ts";
import { secureSettings } from "./faults/collectors.ts";
import { run } from "./stampede.ts";
import { generateTemplates } from "./templates.ts";

const STAMPEDE = fileURLToPath(new URL("../scripts/stampede", import.meta.url));
const CONFIG = "sending: {connect_timeout: 1s, retry: {max_elapsed: 100ms}}\n";
const TRUST =
  "not trusted here; give the file of its authority (--ca), or take any certificate (--skip-verify)";
const ALL_ACCEPTED = /accepted +\d+ +\d+ +\d+ +100\n/;

const directory = mkdtempSync(join(tmpdir(), "stampede-tls-run-"));
const ours = makeCertificates();
const foreign = makeCertificates();
const CA = `--ca=${ours.ca}`;
let templates = "";
/** One that shows a certificate, one that wants to see ours, one that speaks no TLS. */
let collectors: Record<"secure" | "mutual" | "plain", Collector>;

beforeAll(async () => {
  const mutual = PROTOCOLS.map(
    (protocol) => `receivers::otlp::protocols::${nameOf(protocol)}::tls::client_ca_file: ${ours.ca}`,
  );
  const [made, secure, asking, plain] = await Promise.all([
    generateTemplates(directory),
    startCollector("nop", {}, secureSettings(ours)),
    startCollector("nop", {}, [...secureSettings(ours), ...mutual]),
    startCollector("nop"),
  ]);
  templates = made;
  collectors = { secure, mutual: asking, plain };
});
afterAll(async () => {
  await Promise.all(Object.values(collectors ?? {}).map((collector) => collector.dispose()));
  for (const each of [directory, ours.directory, foreign.directory]) rmSync(each, { recursive: true });
});

const PASSES = [
  { what: "its authority given", at: "secure", flags: [CA] },
  { what: "any certificate taken", at: "secure", flags: ["--skip-verify"] },
  {
    what: "a client certificate that it wants",
    at: "mutual",
    flags: [CA, `--cert=${ours.clientCert}`, `--key=${ours.clientKey}`],
  },
] as const;

const FAILS = [
  {
    what: "nobody that vouches for it",
    at: "secure",
    flags: [],
    says: `TLS: the target's certificate is from an authority that is ${TRUST}`,
  },
  {
    what: "another authority given",
    at: "secure",
    flags: [`--ca=${foreign.ca}`],
    says: `TLS: the target's certificate is from an authority that is ${TRUST}`,
  },
  {
    what: "no client certificate where it wants one",
    at: "mutual",
    flags: [CA],
    says: "TLS: the target wants a client certificate; give --cert and --key",
  },
  {
    what: "a client certificate that it does not know",
    at: "mutual",
    flags: [CA, `--cert=${foreign.clientCert}`, `--key=${foreign.clientKey}`],
    says: "TLS: the target does not accept our client certificate, or got none; is --cert from an authority that it knows, and not expired?",
  },
  {
    what: "no TLS at the other end",
    at: "plain",
    flags: [],
    says: "the target does not speak TLS here; write http:// or set insecure",
  },
] as const;

describe.each(PROTOCOLS)("over %s", (protocol) => {
  test.for(PASSES)("with $what, all is accepted", async ({ at, flags }) => {
    const { exitCode, stdout, stderr } = await replay(secured(at, protocol), protocol, flags);
    expect([exitCode, stderr]).toEqual([0, expect.not.stringContaining("TLS")]);
    expect(stdout).toMatch(ALL_ACCEPTED);
  });

  test.for(FAILS)("with $what, it ends with 3 and says so", async ({ at, flags, says }) => {
    const { exitCode, stderr } = await replay(secured(at, protocol), protocol, flags);
    expect(exitCode).toBe(3);
    const told = stderr.trimEnd().split("\n").at(-1)!;
    expect(told).toContain(`was never reachable (${says}), given up after 1 s`);
  });

  test("a plain endpoint where TLS is spoken fails for certain, and https:// is what to write", async () => {
    const { exitCode, stdout } = await replay(endpointOf("secure", protocol), protocol, []);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/failed +\d+ +\d+ +\d+ +100\n/);
    expect(stdout).toMatch(/16 x (unreachable|http_400) .*https:/);
  });
});

describe.each(PROTOCOLS)("headers over %s", (protocol) => {
  const TOKEN = `a=b, "c" ; 'd'  100% =`;
  const ways = [
    { what: "a flag", flags: [`--header=x-key=${TOKEN}`], file: "", environment: {} },
    {
      what: "OTEL_EXPORTER_OTLP_HEADERS, percent-encoded",
      flags: [],
      file: "",
      environment: { OTEL_EXPORTER_OTLP_HEADERS: `x-other=1,x-key=${encodeURIComponent(TOKEN)}` },
    },
    {
      what: "a file that names a variable",
      flags: [],
      file: 'otlp: {headers: {x-key: "${TLS_TEST_TOKEN}"}}\n',
      environment: { TLS_TEST_TOKEN: TOKEN },
    },
  ];
  test.for(ways)("by $what arrive byte for byte", async ({ flags, file, environment }) => {
    const seen = new Set<unknown>();
    // HTTP/1.1 too, by what the client asks for in the handshake; a refusal ends the run at once.
    const server = http2.createSecureServer({ ...keyPair(), allowHTTP1: true }, (request, response) => {
      seen.add(request.headers["x-key"]);
      request.resume();
      response.writeHead(401).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const ran = await replay(`https://127.0.0.1:${port}`, protocol, [CA, ...flags], file, environment);
      expect(ran.exitCode).toBe(1);
      expect([...seen]).toEqual([TOKEN]);
      expect(ran.stdout + ran.stderr).not.toContain(TOKEN.slice(0, 8));
    } finally {
      server.close();
    }
  });
});

const keyPair = (): { key: Buffer; cert: Buffer } => ({
  key: readFileSync(ours.serverKey),
  cert: readFileSync(ours.serverCert),
});

/** As the Collector's configuration calls it. */
function nameOf(protocol: Protocol): "grpc" | "http" {
  return protocol === "grpc" ? "grpc" : "http";
}

function endpointOf(at: keyof typeof collectors, protocol: Protocol): string {
  return collectors[at][nameOf(protocol)];
}

function secured(at: keyof typeof collectors, protocol: Protocol): string {
  return endpointOf(at, protocol).replace("http:", "https:");
}

/** file  more of the configuration, in YAML */
function replay(
  endpoint: string,
  protocol: Protocol,
  flags: readonly string[],
  file = "",
  environment: Record<string, string> = {},
): Promise<Ran> {
  const config = join(directory, "replayer.yaml");
  writeFileSync(config, `${CONFIG}${file}`);
  const words = [
    `--endpoint=${endpoint}`,
    `--protocol=${protocol}`,
    `--input=${templates}`,
    `--config=${config}`,
  ];
  return run(STAMPEDE, ["replay", ...words, "--rate=1000", "--count=100", ...flags], environment);
}
