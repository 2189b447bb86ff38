/** The shipped compose file on a real Docker engine: projects of tests' own, which are brought down whatever becomes of them. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Ran } from "../cli/test-process.ts";
import { freePorts } from "../fleet/local-collectors/free-ports.ts";
import type { Account } from "../ledger/account-schema.ts";
import { bring } from "./bring.ts";
import { outputOf, run } from "./stampede.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** Docker mounts it, so it is inside the checkout, where a remote engine's file sharing has it, too. */
const WORK = join(ROOT, ".build/compose-test");

const GENERATOR = `
traces: {count: 200, spans: {high_span_traces: {enabled: false}}}
metrics: {metric_count: 20, timeseries_per_metric: {min: 5, max: 10, default: 7}, types: [host_metrics]}
logs: {count: 1000}
`;
/** As the shipped one, but a machine that does much else may answer late: what is sent twice then may come twice. */
const REPLAYER = `
otlp: {timeout: 60s}
sending: {concurrency: 20}
metrics: {interval: 10s}
`;

/** Bring the engine, and build the image as users do. Throws with what they said. */
export async function buildImage(): Promise<void> {
  await bring("engine");
  mkdirSync(WORK, { recursive: true });
  writeFileSync(join(WORK, "generator.yaml"), GENERATOR);
  writeFileSync(join(WORK, "replayer.yaml"), REPLAYER);
  await outputOf(
    "building the image",
    run("docker", ["compose", "--file", join(ROOT, "docker-compose.yml"), "build"]),
  );
}

export interface Project {
  /** `docker compose ...args` in this project, to its end. */
  compose(...args: string[]): Promise<Ran>;
  /** `docker compose up --detach` that has to succeed. scale: instances of services */
  up(scale: Readonly<Record<string, number>>, ...flags: string[]): Promise<void>;
  /** Wait for the ledger's end, however long ago it was. Returns its exit code, and what it printed. */
  ledgerEnd(): Promise<{ exitCode: number; table: string }>;
  /** The account that the ledger wrote at its end. */
  written(): Promise<Account>;
  logs(...services: string[]): Promise<string>;
  /** The id of a service's container. */
  container(service: string, index?: number): Promise<string>;
  /** Of the ledger on this machine. */
  readonly ledgerUrl: string;
  down(): Promise<void>;
}

/**
 * A project of its own name and ports. Nothing of it is there before `up`.
 *
 * knobs  environment of compose, read each time; small templates and patient replayers where it names no others
 * files  compose files on top of the shipped one, from the checkout's root
 */
export async function openProject(
  name: string,
  knobs: Readonly<Record<string, string>>,
  files: readonly string[] = [],
): Promise<Project> {
  const [ledgerPort] = (await freePorts(1)) as [number];
  const project = `stampede-test-${name}-${process.pid}`;
  const flags = ["docker-compose.yml", ...files].flatMap((file) => ["--file", join(ROOT, file)]);
  const compose = (...args: string[]) =>
    run("docker", ["compose", "--project-name", project, ...flags, ...args], {
      GENERATOR_CONFIG: join(WORK, "generator.yaml"),
      REPLAYER_CONFIG: join(WORK, "replayer.yaml"),
      // Any free ones: the default ones may be in use by somebody's fleet.
      COLLECTOR_METRICS_PORTS: "0",
      LEDGER_PORT: `${ledgerPort}`,
      ...knobs,
    });
  const container = async (service: string, index = 1) =>
    (await run("docker", ["inspect", "--format={{.Id}}", `${project}-${service}-${index}`])).stdout.trim();
  return {
    compose,
    container,
    ledgerUrl: `http://127.0.0.1:${ledgerPort}`,
    async up(scale, ...flags) {
      const scales = Object.entries(scale).map(([service, count]) => `--scale=${service}=${count}`);
      await outputOf("docker compose up", compose("up", "--detach", ...flags, ...scales));
    },
    async ledgerEnd() {
      const { stdout } = await run("docker", ["wait", await container("ledger")]);
      return {
        exitCode: Number(stdout),
        table: (await compose("logs", "--no-log-prefix", "ledger")).stdout,
      };
    },
    async written() {
      const file = join(WORK, `${project}.json`);
      await outputOf(
        "reading the account in the volume",
        compose("cp", "ledger:/reports/ledger/account.json", file),
      );
      const account = JSON.parse(readFileSync(file, "utf8")) as Account;
      rmSync(file);
      return account;
    },
    async logs(...services) {
      return (await compose("logs", "--no-log-prefix", ...services)).stdout;
    },
    async down() {
      // An endpoint that a dead container left behind makes the first try fail now and then.
      for (let tries = 0; tries < 3; tries++) {
        // Without its profile, what a profile started would stay.
        const { exitCode } = await compose(
          "--profile=*",
          "down",
          "--volumes",
          "--remove-orphans",
          "--timeout=5",
        );
        if (exitCode === 0) return;
        await sleep(2000);
      }
    },
  };
}
