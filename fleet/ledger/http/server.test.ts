import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Account } from "../../../ledger/account-schema.ts";
import { SECURITY_HEADERS } from "./security-headers.ts";
import { type LedgerServer, startLedgerServer } from "./server.ts";

let server: LedgerServer;
let faults: string[];
beforeEach(async () => {
  faults = [];
  const fail = (what: string) => (): never => {
    throw new TypeError(`no ${what}\nat all`);
  };
  server = await startLedgerServer(
    { listen: "127.0.0.1:0", token: "t", allowedHosts: [], site: undefined },
    {
      take: fail("take"),
      account: () => ({ startedAt: "now" }) as Account,
      isReady: () => true,
      control: fail("control"),
      metrics: async () => fail("metrics")(),
      history: fail("history"),
      since: fail("since"),
      onFault: (text) => faults.push(text),
    },
  );
});
afterEach(() => server.close());

test.each([
  ["/api/statements", "take", { method: "POST", body: "{}" }],
  ["/api/control", "control", { method: "POST", body: "{}", headers: { authorization: "Bearer t" } }],
  ["/metrics", "metrics", {}],
  ["/api/history", "history", {}],
])(
  "a fault of ours at %s is a 500 and a line for whoever runs the service, which goes on",
  async (path, what, request) => {
    const response = await fetch(`http://${server.address}${path}`, request);
    expect(response.status).toBe(500);
    expect(await response.text()).toBe(
      '{"error":"this service failed to answer; it says why where it runs"}\n',
    );
    expect(faults).toEqual([`TypeError: no ${what} at all`]);
    expect((await fetch(`http://${server.address}/healthz`)).status).toBe(200);
  },
);

test("a stream that fails at its beginning ends", async () => {
  const body = fetch(`http://${server.address}/api/events?after=now+0`).then((response) => response.text());
  await expect(body).rejects.toThrow();
  expect(faults).toEqual(["TypeError: no since at all"]);
  expect((await fetch(`http://${server.address}/healthz`)).status).toBe(200);
});

test("what is no HTTP gets the headers that every answer has", async () => {
  const socket = connect(Number(server.address.split(":")[1]), "127.0.0.1");
  socket.setEncoding("utf8").end("this is no HTTP\r\n\r\n");
  let said = "";
  socket.on("data", (part: string) => {
    said += part;
  });
  await once(socket, "close");
  expect(said).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n.*\r\n\r\n$/s);
  for (const [name, value] of Object.entries(SECURITY_HEADERS))
    expect(said).toContain(`\r\n${name}: ${value}\r\n`);
});
