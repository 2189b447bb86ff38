import { networkInterfaces } from "node:os";
import { afterAll, describe, expect, test } from "vitest";
import type { Replica } from "../replayer/settings.ts";
import { Membership, parseFleetName } from "./membership.ts";
import { startDns } from "./test-dns.ts";

const LONG = { timeout: 30_000 };

const closers: (() => void)[] = [];
afterAll(() => {
  for (const close of closers) close();
});

/** A server, and a replica that looks there. */
async function fleet(addresses: readonly string[] = [], ownAddress?: string) {
  const dns = await startDns(addresses);
  const membership = new Membership({ name: "replayer.test", server: dns.address }, ownAddress);
  closers.push(() => membership.close(), dns.close);
  return { dns, membership };
}

const own = Object.values(networkInterfaces())
  .flatMap((all) => all ?? [])
  .find(({ family }) => family === "IPv4")!.address;

describe.concurrent("a replica joins", { timeout: 60_000 }, () => {
  test("at the place of its address among all of them, in an order that all agree on", async ({ expect }) => {
    const addresses = ["9.9.9.9", own, "10.0.0.200", "250.0.0.1"];
    const { membership } = await fleet(addresses);
    expect(await membership.join()).toEqual({ index: addresses.toSorted().indexOf(own), count: 4 });
  });

  test("a fleet that still grows only once it has stayed the same for a while", async ({ expect }) => {
    const { dns, membership } = await fleet([own]);
    await expect.poll(() => dns.questions, LONG).toBeGreaterThan(2);
    dns.addresses = [own, "250.0.0.1"];
    expect((await membership.join()).count).toBe(2);
  });

  test("under a name that nobody has yet, by asking again", async ({ expect }) => {
    const { dns, membership } = await fleet();
    await expect.poll(() => dns.questions, LONG).toBeGreaterThan(1);
    dns.addresses = [own];
    expect(await membership.join()).toEqual({ index: 0, count: 1 });
  });

  test("by the address that it was given, where its own cannot be told from others", async ({ expect }) => {
    const { membership } = await fleet(["127.0.0.2", "127.0.0.3", "127.0.0.4"], "127.0.0.3");
    expect(await membership.join()).toEqual({ index: 1, count: 3 });
  });
});

describe.concurrent("a replica that has joined", { timeout: 60_000 }, () => {
  async function follow(addresses: readonly string[]) {
    const { dns, membership } = await fleet(addresses);
    await membership.join();
    const shares: Replica[] = [];
    const notes: string[] = [];
    membership.follow(
      (share) => shares.push(share),
      (text) => notes.push(text),
    );
    return { dns, membership, shares, notes };
  }

  test("is told its share again when others come and go", async ({ expect }) => {
    const { dns, shares } = await follow([own]);
    dns.addresses = [own, "250.0.0.1", "250.0.0.2"];
    await expect.poll(() => shares.at(-1)?.count, LONG).toBe(3);
    dns.addresses = [own, "250.0.0.2"];
    await expect.poll(() => shares.at(-1)?.count, LONG).toBe(2);
    expect(shares).toHaveLength(2);
  });

  test("keeps its share while nobody answers or it is not among them, and says so once", async ({
    expect,
  }) => {
    const { dns, shares, notes } = await follow([own, "250.0.0.1"]);
    dns.addresses = undefined;
    await expect.poll(() => notes.length, LONG).toBe(1);
    dns.addresses = ["250.0.0.1"];
    const asked = dns.questions;
    await expect.poll(() => dns.questions, LONG).toBeGreaterThan(asked + 2);
    expect(shares).toEqual([]);
    dns.addresses = [own, "250.0.0.1"];
    await expect.poll(() => notes.length, LONG).toBe(2);
    expect(notes[0]).toMatch(/^replayer\.test cannot be resolved \(.+\): this replica goes on as one of 2$/);
    expect(notes[1]).toBe("the addresses of replayer.test include this replica again");
  });

  test("asks no more once it is closed", async ({ expect }) => {
    const { dns, membership } = await follow([own]);
    membership.close();
    const asked = dns.questions;
    // As long as another takes to join.
    await (await fleet([own])).membership.join();
    expect(dns.questions).toBe(asked);
  });
});

test.each([
  ["replayer", { name: "replayer", server: undefined }],
  ["replayer.ns.svc.cluster.local", { name: "replayer.ns.svc.cluster.local", server: undefined }],
  ["replayer@127.0.0.1:5353", { name: "replayer", server: "127.0.0.1:5353" }],
  ["replayer@[::1]:53", { name: "replayer", server: "[::1]:53" }],
  ["", undefined],
  ["@127.0.0.1", undefined],
  ["replayer@", undefined],
  ["replayer@dns.example", undefined],
  ["a b", undefined],
])("%j is read as %j", (text, name) => {
  expect(parseFleetName(text)).toEqual(name);
});
