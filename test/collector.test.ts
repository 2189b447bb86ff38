import { createServer } from "node:net";
import { expect, test } from "vitest";
import { startCollector } from "./collector.ts";

test("a Collector whose port stays taken is given up, in its own words", async () => {
  const holder = createServer();
  await new Promise<void>((listening) => holder.listen(0, "127.0.0.1", listening));
  const { port } = holder.address() as { port: number };
  await expect(startCollector("nop", {}, [], { grpc: port })).rejects.toThrow(
    `listen tcp 127.0.0.1:${port}: bind: address already in use`,
  );
  holder.close();
});
