/** Freezing log records: requests of batchSize records, in file order. */
import { Assembler } from "./assemble.ts";
import { assembleAll, countBody, explainWireErrors, type FreezeRun } from "./freeze-run.ts";
import { logJitterNs } from "./jitter.ts";
import { locateLogSlots } from "./locate-logs.ts";
import { SlotTable } from "./slot-table.ts";

export function freezeLogs(run: FreezeRun): void {
  const { writer, settings, summary } = run;
  const slots = new SlotTable();
  const assembler = new Assembler(
    "logs",
    { items: settings.batchSize, bytes: settings.maxRequestBytes },
    (body, items) => {
      slots.reset();
      const context = {
        firstRecord: summary.items,
        jitterNs: (record: number) => logJitterNs(settings, record),
        isLinked: settings.linkLogs,
      };
      summary.linked += explainWireErrors(`log record ${summary.items} or one behind it`, () =>
        locateLogSlots(body, slots, context),
      );
      writer.append(slots.layOut(body), items, 0);
      countBody(run, body, items);
    },
  );
  assembleAll(run, assembler);
}
