import { defineConfig } from "vitest/config";

/** Tests with real parts that wait most of their time, for an outage to be noticed or a queue to be emptied: they wait side by side. */
const WAITING = ["several-targets", "overload", "ledger", "membership", "process-one", "up"].map(
  (name) => `test/${name}.test.ts`,
);

export default defineConfig({
  test: {
    // Tests load the source as Node does: no bundler between a test and the code it claims things about.
    experimental: { viteModuleRunner: false },
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["**/*.test.ts"],
          exclude: ["test/**", "node_modules/**"],
          testTimeout: 30_000,
          // Hooks start processes as tests do.
          hookTimeout: 60_000,
          setupFiles: ["test/bound-properties.ts"],
          // One more than vitest takes on a machine of two cores: many wait for a process or a socket.
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: {
          name: "e2e",
          include: ["test/**/*.test.ts"],
          exclude: WAITING,
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: "e2e-waiting",
          include: WAITING,
          testTimeout: 300_000,
          hookTimeout: 300_000,
          maxWorkers: 3,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
