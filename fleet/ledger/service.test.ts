import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import http from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { type Account, accountSchema } from "../../ledger/account-schema.ts";
import { MAX_STATEMENT_BYTES } from "../../ledger/statement-schema.ts";
import { startSink } from "../../sink/sink.ts";
import type { LedgerOptions, LedgerService } from "./service.ts";
import { post, push, startTestLedger, urlOf } from "./test-ledger.ts";
import { lifeName, signalWith, statementWith } from "./test-statements.ts";
import { parseSources } from "./watch/collector-watch.ts";

const directory = mkdtempSync(join(tmpdir(), "stampede-ledger-"));
afterAll(() => rmSync(directory, { recursive: true }));
const newStateDir = () => mkdtempSync(join(directory, "state-"));

let notes: string[] = [];
beforeEach(() => {
  notes = [];
});

const start = (options: Partial<LedgerOptions> = {}): Promise<LedgerService> =>
  startTestLedger({ onNote: (note) => notes.push(note), ...options });

const control = (service: LedgerService, order: unknown, token = service.token) =>
  post(service, "/api/control", JSON.stringify(order), { authorization: `Bearer ${token}` });

/** What an account says, its clock aside. */
const timeless = (account: Account) => ({
  ...account,
  at: "",
  replicaRows: account.replicaRows.map((row) => ({ ...row, heardAt: "" })),
});

const accepted = (items: number) => ({ traces: signalWith({ accepted: items }) });

test("what replicas say comes out as the account, in the published form", async () => {
  const service = await start();
  expect(service.account()).toMatchObject({ state: "waiting", balanced: null, exitCode: null });
  await push(service, statementWith({ signals: accepted(100) }));
  await push(service, statementWith({ life: lifeName(2), signals: accepted(23), name: "two" }));
  const account = (await (await fetch(urlOf(service, "/api/ledger"))).json()) as Account;
  expect(accountSchema.parse(account)).toEqual(account);
  expect(account).toMatchObject({
    state: "running",
    replicas: { seen: 2, running: 2 },
    signals: { traces: { accepted: 123 } },
  });
  expect(account.replicaRows.map(({ name }) => name)).toEqual(["replica-1", "two"]);
});

test("the end of all replicas ends the account: 0 when all was accepted", async () => {
  const service = await start();
  await push(service, statementWith({ state: "ended", signals: accepted(10) }));
  expect(await service.ended).toMatchObject({ state: "ended", balanced: true, exitCode: 0, problems: [] });
  // A closed account is closed.
  await push(service, statementWith({ life: lifeName(9), signals: accepted(5) }));
  expect(service.account().signals.traces!.accepted).toBe(10);
});

test("what was lost is told, and the code is 1, though it balances", async () => {
  const service = await start();
  await push(
    service,
    statementWith({ state: "ended", signals: { logs: signalWith({ accepted: 10, inDoubt: 3 }) } }),
  );
  const account = await service.ended;
  expect(account).toMatchObject({ balanced: true, exitCode: 1 });
  expect(account.problems).toEqual([
    "logs: 3 log records in doubt: a try without an answer, and none accepted after it",
  ]);
});

test("what is off and has a name is not waited for once nothing moves any more", async () => {
  const service = await start({ settleMs: 600_000 });
  const unanswered = { traces: signalWith({ accepted: 7, sent: 10 }) };
  await push(service, statementWith({ state: "ended", signals: unanswered }));
  const { balanced, identities } = await service.ended;
  expect(balanced).toBe(true);
  expect(identities.map(({ state }) => state)).toEqual(["holds", "explained"]);
});

test("it waits for the replicas that are expected, and tells of those that never came", async () => {
  const service = await start({ expected: 2, settleMs: 1500 });
  await push(service, statementWith({ state: "ended", signals: accepted(10) }));
  const account = await service.ended;
  expect(account).toMatchObject({ balanced: true, exitCode: 1, problems: ["1 of 2 replicas never spoke"] });
});

test("asked to finish, it closes with what there is and says who had not ended", async () => {
  const service = await start({ settleMs: 200 });
  await push(service, statementWith({ signals: { traces: signalWith({ accepted: 7, sent: 10 }) } }));
  service.finish();
  const { problems, balanced } = await service.ended;
  expect(balanced).toBe(false);
  expect(problems).toEqual([
    "1 replica had not ended",
    "traces: 3 spans without a result by their replica's last word",
  ]);
});

