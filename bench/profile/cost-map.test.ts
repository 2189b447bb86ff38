import type { Profiler } from "node:inspector";
import { expect, test } from "vitest";
import { costMapOf, costMapText } from "./cost-map.ts";

const ROOT = new URL("../../", import.meta.url).href;

/** A profile of these functions, each sampled once, for as many microseconds. */
function profileOf(functions: readonly (readonly [string, string, number])[]): Profiler.Profile {
  return {
    nodes: functions.map(([functionName, url], id) => ({
      id,
      callFrame: { functionName, url, scriptId: "0", lineNumber: 0, columnNumber: 0 },
    })),
    samples: functions.map((_, id) => id),
    timeDeltas: functions.map(([, , microseconds]) => microseconds),
    startTime: 0,
    endTime: 0,
  };
}

test("a profile is summed up by what its functions work at, what was not sampled beside them", () => {
  const profile = profileOf([
    ["writev", "", 300],
    ["(idle)", "", 5000],
    ["post", "node:inspector", 700],
    ["stampIds", `${ROOT}replayer/stamp/stamp.ts`, 60],
    ["permute", `${ROOT}template/ids.ts`, 40],
    ["writev", "", 100],
  ]);
  const map = costMapOf(profile, 1000, { mainThread: 0.0007, allThreads: 0.00075 });
  expect(map).toEqual({
    nanosecondsPerItem: 750,
    parts: [
      {
        name: "socket: write, with the copy to the kernel",
        nanosecondsPerItem: 400,
        functions: [["writev ", 400]],
      },
      {
        name: "native code of the event loop, not sampled: polls, HTTP/2's sockets",
        nanosecondsPerItem: 200,
        functions: [],
      },
      {
        name: "stamp",
        nanosecondsPerItem: 100,
        functions: [
          ["stampIds replayer/stamp/stamp.ts", 60],
          ["permute template/ids.ts", 40],
        ],
      },
      {
        name: "other threads: V8's collector and compiler, zlib, the profiler itself",
        nanosecondsPerItem: expect.closeTo(50) as number,
        functions: [],
      },
    ],
  });
  expect(costMapText(map).split("\n").at(0)).toBe(
    "  400.00 ns   53 %  socket: write, with the copy to the kernel",
  );
});
