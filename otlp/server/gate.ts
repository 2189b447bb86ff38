/**
 * Who may speak with what listens here over HTTP: the ledger service, a sink, a replica's metrics. None has a secret that keeps readers out,
 * only the address it listens on; so a page of somebody else, in the browser of whoever reaches that address, must not speak in his place.
 *
 * Such a page has two ways. It may point a name of its own at this address (DNS rebinding): then the request names that name, so that only
 * names are served which nobody can have registered. Or it may send what needs no leave, a form's POST: then the browser says where the page is
 * from. Replicas, Collectors and scripts send no Origin; a browser does with every POST, so that one without is served under any name.
 */
import { isIP } from "node:net";

/** Ends of names that no public registry gives out. */
const PRIVATE_ENDS = [".localhost", ".local", ".internal", ".svc", ".cluster.local", ".home.arpa", ".test"];

/** What else is served. */
export interface Gate {
  /** Further names of the service, in lower case. */
  names: ReadonlySet<string>;
  /** The flag that tells them, for who has to. */
  flag: string;
}

/**
 * The gate of a service.
 *
 * listenHost  the host that it was told to listen on, which is a name of its own
 * names       further ones, in any case
 */
export function gateOf(listenHost: string, names: readonly string[], flag = "--allow-host"): Gate {
  return { names: new Set([listenHost, ...names].map((name) => name.toLowerCase())), flag };
}

/**
 * Why a request is not served; undefined when it is.
 *
 * headers  as they came
 */
export function whyNot(
  method: string | undefined,
  { host, origin }: Readonly<{ host?: string | undefined; origin?: string | undefined }>,
  { names, flag }: Gate,
): string | undefined {
  // Without a name (HTTP/1.0) it is no browser.
  if (host === undefined || (method === "POST" && origin === undefined)) return undefined;
  const name = hostName(host);
  if (!isPrivate(name) && !names.has(name))
    return `this service is not called ${JSON.stringify(host.slice(0, 100))}; if it is, start it with ${flag} ${/^[\w.-]{1,100}$/.test(name) ? name : "NAME"}`;
  if (origin !== undefined && !isOf(origin, host)) return "pages of other origins are not answered";
  return undefined;
}

/** In lower case, without port, brackets and the dot of the root. */
function hostName(host: string): string {
  return host
    .toLowerCase()
    .replace(/:\d+$/, "")
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/\.$/, "");
}

/** An address, a name without dots, or one of a private network. */
function isPrivate(name: string): boolean {
  return isIP(name) !== 0 || /^[a-z0-9_-]+$/.test(name) || PRIVATE_ENDS.some((end) => name.endsWith(end));
}

function isOf(origin: string, host: string): boolean {
  return (
    /^https?:\/\//i.test(origin) && origin.replace(/^https?:\/\//i, "").toLowerCase() === host.toLowerCase()
  );
}
