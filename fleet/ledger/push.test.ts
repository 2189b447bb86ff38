import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import type { Statement } from "../../ledger/statement-schema.ts";
import type { StatementReply } from "./control.ts";
import { type Pusher, startPushing } from "./push.ts";
import { startTestLedger } from "./test-ledger.ts";
import { signalWith, statementWith } from "./test-statements.ts";

const ledger = (listen = "127.0.0.1:0") => startTestLedger({ listen, settleMs: 60_000 });

function pushing(address: string) {
  const notes: string[] = [];
  const replies: StatementReply[] = [];
  let accepted = 0;
  const pusher: Pusher = startPushing({
    url: `http://${address}`,
    state: (sequence) =>
      statementWith({ sequence, signals: { traces: signalWith({ accepted: ++accepted }) } }),
    onReply: (reply) => replies.push(reply),
    onNote: (note) => notes.push(note),
  });
  const end = () =>
    pusher.end((sequence) =>
      statementWith({ sequence, state: "ended", signals: { traces: signalWith({ accepted }) } }),
    );
  onTestFinished(end);
  return { notes, replies, end, said: () => accepted };
}

/** A server that answers as it is told. */
async function server(
  answer: (response: http.ServerResponse, statement: Statement) => void,
): Promise<string> {
  const running = http.createServer((request, response) => {
    let text = "";
    request.setEncoding("utf8").on("data", (part: string) => {
      text += part;
    });
    request.on("end", () => answer(response, JSON.parse(text)));
  });
  running.listen(0, "127.0.0.1");
  await once(running, "listening");
  onTestFinished(() => {
    running.close();
    running.closeAllConnections();
  });
  return `127.0.0.1:${(running.address() as AddressInfo).port}`;
}

test("the ledger knows what the replica knew last, and that it has ended", async () => {
  const service = await ledger();
  const { end, said, notes, replies } = pushing(service.address);
  await expect.poll(() => service.account().replicas.running, { timeout: 10_000 }).toBe(1);
  await end();
  const { replicas, signals } = service.account();
  expect(replicas).toMatchObject({ seen: 1, ended: 1 });
  expect(signals.traces!.accepted).toBe(said());
  expect(notes).toEqual([]);
  expect(replies[0]).toMatchObject({ version: 1, steering: {}, stop: false, wantsConfig: true });
});

test("a ledger that is away is told of once, and once that it is back, with all that was missed", async () => {
  const service = await ledger();
  const { address } = service;
  const { notes, said } = pushing(address);
  await expect.poll(() => service.account().replicas.seen, { timeout: 10_000 }).toBe(1);
  await service.close();
  await expect
    .poll(() => notes, { timeout: 10_000 })
    .toEqual([
      expect.stringMatching(
        /^the ledger at http:\/\/127\.0\.0\.1:\d+ does not hear this replica \(.*\): sending goes on$/,
      ),
    ]);
  const missed = said() + 1;
  await expect.poll(said, { timeout: 10_000 }).toBeGreaterThan(missed);
  const back = await ledger(address);
  await expect
    .poll(() => notes, { timeout: 10_000 })
    .toEqual([expect.stringContaining("does not hear"), expect.stringMatching(/hears this replica again$/)]);
  expect(back.account().signals.traces!.accepted).toBeGreaterThanOrEqual(missed);
});

test("a ledger that hangs has one request of ours, not one a second", async () => {
  let [open, most] = [0, 0];
  const address = await server((response) => {
    most = Math.max(most, ++open);
    response.once("close", () => open--);
  });
  const { notes, said } = pushing(address);
  await expect
    .poll(() => notes, { timeout: 10_000 })
    .toEqual([expect.stringContaining("no answer within 2 s")]);
  await expect.poll(said, { timeout: 20_000 }).toBeGreaterThan(2);
  expect(most).toBe(1);
  expect(notes).toHaveLength(1);
});

test("what is told to the fleet is handed on, field by field, and nothing else", async () => {
  const address = await server((response) => {
    response.end(
      '{"version":1,"steering":{"isPaused":true,"rate":{"eventsPerSecond":5,"x":1},"share":"?"},"stop":true,"elapsedMs":70,"more":1}',
    );
  });
  const { replies } = pushing(address);
  await expect
    .poll(() => replies[0], { timeout: 10_000 })
    .toEqual({
      version: 1,
      steering: { isPaused: true, rate: { eventsPerSecond: 5 } },
      stop: true,
      wantsConfig: false,
      elapsedMs: 70,
    });
});

test.each([
  ["another service", 200, "<html>", "it answered HTTP 200, not as a ledger does"],
  ["one that refuses", 400, '{"error":"no"}', "it answered HTTP 400: no"],
  ["one that talks without end", 200, "x".repeat(100_000), "its reply has no end"],
])("%s is no ledger", async (_, status, body, reason) => {
  const address = await server((response) => response.writeHead(status).end(body));
  const { notes, replies } = pushing(address);
  await expect.poll(() => notes[0], { timeout: 10_000 }).toContain(`(${reason})`);
  expect(replies).toEqual([]);
});

test("a last word that nobody hears is given up, and that is said", async () => {
  const address = await server((response) => response.destroy());
  const { notes, end } = pushing(address);
  await end();
  expect(notes.at(-1)).toBe(`the ledger at http://${address} was not told how this replica ended`);
}, 60_000);

test("where the report is what is not taken, the rest is told without it", async () => {
  const kept: Statement[] = [];
  const address = await server((response, statement) => {
    if (statement.report) return response.writeHead(413).end();
    kept.push(statement);
    return response.end('{"version":1,"steering":{},"stop":false}');
  });
  const pusher = startPushing({
    url: `http://${address}`,
    state: (sequence) => statementWith({ sequence }),
    onReply() {},
    onNote() {},
  });
  await pusher.end((sequence) => ({ ...statementWith({ sequence, state: "ended" }), report: {} as never }));
  expect(kept.at(-1)).toMatchObject({ state: "ended" });
});

test("what a ledger says is told as one printable line", async () => {
  const address = await server((response) =>
    response
      .writeHead(500)
      .end(JSON.stringify({ error: "\u001b[31mred\u001b]0;title\u0007 \u202Egnp\nnext" })),
  );
  const { notes } = pushing(address);
  await expect.poll(() => notes.length, { timeout: 10_000 }).toBeGreaterThan(0);
  expect(notes[0]).toContain("it answered HTTP 500: [31mred ]0;title gnp next)");
});
