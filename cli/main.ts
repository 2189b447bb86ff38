import { enableCompileCache } from "node:module";

// Before anything else is loaded, for only what is loaded after it is cached: hence the dynamic imports below.
enableCompileCache();

void begin();

/** A function, for what the image runs is CommonJS, where nothing else may wait. */
async function begin(): Promise<void> {
  const { answerSignalsAsProcessOne } = await import("./process-one.ts");
  answerSignalsAsProcessOne();
  const { endingOf } = await import("./exit.ts");

  /** Print what an error has to say and end at once: what is still under way belongs to a command that has failed. */
  function fail(error: unknown): never {
    const { exitCode, text } = endingOf(error);
    if (text !== "") process.stderr.write(`${text}\n`);
    process.exit(exitCode);
  }

  process.on("uncaughtException", fail);
  process.on("unhandledRejection", fail);
  // A reader that has seen enough (`| head`), a terminal that was closed: no fault of anybody's, and nobody is left to print for. The
  // code is that of the run.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE" || error.code === "EIO") process.exit();
    fail(error);
  });
  process.stderr.on("error", () => {});

  try {
    const { commandLine, endWithLauncher, isLaunch, launch } = await import("./replay-launch.ts");
    const args = await commandLine();
    if (isLaunch(args)) await launch(args);
    else {
      endWithLauncher();
      const { buildProgram } = await import("./program.ts");
      await (await buildProgram(args)).parseAsync(args, { from: "user" });
    }
  } catch (error) {
    fail(error);
  }
}
