/**
 * The stampede command and its subcommands. A subcommand's module is loaded when it is chosen, so `replay` starts without
 * the generator, and `--help` without either.
 */
import { Command } from "commander";
import { maskUrl, maskUrlsIn } from "../otlp/mask-url.ts";
import { version } from "./version.ts";

interface Entry {
  name: string;
  summary: string;
  load(): Promise<Command>;
}

const ENTRIES: readonly Entry[] = [
  {
    name: "demo",
    summary: "generate, receive and replay in one go, and show the ledger",
    load: async () => (await import("./demo.ts")).demoCommand(),
  },
  {
    name: "up",
    summary: "run a whole fleet on this machine: collectors or a sink, and replicas",
    load: async () => (await import("./up.ts")).upCommand(),
  },
  {
    name: "generate",
    summary: "write templates: traces, metrics and logs without wall-clock times",
    load: async () => (await import("./generate.ts")).generateCommand(),
  },
  {
    name: "freeze",
    summary: "compile templates ahead of a replay, so that it neither encodes nor compresses",
    load: async () => (await import("./freeze.ts")).freezeCommand(),
  },
  {
    name: "replay",
    summary: "stream templates to an OTLP endpoint, with fresh times and ids",
    load: async () => (await import("./replay.ts")).replayCommand(),
  },
  {
    name: "sink",
    summary: "receive OTLP, count it, verify it, and misbehave on demand",
    load: async () => (await import("./sink.ts")).sinkCommand(),
  },
  {
    name: "inspect",
    summary: "tell what a template or capture file holds",
    load: async () => (await import("./inspect.ts")).inspectCommand(),
  },
  {
    name: "check",
    summary: "validate config files, reporting every problem",
    load: async () => (await import("./check.ts")).checkCommand(),
  },
  {
    name: "plan",
    summary: "what a rate takes: replicas, collectors, cores, memory, network, and what to type",
    load: async () => (await import("./plan.ts")).planCommand(),
  },
  {
    name: "backend",
    summary: "make the config of the collectors for the backends behind them, or say what they lack",
    load: async () => (await import("./backend.ts")).backendCommand(),
  },
  {
    name: "ledger",
    summary: "one account of a fleet: replicas, collectors, sink; `ledger serve` keeps it",
    load: async () => (await import("./ledger.ts")).ledgerCommand(),
  },
];

const EXAMPLES = `
Examples:
  stampede demo                                                see it work, nothing else needed
  stampede generate --config examples/generator.yaml           write templates
  stampede replay --endpoint http://localhost:4317 --rate 1000 --duration 1m

stampede help COMMAND tells more about a command.`;

/**
 * The program for one command line.
 *
 * args  what follows the script's name. Only the subcommand named in it is complete, the others are names for the help.
 */
export async function buildProgram(args: readonly string[]): Promise<Command> {
  const program = new Command("stampede")
    .description("OpenTelemetry load: templates frozen once, stamped for ever, every event accounted for.")
    .version(version(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .addHelpText("after", EXAMPLES)
    .showHelpAfterError("(--help tells how it is used)")
    .configureOutput({ outputError: (text, write) => write(maskRefused(text)) })
    .exitOverride();
  const words = args.filter((arg) => !arg.startsWith("-"));
  const chosen = words[0] === "help" ? words[1] : words[0];
  for (const entry of ENTRIES) {
    const command = entry.name === chosen ? await entry.load() : new Command(entry.name);
    if (command.summary() === "") command.summary(entry.summary);
    if (command.description() === "") command.description(entry.summary);
    for (const one of [command, ...command.commands])
      one.copyInheritedSettings(program).helpOption("-h, --help", "print this help");
    program.addCommand(command);
  }
  return program;
}

/** What is refused is quoted; what is not a URL, though it was to be one, may hold a password all the same. */
const REFUSED_URL =
  /^(error: (?:option '[^']*<urls?>[^']*' argument|command-argument value) ')(.*)(' is invalid)/s;

/** commander's words without what may be a password. */
function maskRefused(text: string): string {
  return maskUrlsIn(
    text.replace(
      REFUSED_URL,
      (_, before: string, value: string, after: string) => before + maskUrl(value) + after,
    ),
  );
}
