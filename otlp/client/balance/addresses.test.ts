import { expect, onTestFinished, test } from "vitest";
import { type DnsServer, startDnsServer } from "../../test-dns-server.ts";
import { addressesOf } from "./addresses.ts";

async function serve(addresses: readonly string[]): Promise<DnsServer> {
  const server = await startDnsServer("fleet.test", addresses);
  onTestFinished(() => server.close());
  return server;
}

test("all addresses of both families are found, sorted", async () => {
  const { address: server } = await serve(["10.0.0.9", "fd00::2", "10.0.0.10", "fd00::1"]);
  expect(await addressesOf("fleet.test", { server })).toEqual([
    "10.0.0.10",
    "10.0.0.9",
    "fd00::1",
    "fd00::2",
  ]);
});

test("one family is enough where the other has none", async () => {
  const dns = await serve(["10.0.0.1"]);
  expect(await addressesOf("fleet.test", { server: dns.address })).toEqual(["10.0.0.1"]);
  dns.addresses = ["::1"];
  expect(await addressesOf("fleet.test", { server: dns.address })).toEqual(["::1"]);
});

test("an answer is asked for anew each time, however long it is said to hold", async () => {
  const dns = await serve(["10.0.0.1"]);
  await addressesOf("fleet.test", { server: dns.address });
  dns.addresses = ["10.0.0.2"];
  expect(await addressesOf("fleet.test", { server: dns.address })).toEqual(["10.0.0.2"]);
});

test.for(["A", "AAAA"] as const)(
  "half a list is none: DNS that fails for %s alone has failed",
  async (kind) => {
    const dns = await serve(["10.0.0.1", "::1"]);
    dns.failing = new Set([kind]);
    await expect(addressesOf("fleet.test", { server: dns.address })).rejects.toThrow(
      `DNS server ${dns.address}: query${kind === "A" ? "A" : "Aaaa"} ESERVFAIL fleet.test`,
    );
  },
);

test("a name that a DNS server does not know, or has no address of, is told with the server", async () => {
  const dns = await serve([]);
  const asked = (name: string) => addressesOf(name, { server: dns.address });
  await expect(asked("fleet.test")).rejects.toThrow(`DNS server ${dns.address}: queryA ENODATA fleet.test`);
  await expect(asked("other.test")).rejects.toThrow(`DNS server ${dns.address}: queryA ENOTFOUND other.test`);
});

test("what DNS does not know the system's resolver may: the hosts file has localhost", async () => {
  expect(await addressesOf("localhost", {})).toContain("127.0.0.1");
  await expect(addressesOf("no-such-name.invalid", {})).rejects.toThrow("no-such-name.invalid");
});
