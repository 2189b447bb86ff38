import { expect, test } from "vitest";
import { gateOf, whyNot } from "./gate.ts";

const ALLOWED = gateOf("Bench.example.org", ["ledger.example.ORG"]);

test.each([
  "127.0.0.1:4330",
  "127.0.0.1",
  "10.1.2.3:80",
  "[::1]:4330",
  "localhost:4330",
  "LOCALHOST",
  "localhost.:4330",
  "stampede.localhost:4330",
  "ledger:4330",
  "my-laptop.local",
  "stampede_ledger_1:4330",
  "ledger.stampede.svc:4330",
  "ledger.stampede.svc.cluster.local:4330",
  "Ledger.example.org:4330",
  "bench.example.org:4330",
])("%s is a name of the service", (host) => {
  expect(whyNot("GET", { host }, ALLOWED)).toBeUndefined();
  expect(whyNot("POST", { host, origin: `http://${host}` }, ALLOWED)).toBeUndefined();
});

test.each([
  ["evil.example", "start it with --allow-host evil.example"],
  ["evil.example:4330", "start it with --allow-host evil.example"],
  ["127.0.0.1.evil.example", "--allow-host 127.0.0.1.evil.example"],
  ["localhost.evil.example:4330", "--allow-host localhost.evil.example"],
  ["xlocalhost.com", "--allow-host xlocalhost.com"],
  ["other.ledger.example.org", "--allow-host other.ledger.example.org"],
  ["<script>:1", "--allow-host NAME"],
  ["127.0.0.1@evil.example", "--allow-host NAME"],
  ["", "--allow-host NAME"],
  [`${"x.".repeat(5000)}com`, "--allow-host NAME"],
])("%s is not", (host, advice) => {
  const objection = whyNot("GET", { host }, ALLOWED)!;
  // A replica may call it as it likes; a page may not.
  expect(whyNot("POST", { host }, ALLOWED)).toBeUndefined();
  expect(whyNot("POST", { host, origin: `http://${host}` }, ALLOWED)).toBe(objection);
  expect(objection).toContain(advice);
  expect(objection.length).toBeLessThan(400);
});

test.each([
  "http://evil.example",
  "https://evil.example:4330",
  "http://127.0.0.1:4331",
  "http://127.0.0.1:4330.evil.example",
  "http://localhost:4330",
  "null",
  "",
  "file://",
])("a page from %j is not answered", (origin) => {
  expect(whyNot("POST", { host: "127.0.0.1:4330", origin }, ALLOWED)).toBe(
    "pages of other origins are not answered",
  );
});

test("who names no host is no browser", () => {
  expect(whyNot("GET", {}, ALLOWED)).toBeUndefined();
});