describe("the time of those that run together", () => {
  const elapsed = async (service: LedgerService, parts: Parameters<typeof statementWith>[0]) =>
    (await push(service, statementWith(parts))).reply.elapsedMs as number;

  test("began with the first of them, whoever asks", async () => {
    const service = await start();
    expect(await elapsed(service, { life: lifeName(1), state: "paused", elapsedMs: 0 })).toBeUndefined();
    expect(await elapsed(service, { life: lifeName(2), elapsedMs: 3000 })).toBeGreaterThanOrEqual(3000);
    expect(await elapsed(service, { life: lifeName(1), sequence: 1, elapsedMs: 10 })).toBeGreaterThanOrEqual(
      3000,
    );
  });

  test("is not what one that was never heard before says of long ago", async () => {
    const service = await start();
    await elapsed(service, { life: lifeName(1), elapsedMs: 1000 });
    expect(await elapsed(service, { life: lifeName(2), elapsedMs: 1e9 })).toBeLessThan(1e6);
    expect(await elapsed(service, { life: lifeName(1), sequence: 1, elapsedMs: 1e9 })).toBeLessThan(1e6);
  });

  test("begins anew when all of them have ended", async () => {
    const service = await start({ expected: 9 });
    await elapsed(service, { life: lifeName(1), elapsedMs: 4000 });
    await elapsed(service, { life: lifeName(1), sequence: 1, elapsedMs: 4000, state: "ended" });
    const later = (sequence: number) => elapsed(service, { life: lifeName(sequence), elapsedMs: 10 });
    let life = 2;
    await expect
      .poll(
        async () => {
          const since = await later(++life);
          await elapsed(service, { life: lifeName(life), sequence: 1, elapsedMs: 20, state: "ended" });
          return since;
        },
        { timeout: 15_000, interval: 1500 },
      )
      .toBeLessThan(4000);
  });
});

describe("control", () => {
  test("is told with every reply from then on, and every use is in the account", async () => {
    const service = await start();
    expect((await push(service, statementWith())).reply).toEqual({
      version: 1,
      steering: {},
      stop: false,
      wantsConfig: true,
      elapsedMs: expect.any(Number),
    });
    expect((await control(service, { action: "pause" })).status).toBe(200);
    // Of the rate nobody has said anything.
    expect((await push(service, statementWith())).reply.steering).toEqual({ isPaused: true });
    await control(service, { action: "rate", eventsPerSecond: 5000 });
    expect((await push(service, statementWith({ sequence: 1 }))).reply).toEqual({
      version: 1,
      steering: { isPaused: true, rate: { eventsPerSecond: 5000 } },
      stop: false,
      wantsConfig: true,
      elapsedMs: expect.any(Number),
    });
    await control(service, { action: "rate", eventsPerSecond: null });
    await control(service, { action: "resume" });
    await control(service, { action: "stop" });
    // A repeated statement has the latest word, too.
    expect((await push(service, statementWith({ sequence: 1 }))).reply).toEqual({
      version: 1,
      steering: { isPaused: false, rate: "config" },
      stop: true,
      wantsConfig: true,
      elapsedMs: expect.any(Number),
    });
    const uses = service.account().control.uses;
    expect(uses.map(({ what }) => what)).toEqual([
      "pause",
      "rate 5000",
      "rate as configured",
      "resume",
      "stop",
    ]);
    expect(uses[0]!.from).toContain("127.0.0.1");
  });

  test("a rate that something speaks against wants a yes, each time", async () => {
    const objection = (rate: number) => (rate > 100 ? "too dear" : undefined);
    const service = await start({ objection });
    const said = async (order: object) => {
      const { status, reply } = await control(service, order);
      return [status, reply.error];
    };
    const refused = [409, 'too dear; "confirm": true in the order says yes'];
    expect(await said({ action: "rate", eventsPerSecond: 101 })).toEqual(refused);
    expect(await said({ action: "burst", eventsPerSecond: 101, seconds: 5, confirm: "yes" })).toEqual(
      refused,
    );
    expect(service.account().control).toMatchObject({ eventsPerSecond: null, uses: [] });
    const accepted = [200, undefined];
    expect(await said({ action: "rate", eventsPerSecond: 101, confirm: true })).toEqual(accepted);
    expect(await said({ action: "rate", eventsPerSecond: 101 })).toEqual(refused);
    expect(await said({ action: "rate", eventsPerSecond: 100, confirm: true })).toEqual(accepted);
    expect(await said({ action: "rate", eventsPerSecond: null })).toEqual(accepted);
    expect(await said({ action: "burst", eventsPerSecond: 102, seconds: 5, confirm: true })).toEqual(
      accepted,
    );
    expect(service.account().control.uses.map(({ what }) => what)).toEqual([
      "rate 101, confirmed",
      "rate 100",
      "rate as configured",
      "burst 102 for 5 s, confirmed",
    ]);
  });

  test.each(["", "x", "é".repeat(24)])("with the token %j it is refused", async (token) => {
    const service = await start();
    const header = Buffer.from(token).toString("latin1");
    expect(await control(service, { action: "stop" }, header)).toMatchObject({ status: 401 });
    expect(service.account().control).toMatchObject({ isStopped: false, uses: [] });
  });

  test.each([
    {},
    [],
    { action: "explode" },
    { action: "rate" },
    { action: "rate", eventsPerSecond: -1 },
    { action: "rate", eventsPerSecond: 1e12 },
    { action: "rate", eventsPerSecond: "5" },
  ])("%j is no order", async (order) => {
    const service = await start();
    const { status, reply } = await control(service, order);
    expect(status).toBe(400);
    expect(reply.error).toMatch(/must be/);
    expect(service.account().control.uses).toEqual([]);
  });
});

