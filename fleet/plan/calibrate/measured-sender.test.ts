import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeTemplates } from "../../../generator/test-templates.ts";
import { replayerConfigSchema } from "../../../replayer/config.ts";
import { findInputs, prepareInputs } from "../../../replayer/inputs.ts";
import type { ReplayJob } from "../../../replayer/job.ts";
import { resolveSettings } from "../../../replayer/settings.ts";
import { startReceiver } from "../../../sink/discard/start-receiver.ts";
import { childrenOf } from "../../test-process-table.ts";
import { CalibrationError } from "./calibration-error.ts";
import { climb } from "./climb.ts";
import { startSender } from "./measured-sender.ts";

/** Processes are slow to start where many tests share a machine. */
const PATIENCE = { timeout: 120_000 };
const directory = mkdtempSync(join(tmpdir(), "stampede-sender-"));
let receiver: Awaited<ReturnType<typeof startReceiver>>;
beforeAll(async () => {
  await makeTemplates(directory);
  receiver = await startReceiver();
});
afterAll(() => {
  receiver.stop();
  rmSync(directory, { recursive: true });
});

/** A job as a user's config makes it, to the receiver. */
async function jobOf(sending: object): Promise<ReplayJob> {
  const endpoint = `http://127.0.0.1:${receiver.ports.http}`;
  const config = { otlp: { endpoint, protocol: "http/protobuf" }, sending };
  const settings = resolveSettings(replayerConfigSchema.parse(config), {});
  const prepared = await prepareInputs(findInputs(directory), settings);
  return { settings, ...prepared, replica: { index: 0, count: 1 }, isIndexLasting: false };
}

/** The sender that this process has started last. */
const senderPid = () => childrenOf(process.pid, "sender-process").at(-1)!;

test(
  "a run's limits do not end a calibration: what is measured goes on until all rates have been",
  PATIENCE,
  async () => {
    const job = await jobOf({
      rate_limit: { events_per_second: 1000 },
      duration: "100ms",
      total: 50,
      multiplier: 1,
    });
    const times = { warmMs: 300, settleMs: 50, measureMs: 300, rounds: 1 };
    const { signal } = new AbortController();
    const [round] = await climb(job, [1000, 3000], times, async () => async () => undefined, signal);
    expect(round!.map(({ step }) => step.items > 0)).toEqual([true, true]);
  },
);

test("a sender that cannot begin says why, and is gone", PATIENCE, async () => {
  const job = await jobOf({});
  const starting = startSender({ ...job, frozen: { traces: join(directory, "absent.frozen") } });
  await expect(starting).rejects.toThrow(CalibrationError);
  await expect(starting).rejects.toThrow(/could not send: .*absent\.frozen/);
  await expect.poll(() => childrenOf(process.pid, "sender-process"), PATIENCE).toEqual([]);
});

test("a sender that hangs is not waited for without end, and the error says at what", PATIENCE, async () => {
  const sender = await startSender(await jobOf({ rate_limit: { events_per_second: 100 } }), 500);
  process.kill(senderPid(), "SIGSTOP");
  await expect(sender.mark()).rejects.toThrow("did not answer (mark) within 0.5 s");
  sender.kill();
  await expect(sender.mark()).rejects.toThrow("ended with SIGKILL");
});
