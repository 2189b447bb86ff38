import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { push, startTestLedger, urlOf } from "../fleet/ledger/test-ledger.ts";
import { signalWith, statementWith } from "../fleet/ledger/test-statements.ts";
import { parseSources } from "../fleet/ledger/watch/collector-watch.ts";
import { accountTable } from "../terminal/account-table.ts";
import { fetchAccount } from "./fetch-account.ts";

/** Address of a server that gives one answer to all. */
async function answering(text: string): Promise<string> {
  const server = http.createServer((_request, response) => void response.end(text)).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test.each(["__proto__", "constructor", "otlp_grpc/sink"])(
  "an exporter named %s stands in the table",
  async (name) => {
    const page = `# TYPE otelcol_exporter_sent_spans counter\notelcol_exporter_sent_spans{exporter="${name}"} 7\n`;
    const ledger = await startTestLedger({ collectors: parseSources(await answering(page), "/metrics") });
    await push(ledger, statementWith({ signals: { traces: signalWith({ accepted: 7 }) } }));
    const table = async () => accountTable(await fetchAccount(urlOf(ledger, "")), { colour: false });
    await expect.poll(table, { timeout: 20_000 }).toContain(`    ${name}\n`);
    expect(await table()).not.toContain("not reported");
  },
);

test.each([
  ["[1, 2]", "answers something else than an account"],
  ["<html>", "(answered something else than an account)"],
])("what is no account, such as %s, ends with 3 and a line", async (text, said) => {
  await expect(fetchAccount(await answering(text))).rejects.toMatchObject({
    name: "CliError",
    exitCode: 3,
    message: expect.stringContaining(said),
  });
});