describe("whatever comes", () => {
  test.each([
    ["nothing", ""],
    ["no JSON", "{"],
    ["null", "null"],
    ["a text", '"x"'],
    ["deep brackets", "[".repeat(100_000)],
    ["a deep list", `${"[".repeat(100_000)}${"]".repeat(100_000)}`],
    ["no statement", '{"version":1}'],
  ])("%s as a statement is a 400 with one line", async (_, body) => {
    const service = await start();
    const { status, reply } = await post(service, "/api/statements", body);
    expect(status).toBe(400);
    expect(reply.error).toMatch(/^[^\n]{1,700}$/);
    expect(service.account().replicas.seen).toBe(0);
  });

  test("bytes of any kind leave the service as it was", async () => {
    const service = await start();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        const response = await fetch(urlOf(service, "/api/statements"), { method: "POST", body: bytes });
        expect(response.status).toBe(400);
        await response.text();
      }),
      { numRuns: 50 },
    );
    expect(service.account().replicas.seen).toBe(0);
  });

  test("a body that is too large is refused, whether it says so or not", async () => {
    const service = await start();
    const large = "x".repeat(MAX_STATEMENT_BYTES + 1);
    expect((await post(service, "/api/statements", large)).status).toBe(413);
    const unannounced = await fetch(urlOf(service, "/api/statements"), {
      method: "POST",
      body: new Blob([large]).stream(),
      duplex: "half",
    }).catch(({ cause }) => cause);
    // It may hang up before the client has written all of it.
    expect([413, "ECONNRESET", "EPIPE", "UND_ERR_SOCKET"]).toContain(unannounced.status ?? unannounced.code);
  });

  test("a sender that never ends its body is hung up on", async () => {
    const service = await start();
    const [host, port] = service.address.split(":");
    const socket = connect(Number(port), host);
    const closed = new Promise((resolve) => socket.once("close", resolve));
    let answer = "";
    socket.setEncoding("latin1").on("data", (part) => {
      answer += part;
    });
    socket.write("POST /api/statements HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{");
    await closed;
    expect(answer).toMatch(/^HTTP\/1\.1 40/);
  });

  test.each([
    ["GET", "/api/statements", 405],
    ["GET", "/api/control", 405],
    ["POST", "/api/ledger", 405],
    ["GET", "/nothing", 404],
    ["GET", "/__proto__", 404],
  ])("%s %s is a %i", async (method, path, status) => {
    const response = await fetch(urlOf(await start(), path), { method });
    expect(response.status).toBe(status);
    expect(await response.json()).toHaveProperty("error");
  });
});

