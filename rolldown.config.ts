/**
 * What the image runs: the sources as one folder of CommonJS, with what they need of the packages in it. A start reads 30 files instead of
 * 300, strips no types, and takes two thirds of the CPU (docs/performance.md).
 */
import { join } from "node:path";
import type { RolldownOptions } from "rolldown";

export default {
  // What processes and threads of their own begin with stays a file of its own, which is found by its name.
  input: {
    main: "cli/main.ts",
    worker: "fleet/local/worker.ts",
    "freeze-process": "replayer/freeze/freeze-process.ts",
    "compile-process": "replayer/compile/compile-process.ts",
    "compile-worker": "replayer/compile/compile-worker.ts",
    "sender-process": "fleet/plan/calibrate/sender-process.ts",
    receiver: "sink/discard/receiver.ts",
  },
  platform: "node",
  plugins: [
    {
      name: "what is found by its name is found from the bundle",
      transform: {
        filter: { code: "import.meta.url" },
        handler: (code) =>
          code
            .replace(
              /new URL\("\.\/([\w-]+)\.ts", import\.meta\.url\)/g,
              'new URL("./$1.cjs", import.meta.url)',
            )
            // What lies beside the sources lies beside the bundle's folder.
            .replace(
              /new URL\("(?:\.\.\/)+collector-config", import\.meta\.url\)/g,
              'new URL("../collector-config", import.meta.url)',
            ),
      },
    },
    {
      name: "the page as browsers take it stands there, too",
      async generateBundle() {
        // By its path: in this file, bundled itself, it would look for the page elsewhere.
        const { readPage } = (await import(join(import.meta.dirname, "console/server/page.ts"))) as {
          readPage(): Promise<object>;
        };
        this.emitFile({ type: "asset", fileName: "page.json", source: JSON.stringify(await readPage()) });
      },
    },
  ],
  output: { dir: "dist", format: "cjs", entryFileNames: "[name].cjs", chunkFileNames: "[name].[hash].cjs" },
} satisfies RolldownOptions;
