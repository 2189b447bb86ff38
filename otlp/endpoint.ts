/**
 * Endpoints: where a target is, read from what people write.
 *
 *   host, host:port, [::1]:port   TLS, unless `insecure`
 *   http://..., https://...       the scheme decides; HTTP appends /v1/<signal> to the path, gRPC has none
 *   dns:///name:port              every address of the name; TLS and paths as for host:port
 *   dns://1.2.3.4:53/name:port    the same, by that DNS server
 *   one,another                   several of any form
 *
 * Without a port: https:// means 443, as in every URL (it is how backends print their addresses); anything else means
 * OTLP's own ports, 4317 for gRPC and 4318 for HTTP.
 */
import { BlockList, isIP } from "node:net";
import { maskUrl } from "./mask-url.ts";
import { DEFAULT_PORTS, type Protocol } from "./protocol.ts";
import { TargetError } from "./target-error.ts";

/** Where a target is and whether the way there is encrypted. */
export interface Endpoint {
  secure: boolean;
  /** Name or address to connect to; IPv6 without brackets. */
  host: string;
  /** 1..65535 */
  port: number;
  /** host:port, with brackets around IPv6: what people read, and the request's authority. */
  authority: string;
  /** Path in front of /v1/<signal>, without a slash at its end; "" for gRPC. */
  basePath: string;
  /** Every address that DNS has for `host` is a receiver of its own. */
  dns?: DnsQuestion;
  /** The one of these addresses that is meant. What goes over the wire, SNI and authority, has the name all the same. */
  address?: string;
}

/** Who is asked for the addresses of a name. */
export interface DnsQuestion {
  /** ip or ip:port of a DNS server; absent: the system's, and its hosts file. */
  server?: string;
}

export interface EndpointOptions {
  protocol: Protocol;
  /** Only for endpoints without a scheme: plain text instead of TLS. */
  insecure?: boolean;
}

const EXAMPLES = "write host:port, http://host:port or https://host:port";
const DNS_EXAMPLE = "write dns:///name:port";
const USER_NAME = "holds a user name; put credentials into headers";

/**
 * Parse endpoints: texts that hold one or several each, with commas between them. At least one comes out.
 * Throws TargetError, also where one stands twice: shares are equal.
 */
export function parseEndpoints(written: string | readonly string[], options: EndpointOptions): Endpoint[] {
  const texts = [written].flat().flatMap((text) => text.split(","));
  const endpoints = texts.map((text) => {
    if (texts.length > 1 && text.trim() === "")
      throw new TargetError(
        "bad_endpoint",
        `endpoints "${texts.map((one) => maskUrl(one.trim())).join()}": nothing stands beside a comma; leave the comma out`,
      );
    return parseEndpoint(text, options);
  });
  const seen = new Set<string>();
  for (const endpoint of endpoints) {
    const place = formatEndpoint(endpoint) + endpoint.basePath;
    if (seen.has(place))
      throw new TargetError(
        "bad_endpoint",
        `endpoint "${place}": is there twice; each address has one share, name it once`,
      );
    seen.add(place);
  }
  return endpoints;
}

/** An endpoint for people: host:port, with dns:// in front where all addresses of the name are meant. */
export function formatEndpoint({ authority, dns }: Endpoint): string {
  return dns ? `dns://${dns.server ?? ""}/${authority}` : authority;
}