describe("a browser that somebody else's page uses", () => {
  /** fetch sets these headers itself. */
  const raw = (
    service: LedgerService,
    headers: Record<string, string>,
    path = "/api/ledger",
    method = "GET",
  ) =>
    new Promise<http.IncomingMessage>((resolve, reject) => {
      http
        .request(urlOf(service, path), { method, headers }, (response) => resolve(response.resume()))
        .on("error", reject)
        .end();
    });

  test.each(["/api/ledger", "/api/history", "/api/events", "/metrics", "/healthz", "/"])(
    "reads nothing of %s under a name of its own",
    async (path) => {
      const service = await start();
      expect((await raw(service, { host: "evil.example" }, path)).statusCode).toBe(403);
    },
  );

  test("reaches it under a name that was allowed", async () => {
    const service = await start({ allowedHosts: ["Ledger.Example.org"] });
    expect((await raw(service, { host: "ledger.example.org:4330" })).statusCode).toBe(200);
  });

  test("pushes no statement and controls nothing, though it needs no leave to send", async () => {
    const service = await start();
    const origin = "https://evil.example";
    const bearer = { origin, authorization: `Bearer ${service.token}` };
    expect((await raw(service, { origin }, "/api/statements", "POST")).statusCode).toBe(403);
    expect((await raw(service, bearer, "/api/control", "POST")).statusCode).toBe(403);
    const preflight = await raw(
      service,
      { origin, "access-control-request-method": "POST" },
      "/api/control",
      "OPTIONS",
    );
    expect(preflight.headers["access-control-allow-origin"]).toBeUndefined();
  });

  test.each([
    ["GET", "/api/ledger"],
    ["GET", "/nothing"],
    ["POST", "/api/control"],
    ["DELETE", "/api/ledger"],
    ["GET", "/api/events"],
  ])("is told with the answer to %s %s what it may do with it", async (method, path) => {
    const response = await raw(await start(), {}, path, method);
    expect(response.headers).toMatchObject({
      "content-security-policy": expect.stringMatching(
        /^default-src 'none'; script-src 'self'; .*frame-ancestors 'none'$/,
      ),
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "cross-origin-resource-policy": "same-origin",
      "cross-origin-opener-policy": "same-origin",
    });
    response.destroy();
  });
});

test("no answer holds the token, whatever was done with it", async () => {
  const service = await start();
  await push(service, statementWith({ config: { a: 1 } }));
  await control(service, { action: "pause" });
  await control(service, { action: "resume" }, "wrong");
  for (const path of ["/api/ledger", "/api/history", "/metrics", "/healthz", "/nothing"])
    expect(await (await fetch(urlOf(service, path))).text(), path).not.toContain(service.token);
  expect(notes.join()).not.toContain(service.token);
});

describe("the page", () => {
  const text = "x".repeat(1000);
  const bodies = { identity: Buffer.from(text), gzip: gzipSync(text), br: brotliCompressSync(text) };
  const site = async () => new Map([["/console/a.js", { type: "text/javascript", etag: '"1"', bodies }]]);
  const get = async (
    service: LedgerService,
    path: string,
    headers: Record<string, string> = {},
    method = "GET",
  ) => {
    const response = await fetch(urlOf(service, path), { headers, method });
    return { response, body: await response.text() };
  };

  test.each([
    ["br, gzip", "br"],
    ["gzip, deflate", "gzip"],
    ["br;q=0, gzip", "gzip"],
    ["identity", null],
    ["nobr", null],
  ])("comes as %j is taken", async (accepted, encoding) => {
    const { response, body } = await get(await start({ site }), "/console/a.js", {
      "accept-encoding": accepted,
    });
    expect(response.headers.get("content-encoding")).toBe(encoding);
    expect(response.headers.get("content-type")).toBe("text/javascript");
    expect(body).toBe(text);
  });

  test("is not sent to who has it", async () => {
    const { response, body } = await get(await start({ site }), "/console/a.js", { "if-none-match": '"1"' });
    expect([response.status, body]).toEqual([304, ""]);
  });

  test.each([
    "/console/%2e%2e/%2e%2e/package.json",
    "/console/a.js/",
    "//console/a.js",
    "/console/",
    "/console/A.js",
    "/console/__proto__",
    "/console/a.js%00",
  ])("is nothing but its files: %s", async (path) => {
    expect((await get(await start({ site }), path)).response.status).toBe(404);
  });

  test("is read, and nothing else", async () => {
    const { response } = await get(await start({ site }), "/console/a.js", {}, "POST");
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET"]);
  });

  test("that cannot be read ends no account, and is tried again", async () => {
    let times = 0;
    const service = await start({
      site: () => (times++ === 0 ? Promise.reject(new Error("no such file")) : site()),
    });
    const { response, body } = await get(service, "/console/a.js");
    expect([response.status, body]).toEqual([
      500,
      '{"error":"the console\'s page cannot be read: no such file"}\n',
    ]);
    expect((await get(service, "/console/a.js")).response.status).toBe(200);
    expect((await get(service, "/api/ledger")).response.status).toBe(200);
  });
});

test("the configuration is asked for until somebody tells it, bounded, and survives a restart", async () => {
  const stateDir = newStateDir();
  const service = await start({ stateDir });
  const deep = JSON.parse(`${"[".repeat(100)}${"]".repeat(100)}`);
  expect((await push(service, statementWith({ config: deep }))).reply.wantsConfig).toBe(true);
  expect(service.account().config).toBeNull();
  const config = { rate: 7, target: { headers: { "x-key": "***" } } };
  expect((await push(service, statementWith({ sequence: 1, config }))).reply.wantsConfig).toBe(false);
  expect((await push(service, statementWith({ sequence: 2, config: { rate: 8 } }))).status).toBe(200);
  expect(service.account().config).toEqual(config);
  expect((await start({ stateDir })).account().config).toEqual(config);
});

