/**
 * Requests to an entrance that no user sends: scanners that look for what should not be there, crawlers, and the
 * health checks of the cluster.
 */

export interface Uninvited {
  readonly method: "GET" | "POST" | "HEAD";
  readonly path: string;
  readonly status: number;
  /** Bytes of the answer: the page that the web server has for the code. */
  readonly bytes: number;
  readonly userAgent: string;
}

const NOT_FOUND_BYTES = 146;

const SCANNER_AGENTS = [
  "Mozilla/5.0 zgrab/0.x",
  "Mozilla/5.0 (compatible; PortSurvey/1.1; +https://survey.example.org/about)",
  "python-requests/2.32.4",
  "Go-http-client/1.1",
  "curl/7.88.1",
  "masscan/1.3",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/78.0.3904.108 Safari/537.36",
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/90.0.4430.85 Safari/537.36",
  "-",
];

const SCANNED_PATHS = [
  "/.env",
  "/.env.production",
  "/.git/config",
  "/.git/HEAD",
  "/.aws/credentials",
  "/.DS_Store",
  "/wp-login.php",
  "/wp-admin/setup-config.php",
  "/wp-includes/wlwmanifest.xml",
  "/xmlrpc.php",
  "/phpmyadmin/index.php",
  "/admin/login",
  "/administrator/index.php",
  "/actuator/env",
  "/actuator/health",
  "/server-status",
  "/solr/admin/info/system",
  "/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php",
  "/cgi-bin/luci/;stok=/locale",
  "/boaform/admin/formLogin",
  "/HNAP1",
  "/login.action",
  "/owa/auth/logon.aspx",
  "/telescope/requests",
  "/debug/default/view",
  "/config.json",
  "/backup.zip",
  "/api/v1/pods",
  "/v2/_catalog",
  "/manager/html",
];

/** Crawlers name a page about themselves; these pages are nobody's. */
const CRAWLER_AGENTS = [
  "Mozilla/5.0 (compatible; FinderBot/2.1; +https://www.example.com/bot.html)",
  "Mozilla/5.0 (compatible; indexbot/2.0; +https://search.example.net/bot)",
  "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; CorpusBot/1.2; +https://corpus.example.org/bot)",
  "Mozilla/5.0 (compatible; LinkAuditBot/7.0; +https://audit.example.net/robot/)",
  "Mozilla/5.0 (compatible; PricePilot/7~bl; +https://prices.example.org/bot.html)",
  "LinkPreview/1.1 (+https://chat.example.com/preview)",
];

const CRAWLED: readonly (readonly [path: string, status: number, bytes: number])[] = [
  ["/robots.txt", 200, 318],
  ["/sitemap.xml", 200, 48_211],
  ["/favicon.ico", 200, 15_086],
  ["/", 200, 3_714],
  ["/apple-touch-icon.png", 404, NOT_FOUND_BYTES],
  ["/.well-known/security.txt", 200, 402],
  ["/ads.txt", 404, NOT_FOUND_BYTES],
];

/** What scanners ask for, path by path, each in the manner of one of them. */
export const SCANS: readonly Uninvited[] = SCANNED_PATHS.flatMap((path, place) =>
  [0, 4, 7].map((step) => ({
    method: path.endsWith("stdin.php") || path === "/boaform/admin/formLogin" ? "POST" : "GET",
    path,
    status: place % 7 === 3 ? 403 : 404,
    bytes: place % 7 === 3 ? 153 : NOT_FOUND_BYTES,
    userAgent: SCANNER_AGENTS[(place + step) % SCANNER_AGENTS.length]!,
  })),
);

export const CRAWLS: readonly Uninvited[] = CRAWLED.flatMap(([path, status, bytes]) =>
  CRAWLER_AGENTS.map((userAgent) => ({ method: "GET", path, status, bytes, userAgent })),
);

/** What the kubelet asks of every pod that answers HTTP, every few seconds. */
export const PROBES: readonly Uninvited[] = [
  { method: "GET", path: "/healthz", status: 200, bytes: 2, userAgent: "kube-probe/1.33" },
  { method: "GET", path: "/readyz", status: 200, bytes: 2, userAgent: "kube-probe/1.33" },
  { method: "GET", path: "/readyz", status: 503, bytes: 19, userAgent: "kube-probe/1.33" },
];
