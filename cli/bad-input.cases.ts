/** Inputs that are wrong, each with a command that is given them; for bad-input.test.ts and the table in docs/bad-input.md. */

/** A file of a case: its text or bytes, "directory", or a link to nowhere. */
export type CaseFile = string | Uint8Array | { directory: true };

export interface BadInput {
  /** What is wrong, in the words of the table. */
  what: string;
  /** Files to be there before the command runs, by name; `set/` holds a good set of templates, `good.yaml` a good config. */
  files?: Record<string, CaseFile>;
  /** Words of the command line behind `stampede`. */
  command: readonly string[];
  /** Part of the first line: what must not be lost when words change. */
  names: string;
  /** A tmpfs that is mounted there while the command runs: `full` and `read-only` are its sizes. */
  mount?: { at: string; options: string };
}

export interface Section {
  title: string;
  cases: readonly BadInput[];
}

/** A generator config that is wrong: `generate` is given it. */
function config(what: string, text: string | Uint8Array, names: string): BadInput {
  return { what, files: { "load.yaml": text }, command: ["generate", "--config", "load.yaml"], names };
}

/** A replayer config that is wrong. */
function replayer(what: string, text: string, names: string): BadInput {
  return { what, files: { "replay.yaml": text }, command: ["replay", "--config", "replay.yaml"], names };
}

/** A template file that is wrong: `inspect` is given it. */
function file(what: string, content: CaseFile, names: string, name = "some.pb"): BadInput {
  return { what, files: { [name]: content }, command: ["inspect", name], names };
}

const levels = (depth: number) => `seed: ${"[".repeat(depth)}${"]".repeat(depth)}\n`;
const bomb = [
  "a: &a [x, x, x, x, x, x, x, x, x, x]",
  ...["b", "c", "d", "e", "f"].map((name, index) => {
    const before = "abcde"[index];
    return `${name}: &${name} [${Array.from({ length: 10 }, () => `*${before}`).join(", ")}]`;
  }),
].join("\n");

/**
 * The sections of the table.
 *
 * good  a set of templates that is right, by file name, to be made wrong
 */
