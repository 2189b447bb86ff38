import fc from "fast-check";
import { expect, test } from "vitest";
import { maskUrl, maskUrlsIn } from "./mask-url.ts";

test.each([
  ["http://u:s3cret@h:1/metrics", "http://***@h:1/metrics"],
  ["http://u@h", "http://***@h"],
  ["u:s3cret@h:4317", "***@h:4317"],
  ["dns:///u:s3cret@h:4317", "dns:///***@h:4317"],
  ["http://u:s3/cr/et@h", "http://***@h"],
  ["http://u:s3@cret@h", "http://***@h"],
  ["u://s3cret@h", "u://***@h"],
  ["u:/s3cret//x@h", "***@h"],
  [" http://u:s3cret@h ", " http://***@h "],
  ["http://a:1,http://u:s3cret@h", "http://***@h"],
  ["http://h:1/metrics?token=s3cret", "http://h:1/metrics?***"],
  ["http://h:4318/path", "http://h:4318/path"],
  ["collector", "collector"],
])("%s is shown as %s", (url, shown) => {
  expect(maskUrl(url)).toBe(shown);
});

test("whatever a user and a password are, a URL is shown without them", () => {
  const secret = fc.stringMatching(/^[!-~]{8,20}$/);
  const scheme = fc.constantFrom("http://", "https://", "dns:///");
  fc.assert(
    fc.property(secret, secret, scheme, (user, password, written) => {
      // Slashes at its start would be taken for the scheme's.
      const url = `${written}q${user}:${password}@host:1`;
      const shown = `${written}***@host:1`;
      expect(maskUrl(url)).toBe(shown);
      expect(maskUrlsIn(`error: '${url}' is invalid`)).toBe(`error: '${shown}' is invalid`);
    }),
  );
});

test("other texts stay as they are", () => {
  const text =
    "error: option '--steps <steps>' argument '1000@1m,5000@2m' is invalid. replayer@127.0.0.1:5353";
  expect(maskUrlsIn(text)).toBe(text);
});
