import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, expect, test } from "vitest";
import { type HealthState, type MetricsServer, startMetricsServer } from "./server.ts";

let server: MetricsServer | undefined;
afterEach(() => server?.close());

async function start(pages: { metrics?: () => Promise<string>; state?: () => HealthState } = {}) {
  const told = {
    metrics: async () => ({
      contentType: "text/plain; version=0.0.4; charset=utf-8",
      text: await (pages.metrics ?? (async () => "some_total 1\n"))(),
    }),
    health: () => ({ state: pages.state?.() ?? "sending", version: "1.2.3", processes: 2 }),
  };
  server = await startMetricsServer("127.0.0.1:0", told, ["bench.example.org"]);
  return `http://${server.address}`;
}

/** What the server sends on a connection that says `text`, until it closes it. */
async function spoken(text: string): Promise<string> {
  const socket = connect(Number(server!.address.split(":")[1]), "127.0.0.1", () => socket.write(text));
  let received = "";
  socket.setEncoding("utf8").on("data", (part: string) => {
    received += part;
  });
  // A connection that is closed before it is read from is reset.
  socket.on("error", () => {});
  await new Promise((closed) => socket.once("close", closed));
  return received;
}

test("the page comes with its content type", async () => {
  const response = await fetch(`${await start()}/metrics`);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toContain("version=0.0.4");
  expect(await response.text()).toBe("some_total 1\n");
});

test.for([
  ["starting", 503],
  ["waiting", 200],
  ["sending", 200],
  ["paused", 200],
  ["ending", 503],
] as const)("a replica that is %s answers %i to who asks for its health", async ([state, status]) => {
  const response = await fetch(`${await start({ state: () => state })}/healthz`);
  expect(response.status).toBe(status);
  expect(await response.json()).toEqual({ state, version: "1.2.3", processes: 2 });
});

test("health is told without making the page", async () => {
  let made = 0;
  const url = await start({
    metrics: async () => {
      made++;
      return "";
    },
  });
  await (await fetch(`${url}/healthz`)).text();
  expect(made).toBe(0);
});

test("many who ask at once get one page", async () => {
  let made = 0;
  const all = Promise.withResolvers<void>();
  const url = await start({
    metrics: async () => {
      made++;
      await all.promise;
      return "x";
    },
  });
  const pages = Array.from({ length: 8 }, async () => (await fetch(`${url}/metrics`)).text());
  // Who comes after them is answered when they have asked.
  await (await fetch(`${url}/healthz`)).text();
  all.resolve();
  await Promise.all(pages);
  expect(made).toBe(1);
});

test("a page that cannot be made is answered with 500, and made anew for the next", async () => {
  let made = 0;
  const url = await start({
    metrics: async () => {
      if (made++ === 0) throw new Error("no snapshot");
      return "x";
    },
  });
  const failed = await fetch(`${url}/metrics`);
  expect([failed.status, await failed.text()]).toEqual([500, "no snapshot\n"]);
  expect((await fetch(`${url}/metrics`)).status).toBe(200);
});

test("other paths and methods are refused in a line", async () => {
  const url = await start();
  expect((await fetch(`${url}/`)).status).toBe(404);
  const posted = await fetch(`${url}/metrics`, { method: "POST", body: "x".repeat(100_000) }).catch(
    () => undefined,
  );
  // The answer may be lost with the body that nobody reads.
  expect(posted?.status ?? 405).toBe(405);
  expect((await fetch(`${url}/metrics`, { method: "HEAD" })).status).toBe(200);
});

test("a connection carries one request", async () => {
  await start();
  const request = "GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n";
  const answers = (await spoken(request + request)).match(/^HTTP\/1\.1 200/gm);
  expect(answers).toHaveLength(1);
});

test("who connects and says nothing, or not all, is sent away", async () => {
  await start();
  await Promise.all([spoken(""), spoken("GET /metrics HTTP/1.1\r\nhost: x\r\n")]);
});

test("who has said all and shut its side is answered all the same", async () => {
  await start();
  const socket = connect(Number(server!.address.split(":")[1]), "127.0.0.1");
  socket.end("GET /healthz HTTP/1.0\r\n\r\n");
  const parts = await socket.setEncoding("utf8").toArray();
  expect(parts.join("")).toContain('{"state":"sending"');
});

test("a head beyond its limit and garbage end the connection", async () => {
  await start();
  expect(await spoken(`GET /metrics HTTP/1.1\r\nx: ${"a".repeat(20_000)}\r\n\r\n`)).toBe("");
  expect(await spoken("\x16\x03\x01 no http\r\n\r\n")).toBe("");
});

test.each([
  ["an address", "Host: 10.1.2.3:9464"],
  ["a service's name", "host:replayer:9464"],
  ["a name inside a cluster", "HOST: replayer.stampede.svc.cluster.local:9464"],
  ["a name that it was given", "Host: Bench.example.org:9464"],
  ["no name", "Accept: */*"],
  ["its own page", "Host: 127.0.0.1:9464\r\nOrigin: http://127.0.0.1:9464"],
])("who asks by %s is answered", async (_, headers) => {
  await start();
  for (const path of ["/metrics", "/healthz"])
    expect(await spoken(`GET ${path} HTTP/1.1\r\n${headers}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
});

test.each([
  [
    "a page by a name of its own",
    "Host: evil.example:9464",
    "start it with --metrics-allow-host evil.example",
  ],
  [
    "a page of another origin",
    "Host: 127.0.0.1:9464\r\nOrigin:http://evil.example",
    "pages of other origins",
  ],
])("%s is not", async (_, headers, said) => {
  await start();
  for (const path of ["/metrics", "/healthz"]) {
    const answer = await spoken(`GET ${path} HTTP/1.1\r\n${headers}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
    expect(answer).toContain(said);
    expect(answer).not.toMatch(/some_total|1\.2\.3/);
  }
});

test("connections beyond the limit are closed, and there is room again when the others have gone", async () => {
  const url = await start();
  const port = Number(server!.address.split(":")[1]);
  const held = await Promise.all(
    Array.from({ length: 16 }, async () => {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => {});
      await once(socket, "connect");
      return socket;
    }),
  );
  expect(await spoken("GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n")).toBe("");
  for (const socket of held) socket.destroy();
  await expect.poll(() => fetch(`${url}/healthz`).then(({ status }) => status, String)).toBe(200);
});

test("a port that is taken is said in one line", async () => {
  await start();
  const second = startMetricsServer(server!.address, {
    metrics: async () => ({ contentType: "", text: "" }),
    health: () => ({ state: "sending", version: "", processes: 0 }),
  });
  await expect(second).rejects.toThrow(
    `cannot listen on ${server!.address}: something else listens there: choose another port, or 0 for any free one`,
  );
});