/** Endpoints in a few words. */
export function formatEndpoints(endpoints: readonly Endpoint[]): string {
  const shown = endpoints.slice(0, endpoints.length > MOST_SHOWN ? MOST_SHOWN - 1 : MOST_SHOWN);
  const rest = endpoints.length - shown.length;
  return `${shown.map(formatEndpoint).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}

const MOST_SHOWN = 4;

/** ip:port of an endpoint whose address is known, else host:port. */
export function placeOf({ address, port, authority }: Endpoint): string {
  return address === undefined ? authority : joinPort(address, port);
}

/** Parse an endpoint. Throws TargetError that says what was found and what to write; passwords in it are masked. */
export function parseEndpoint(text: string, options: EndpointOptions): Endpoint {
  const trimmed = text.trim();
  const refuse = (what: string): never => {
    throw new TargetError("bad_endpoint", `endpoint "${maskUrl(trimmed)}": ${what}; ${EXAMPLES}`);
  };
  if (trimmed === "") refuse("is empty");

  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(trimmed)?.[1]?.toLowerCase();
  if (scheme !== undefined && !SCHEMES.has(scheme)) refuse(`has the unknown scheme ${scheme}://`);
  const written = scheme === undefined ? trimmed : trimmed.slice(scheme.length + 3);
  const question = scheme === "dns" ? readDnsServer(trimmed, written) : undefined;
  const rest = question ? written.slice(written.indexOf("/") + 1) : written;
  const [, authority, tail] = /^([^/?#]*)(.*)$/s.exec(rest)!;
  if (authority!.includes("@")) refuse(USER_NAME);
  if (/[?#]/.test(tail!)) refuse("holds a query or fragment, which OTLP has no use for");

  // A password may hold a slash: what stands before it is no host then, and must not be told.
  const { host, port } = readAuthority(authority!, (what) =>
    refuse(trimmed.includes("@") ? USER_NAME : what),
  );
  const secure = scheme === "http" || scheme === "https" ? scheme === "https" : !options.insecure;
  const chosenPort = port ?? (scheme === "https" ? 443 : DEFAULT_PORTS[options.protocol]);
  const endpoint: Endpoint = {
    secure,
    host,
    port: chosenPort,
    authority: joinPort(host, chosenPort),
    basePath: readBasePath(tail!, options.protocol, refuse),
  };
  // An address needs no asking.
  if (question && isIP(host) === 0) endpoint.dns = question;
  return endpoint;
}

const SCHEMES: ReadonlySet<string> = new Set(["http", "https", "dns"]);

function joinPort(host: string, port: number): string {
  return `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}

/** What stands between dns:// and the next slash: nothing, or the address of a DNS server. Source: gRPC's naming, grpc/doc/naming.md. */
function readDnsServer(text: string, afterScheme: string): DnsQuestion {
  const slash = afterScheme.indexOf("/");
  const server = slash < 0 ? afterScheme : afterScheme.slice(0, slash);
  const refuse = (what: string): never => {
    throw new TargetError("bad_endpoint", `endpoint "${maskUrl(text)}": ${what}; ${DNS_EXAMPLE}`);
  };
  if (slash < 0 || slash === afterScheme.length - 1) refuse("has no name after the third slash");
  if (server === "") return {};
  const { host } = readAuthority(server, refuse);
  if (isIP(host) === 0) refuse(`has "${server}" for a DNS server, which must be an IP address`);
  return { server };
}

type Refuse = (what: string) => never;

function readAuthority(authority: string, refuse: Refuse): { host: string; port: number | undefined } {
  if (isIP(authority) === 6) return { host: authority, port: undefined };
  const match = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::([^:]*))?$/s.exec(authority);
  if (!match) return refuse(`has no readable host ("${authority}"); an IPv6 address stands in brackets`);
  const [, bracketed, plain, portText] = match;
  if (bracketed !== undefined && isIP(bracketed) !== 6)
    refuse(`has no IPv6 address in its brackets ("${bracketed}")`);
  const host = bracketed ?? plain!;
  if (host === "") refuse("names no host");
  if (/^\d+$/.test(host))
    refuse(`names no host, only a number; for a port of this machine write localhost:${host}`);
  if (bracketed === undefined && !/^[a-z0-9._-]+$/i.test(host)) refuse(`has no valid host name ("${host}")`);
  return { host, port: portText === undefined ? undefined : readPort(portText, refuse) };
}

function readPort(text: string, refuse: Refuse): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65535 ? port : refuse(`has the port "${text}", which must be 1 to 65535`);
}

function readBasePath(tail: string, protocol: Protocol, refuse: Refuse): string {
  const path = tail.replace(/\/+$/, "");
  if (path === "") return "";
  if (protocol === "grpc")
    refuse(`has the path "${path}", but gRPC has none; leave it out, or use protocol http/protobuf`);
  if (!/^[\x21-\x7e]+$/.test(path))
    refuse("has blanks or other characters in its path that a URL must escape");
  const signalPath = /\/v1\/(traces|metrics|logs)$/.exec(path)?.[0];
  if (signalPath) refuse(`ends in ${signalPath}, which is appended for each signal; leave it out`);
  return path;
}

const PRIVATE = new BlockList();
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
] as const) {
  PRIVATE.addSubnet(network, prefix, "ipv4");
}
for (const [network, prefix] of [
  ["::", 127],
  ["fc00::", 7],
  ["fe80::", 10],
] as const) {
  PRIVATE.addSubnet(network, prefix, "ipv6");
}

/** Endings of names that no public DNS serves. Sources: RFC 6761, 6762, 8375, 9476; Kubernetes service names. */
const PRIVATE_NAME = /(^|\.)(localhost|local|internal|lan|home\.arpa|svc|svc\.cluster\.local)\.?$/i;

/**
 * True when a host is this machine or surely inside a private network, so that load on it costs nobody money.
 * Nothing is resolved: a name counts as private when it has a single label (compose and Kubernetes services) or a
 * private ending; any other name counts as public, whatever it may resolve to.
 */
export function isPrivateOrLoopback(host: string): boolean {
  const family = isIP(host);
  if (family === 4) return PRIVATE.check(host, "ipv4");
  // BlockList sees through ::ffff:a.b.c.d to the IPv4 rules.
  if (family === 6) return PRIVATE.check(host, "ipv6");
  return !host.replace(/\.$/, "").includes(".") || PRIVATE_NAME.test(host);
}
