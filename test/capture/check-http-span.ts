/** HTTP spans: name, route, URL and error type fit each other. */
import { textOf } from "./attributes.ts";
import type { Semconv } from "./data-rules.ts";
import { within } from "./map-within.ts";
import type { Span } from "./requests.ts";
import type { SpanFacts } from "./span-facts.ts";
import type { Report } from "./violations.ts";

/** Check a server's or a client's span. */
export function checkHttp(span: Span, facts: SpanFacts, semconv: Semconv, report: Report): void {
  const { role, attributes, subject: method, code, failed, errorType } = facts;
  const template = textOf(attributes, role === "http-server" ? "http.route" : "url.template");
  const word = method === "_OTHER" ? "HTTP" : method;
  const names = template === "" ? [word] : [`${word} ${template}`];
  // Before the stable conventions a client's span was often called so.
  if (semconv !== "stable" && role === "http-client") names.push(word, `HTTP ${word}`);
  if (!names.includes(span.name ?? "") && !isOldClientName(span, facts, semconv)) {
    report("an HTTP span's name is not method and route", `${span.name}, not ${names[0]}`);
  }
  if (template !== "" && !fits(template, facts.path, role === "http-server")) {
    report("a path does not fit its route", `${facts.path}, ${template}`);
  }
  if (code !== "" && !(Number(code) >= 100 && Number(code) <= 599)) report("a status code is none", code);
  if (failed && code !== "" && /^\d+$/.test(errorType) && errorType !== code) {
    report("an error.type is not the code", `${errorType}, ${code}`);
  }
  if (failed && code === "" && /^\d+$/.test(errorType)) {
    report("an error.type is a code that was never received", errorType);
  }
  if (/[?]/.test(facts.query.slice(0, 1))) report("a query begins with its question mark", facts.query);
  if (role === "http-server" && facts.path !== "" && !facts.path.startsWith("/")) {
    report("a path does not begin with a slash", facts.path);
  }
  if (role === "http-client") checkUrl(facts, report);
}

/** Clients knew their route before there was an attribute for it. */
function isOldClientName({ name = "" }: Span, { role, subject, path }: SpanFacts, semconv: Semconv): boolean {
  if (semconv !== "old" || role !== "http-client") return false;
  const [method = "", route] = name.split(" ");
  return method === subject && route !== undefined && fits(route, path, false);
}

function checkUrl({ attributes, address }: SpanFacts, report: Report): void {
  const full = textOf(attributes, "url.full", "http.url");
  if (full === "") return;
  let url: URL;
  try {
    url = new URL(full);
  } catch {
    report("a URL cannot be read", full);
    return;
  }
  if (url.username !== "" || url.password !== "") report("a URL holds credentials", full);
  const defaultPort = url.protocol === "https:" ? "443" : "80";
  const port = textOf(attributes, "server.port", "net.peer.port");
  if (url.hostname !== address || (port !== "" && (url.port || defaultPort) !== port)) {
    report("a URL is not of the server that was called", `${full}, ${address}:${port}`);
  }
  const scheme = textOf(attributes, "url.scheme", "http.scheme");
  if (scheme !== "" && url.protocol !== `${scheme}:`) report("a URL's scheme is not url.scheme", full);
}

/** One matcher a route; there are some hundreds. */
const matchers = new Map<string, RegExp>();

/** Whether a path is one of a route, however the framework writes its parameters: `:id`, `{id}`, `{id:int}`, `<int:id>`, `*`, `[id]`. */
function fits(route: string, path: string, isWhole: boolean): boolean {
  const matcher = within(matchers, `${route} ${isWhole}`, () => matcherOf(route, isWhole));
  return matcher.test(path === "" ? "/" : path);
}

function matcherOf(route: string, isWhole: boolean): RegExp {
  const pattern = route
    .replace(/^\^|\$$|\\Z$/g, "")
    .split(/(\(\?P<\w+>[^)]*\)|\{[^}]+\}|<[^>]+>|\[[^\]]+\]|:\w+(?:\([^)]*\))?|\*+\w*)/)
    .map((part, i) => (i % 2 === 1 ? (part.startsWith("*") ? ".*" : "[^/]+") : RegExp.escape(part)))
    .join("");
  // Django and Rails leave out the first slash or add "(.:format)"; a client's template may miss the base path.
  const body = pattern.replace(/^(?!\/|\\\/)/, "/?").replace(String.raw`\(\.[^/]+\)`, String.raw`(?:\.\w+)?`);
  return new RegExp(isWhole ? `^${body}/?$` : `${body}/?$`);
}