export function badInputs(good: { traces: Buffer; tracesJson: Buffer; logs: Buffer }): Section[] {
  const firstFrame = good.traces.subarray(0, 4 + good.traces.readUInt32BE(0));
  const withLength = (length: number) => {
    const header = Buffer.alloc(4);
    header.writeUInt32BE(length);
    return Buffer.concat([header, good.traces.subarray(4, 8000)]);
  };
  const corrupt = Buffer.from(firstFrame);
  corrupt.fill(0xff, 40, 44);
  const replay = (what: string, content: CaseFile, names: string, name = "some.pb"): BadInput => ({
    what,
    files: {
      [name]: content,
      "replay.yaml": `input: {traces: ${name}}\notlp: {endpoint: "http://127.0.0.1:9"}\n`,
    },
    command: ["replay", "--config", "replay.yaml"],
    names,
  });
  const output = (
    what: string,
    directory: string,
    names: string,
    more: Partial<BadInput> = {},
  ): BadInput => ({
    what,
    command: ["generate", "--config", "good.yaml", "--output-dir", directory],
    names,
    ...more,
  });
  return [
    {
      title: "A config's keys and values",
      cases: [
        config("a mistyped key", "traces: {cuont: 5}\n", "load.yaml:1:10 traces.cuont"),
        config("an unknown key", "metrics: {frobnicate: 5}\n", "load.yaml:1:11 metrics.frobnicate"),
        config("a negative number", "traces: {count: -5}\n", "got -5"),
        config("an absurd number", "traces: {count: 1e18}\n", "got 1e18"),
        config("a seed beyond what is exact", "seed: 1e18\n", "9007199254740991"),
        config("infinity", "traces:\n  count: .inf\n", "load.yaml:2:10 traces.count"),
        config("no number", "traces: {spans: {error_rate: .nan}}\n", "got .nan"),
        config("a share above 1", "traces: {spans: {error_rate: 5}}\n", "from 0 to 1"),
        config("a fraction for a count", "logs: {count: 1.5}\n", "got 1.5"),
        config("a text for a number", "logs: {count: many}\n", 'got "many"'),
        config("a quoted number", 'logs: {count: "5"}\n', 'got "5"'),
        config("nothing for a number", "logs:\n  count:\n", "got nothing"),
        config("a list for a mapping", "logs: [1, 2]\n", "got a list"),
        config(
          "percentages that do not sum to 100",
          "logs: {types: {http_access: {percentage: 50}, application: {percentage: 40}}}\n",
          "found 90",
        ),
        config("an unknown kind of metrics", "metrics: {types: [host]}\n", 'got "host"'),
        config(
          "bounds the wrong way round",
          "metrics: {timeseries_per_metric: {min: 10, max: 5}}\n",
          "timeseries_per_metric.min",
        ),
        config(
          "a service that is not there",
          "traces: {services: {names: [a], ingress: {service: b}}}\n",
          'found "b"',
        ),
        config("an undefined variable", 'output: {directory: "${NOT_SET}"}\n', "NOT_SET"),
        config(
          "several problems, all in one pass",
          "sede: 1\ntraces: {count: -1, spans: {std_dev: x}}\nlogs: {count: .inf}\n",
          "load.yaml:1:1 sede",
        ),
        replayer(
          "a law of the rate whose name is misspelt",
          "sending: {rate_limit: {law: {brust: {peak: 5000}}}}\n",
          "did you mean burst?",
        ),
        replayer(
          "two laws of the rate",
          "sending: {rate_limit: {law: {ramp: {over: 5m}, curve: a.csv}}}\n",
          "found ramp and curve",
        ),
        {
          what: "a curve of the rate with a line that is none",
          files: { "day.csv": "seconds,rate\n0,100\nnoon,500\n" },
          command: ["replay", "--curve", "day.csv"],
          names: "day.csv:3",
        },
        {
          what: "flags of the rate that do not go together",
          command: ["replay", "--burst", "--peak", "5000", "--ramp", "5m"],
          names: "--ramp and --burst",
        },
        {
          what: "a DNS server of the fleet's name that is no address",
          command: ["replay", "--fleet-dns", "replayer@dns.example"],
          names: "NAME@ADDRESS[:PORT]",
        },
        replayer("a mistyped key of the replayer", "sending: {concurency: 5}\n", "replay.yaml:1:11"),
        replayer("a negative rate", "sending: {rate_limit: {events_per_second: -1}}\n", "replay.yaml:1:43"),
        replayer("a duration without unit", "sending: {duration: 10}\n", "such as 500ms"),
        replayer("an absurd total", "sending: {total: 1e18}\n", "9007199254740991"),
        replayer(
          "an endpoint that stands there twice",
          "otlp: {endpoint: [a:4317, a:4317]}\n",
          "is there twice",
        ),
        replayer("two slashes for three", "otlp: {endpoint: dns://collector:4317}\n", "dns:///name:port"),
        replayer("a port for an endpoint", "otlp: {endpoint: 4317}\n", "write localhost:4317"),
        replayer("metrics at an address without port", "metrics_server: {listen: 0.0.0.0}\n", "host:port"),
        {
          what: "the same by flag",
          command: ["replay", "--metrics-listen", "everywhere"],
          names: "--metrics-listen",
        },
        replayer("a secret of the wrong type", 'seed: "${SECRET_TOKEN}"\n', "the value of ${SECRET_TOKEN}"),
        {
          what: "a config of neither kind",
          files: { "load.yaml": "hello: world\n" },
          command: ["check", "load.yaml"],
          names: "neither a generator nor a replayer config",
        },
        {
          what: "several files, all in one pass",
          files: { "a.yaml": "seed: -1\ntraces: {}\n", "b.yaml": "sending: {concurrency: 0}\n" },
          command: ["check", "a.yaml", "b.yaml", "none.yaml"],
          names: "a.yaml:1:7 seed",
        },
      ],
    },
    {
      title: "A config that is no config",
      cases: [
        config("a bracket that is not closed", "traces: {count: 5\nlogs: {count: 3}\n", "load.yaml:"),
        config("two keys on a line", "traces: count: 5\n", "load.yaml:1:9"),
        config("a tab", "traces:\n\tcount: 5\n", "load.yaml:2:1"),
        config("a quote that is not closed", 'output: {prefix: "x}\n', "load.yaml:"),
        config("a reserved character", "output: {prefix: @x}\n", "load.yaml:1:18"),
        config("an alias bomb", `${bomb}\n`, "stand for more than 100 values"),
        config("an alias of nothing", "seed: *none\n", "load.yaml:1:7 seed"),
        config("depth", levels(100), "50 levels"),
        config("a tag of JavaScript", "seed: !!js/function 'return 1'\n", "load.yaml:1:7 seed"),
        config("a tag of one's own", "seed: !secret x\n", "load.yaml:1:7 seed"),
        config("a key given twice", "seed: 1\nseed: 2\n", "load.yaml:2:1 seed"),
        config("two documents", "seed: 1\n---\nseed: 2\n", "load.yaml:2:1"),
        config("a list", "- seed\n", "got a list"),
        config("plain text", "hello\n", "got plain text"),
        config("an empty file", "", "is empty"),
        config("bytes that are no text", Buffer.from([0xff, 0xfe, 0, 1, 2]), "not UTF-8"),
        config("a large file", Buffer.alloc(2 * 1024 * 1024, "#"), "1 MiB"),
        {
          what: "a file that is not there",
          command: ["generate", "--config", "none.yaml"],
          names: "none.yaml: no such file",
        },
        {
          what: "a directory instead of a file",
          command: ["generate", "--config", "set"],
          names: "set: is a directory",
        },
        {
          what: "a path below a file",
          command: ["check", "good.yaml/load.yaml"],
          names: "good.yaml/load.yaml: ",
        },
        {
          what: "templates instead of a config",
          command: ["generate", "--config", "set/telemetry-traces.pb"],
          names: "set/telemetry-traces.pb: ",
        },
      ],
    },
    {
      title: "Template and capture files",
      cases: [
        { what: "a file that is not there", command: ["inspect", "none.pb"], names: "none.pb: no such" },
        { what: "a directory", command: ["inspect", "set"], names: "set: is a directory" },
        file("an empty file", "", "some.pb: the file is empty"),
        file("text", "hello, this is no OTLP\n", "some.pb: byte 0"),
        file("a config", "traces: {count: 5}\n", "some.yaml: byte 0", "some.yaml"),
        file("other JSON", '{"hello": 1}\n', "some.json:1", "some.json"),
        file("broken JSON", '{"resourceSpans": [}\n', "some.json:1", "some.json"),
        file(
          "JSON that is no OTLP",
          '{"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "xyz"}]}]}]}\n',
          "some.json:1",
          "some.json",
        ),
        file("a compressed file", Buffer.from([0x1f, 0x8b, 8, 0, 0, 0]), "gzip", "some.pb.gz"),
        file("a frame length of zero", withLength(0), "byte 0"),
        file("a frame length beyond any frame", withLength(4_000_000_000), "found 4000000000"),
        file("a frame length beyond the file", withLength(900_000), "past the end of the file"),
        file("a file cut off in a frame", good.traces.subarray(0, 4000), "cut off"),
        file("a file cut off in a length", Buffer.concat([firstFrame, Buffer.alloc(2)]), "needs 4 bytes"),
        file("JSON that is cut off", good.tracesJson.subarray(0, 3000), "cut off", "some.json"),
        file("bytes that are no OTLP", corrupt, "byte 0 (frame 0)"),
        file("no items", '{"resourceLogs": []}\n', "holds no spans", "some.json"),
        replay("replayed: an empty file", "", "some.pb: the file is empty"),
        replay("replayed: a file cut off in a frame", good.traces.subarray(0, 4000), "cut off"),
        replay("replayed: a frame length beyond the file", withLength(900_000), "past the end"),
        replay("replayed: a frame length beyond any frame", withLength(4_000_000_000), "4000000000"),
        replay("replayed: text", "hello, this is no OTLP\n", "some.pb: byte 0"),
        replay("replayed: the wrong signal", good.logs, "holds logs, traces are needed"),
        replay("replayed: a directory", { directory: true }, "some.pb: is a directory"),
        replay(
          "replayed: times of the clock",
          '{"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "11111111111111111111111111111111", "spanId": "1111111111111111", "startTimeUnixNano": "1760000000000000000"}]}]}]}\n',
          "times are absolute",
          "some.json",
        ),
        {
          what: "replayed: a file that is not there",
          files: { "replay.yaml": "input: {traces: none.pb}\n" },
          command: ["replay", "--config", "replay.yaml"],
          names: "none.pb: no such file",
        },
        {
          what: "replayed: a directory without templates",
          files: { empty: { directory: true } },
          command: ["replay", "--input", "empty"],
          names: "empty: has no templates",
        },
        {
          what: "replayed: a file where the directory of templates should be",
          command: ["replay", "--input", "good.yaml"],
          names: "good.yaml: is a file",
        },
        {
          what: "replayed: metadata that is no YAML",
          files: { "metadata.yaml": "a: [\n" },
          command: ["replay", "--input", "."],
          names: "metadata.yaml:2:1: ",
        },
      ],
    },
    {
      title: "Where output goes",
      cases: [
        output("a directory below a file", "/dev/null/x", "/dev/null is a file"),
        output("a file where the directory should be", "good.yaml", "good.yaml: is a file"),
        output("a directory without a name", "", "has no name"),
        output("a directory where the kernel takes none", "/proc/x", "/proc/x: "),
        output("a directory where a file goes", "taken", "taken/telemetry-logs.pb: is a directory", {
          files: { "taken/telemetry-logs.pb": { directory: true } },
        }),
        output("a read-only file system", "frozen", "read-only", {
          mount: { at: "frozen", options: "ro,size=16m" },
        }),
        {
          what: "a disk that gets full",
          files: { "traces.yaml": "traces: {count: 600}\nmetrics: {metric_count: 0}\nlogs: {count: 0}\n" },
          command: ["generate", "--config", "traces.yaml", "--output-dir", "full"],
          names: "full/telemetry-traces.pb: no space left",
          mount: { at: "full", options: "size=3m" },
        },
        output("a disk that can never hold it", "small", "needs about", {
          mount: { at: "small", options: "size=32k" },
        }),
        {
          what: "a report in a directory that is not there",
          command: ["replay", "--report", "out/report.json"],
          names: "out/report.json: no such file or directory",
        },
        {
          what: "a directory for a report",
          files: { out: { directory: true } },
          command: ["replay", "--report", "out"],
          names: "out: is a directory; write / at its end",
        },
        {
          what: "a report on a disk that is full",
          command: ["sink", "--report", "full/report.json"],
          names: "full/report.json: no space left",
          mount: { at: "full", options: "size=16k" },
        },
        {
          what: "a seed that is no number",
          command: ["generate", "--config", "good.yaml", "--seed", "abc"],
          names: "--seed",
        },
        { what: "no config", command: ["generate"], names: "--config" },
      ],
    },
  ];
}