describe("written down", () => {
  test("its state survives that it is killed, to the item, control and token too", async () => {
    const stateDir = newStateDir();
    const before = await start({ stateDir });
    await push(before, statementWith({ signals: accepted(100), sequence: 7, name: "a\nb" }));
    // A body over several lines is one line of the file.
    await post(
      before,
      "/api/statements",
      JSON.stringify(statementWith({ life: lifeName(5), signals: accepted(9) }), null, 2),
    );
    await push(
      before,
      statementWith({
        life: lifeName(6),
        state: "ended",
        signals: { logs: signalWith({ accepted: 1, inDoubt: 2 }) },
      }),
    );
    await control(before, { action: "rate", eventsPerSecond: 77 });
    // As it is left by kill -9: no close, and a line that is not whole.
    appendFileSync(join(stateDir, "account.jsonl"), '{"statement":{"version":1,"li');
    const after = await start({ stateDir });
    expect(timeless(after.account())).toEqual(timeless(before.account()));
    expect(after.token).toBe(before.token);
    expect(notes).toContainEqual(expect.stringMatching(/^going on with the account of .*: 3 replicas$/));
    // An old statement of before changes nothing, a new one does.
    await push(after, statementWith({ signals: accepted(50), sequence: 3 }));
    expect(after.account().signals.traces!.accepted).toBe(109);
    await push(after, statementWith({ signals: accepted(101), sequence: 8 }));
    expect(after.account().signals.traces!.accepted).toBe(110);
  });

  test("an account that was closed is not gone on with", async () => {
    const stateDir = newStateDir();
    const before = await start({ stateDir });
    await push(before, statementWith({ state: "ended", signals: accepted(10) }));
    await before.ended;
    const after = await start({ stateDir });
    expect(after.account().replicas.seen).toBe(0);
    expect(readdirSync(stateDir).sort()).toEqual(["account-closed.jsonl", "account.jsonl"]);
  });

  test("the file stays bounded, and only its owner reads the token in it", async () => {
    const stateDir = newStateDir();
    const service = await start({ stateDir });
    const answers = Array.from({ length: 50 }, (_, n) => ({
      code: `${n}`,
      count: 1,
      message: "x".repeat(1900),
    }));
    for (let sequence = 0; sequence < 250; sequence++)
      await push(service, statementWith({ sequence, answers }));
    const file = join(stateDir, "account.jsonl");
    expect(statSync(file).size).toBeLessThan(17 * 1024 * 1024);
    expect(statSync(file).mode & 0o077).toBe(0);
    expect(readFileSync(file, "utf8")).toContain('"sequence":249');
  });
});

test("Prometheus reads what the account says", async () => {
  const service = await start();
  await push(service, statementWith({ signals: accepted(4) }));
  const page = await (await fetch(urlOf(service, "/metrics"))).text();
  expect(page).toContain('stampede_ledger_items{signal="traces",outcome="accepted"} 4\n');
  expect(page).toContain('stampede_ledger_replicas{state="running"} 1\n');
  expect(page).toContain('stampede_ledger_broken{identity="intended",signal="traces",exporter=""} 0\n');
});

test("a sink is held against the replicas, and its verdict belongs to the end", async () => {
  const sink = await startSink({ grpc: false, http: "127.0.0.1:0" });
  const service = await start({
    sinks: parseSources(`http://${sink.httpAddress}`, "/ledger"),
    settleMs: 300,
  });
  await push(service, statementWith({ state: "ended", signals: accepted(10) }));
  const account = await service.ended;
  await sink.close();
  expect(account.sink).toMatchObject({
    up: true,
    signals: { traces: { received: 0 } },
    verified: { ok: true, missingTraces: 0 },
  });
  expect(account.problems).toEqual([
    "traces: the sink received 10 spans fewer than the replicas were told",
    "traces: 10 spans sent on and not received",
  ]);
});

test("it is ready when what it was told to read has been read twice", async () => {
  const alone = await start();
  const status = async (service: LedgerService) => (await fetch(urlOf(service, "/healthz"))).status;
  await expect.poll(() => status(alone), { timeout: 20_000 }).toBe(200);
  const waiting = await start({ collectors: parseSources("http://127.0.0.1:1", "/metrics") });
  await expect.poll(() => waiting.account().collectors!.seen, { timeout: 5000 }).toBe(0);
  expect(await status(waiting)).toBe(503);
});
