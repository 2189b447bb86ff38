/**
 * What clients call themselves: browsers, the shop's own apps, programs of partners. Versions vary.
 */

const CHROME = [138, 139, 140, 141, 142].map((version) => `${version}.0.0.0`);
const FIREFOX = ["140.0", "141.0", "142.0", "143.0", "144.0"];
const SAFARI = ["17.6", "18.4", "18.5", "18.6", "26.0"];
const IOS = ["17_6_1", "18_4", "18_5", "18_6", "26_0"];
const EDGE = ["139.0.0.0", "140.0.0.0", "141.0.0.0"];
const APP = ["7.2.0", "7.3.1", "7.4.0", "7.4.1", "7.5.0"];

const WINDOWS = "Windows NT 10.0; Win64; x64";
const MAC = "Macintosh; Intel Mac OS X 10_15_7";
const WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)";

/** From the commonest on: families, each with its versions. */
const FAMILIES: readonly (readonly string[])[] = [
  CHROME.map((version) => `Mozilla/5.0 (${WINDOWS}) ${WEBKIT} Chrome/${version} Safari/537.36`),
  IOS.map(
    (version, n) =>
      `Mozilla/5.0 (iPhone; CPU iPhone OS ${version} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/${SAFARI[n]} Mobile/15E148 Safari/604.1`,
  ),
  CHROME.map(
    (version) => `Mozilla/5.0 (Linux; Android 10; K) ${WEBKIT} Chrome/${version} Mobile Safari/537.36`,
  ),
  APP.map((version) => `ShopApp/${version} (iPhone; iOS 18.6; Scale/3.00)`),
  APP.map((version) => `ShopApp/${version} (Android 15; Pixel 9) okhttp/4.12.0`),
  CHROME.map((version) => `Mozilla/5.0 (${MAC}) ${WEBKIT} Chrome/${version} Safari/537.36`),
  SAFARI.map(
    (version) =>
      `Mozilla/5.0 (${MAC}) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/${version} Safari/605.1.15`,
  ),
  EDGE.map((version) => `Mozilla/5.0 (${WINDOWS}) ${WEBKIT} Chrome/${version} Safari/537.36 Edg/${version}`),
  FIREFOX.map((version) => `Mozilla/5.0 (${WINDOWS}; rv:${version}) Gecko/20100101 Firefox/${version}`),
  FIREFOX.map(
    (version) => `Mozilla/5.0 (X11; Linux x86_64; rv:${version}) Gecko/20100101 Firefox/${version}`,
  ),
  APP.map((version) => `ShopApp/${version} (Android 14; SM-S921B) okhttp/4.12.0`),
  ["27.0", "28.0"].map(
    (version) =>
      `Mozilla/5.0 (Linux; Android 14; SAMSUNG SM-A546B) ${WEBKIT} SamsungBrowser/${version} Chrome/130.0.0.0 Mobile Safari/537.36`,
  ),
  ["partner-sync/2.11.0", "partner-sync/2.12.3", "erp-connector/1.8.2 (+https://partners.example.com)"],
  ["curl/8.5.0", "curl/8.14.1", "PostmanRuntime/7.46.1", "python-requests/2.32.5", "Go-http-client/2.0"],
];

/** All of them, the commonest families first. */
export const USER_AGENTS: readonly string[] = FAMILIES.flat();
