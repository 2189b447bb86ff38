/**
 * What a service works with by itself: its databases, the steps of its program, hosts outside.
 */
import type { Random } from "../random.ts";
import {
  type DatabaseSystem,
  ELASTICSEARCH,
  MONGODB,
  MYSQL,
  POSTGRESQL,
  REDIS,
  SQL_SERVER,
} from "./databases.ts";
import type { External } from "./domains.ts";
import { around, type Draft, libraryIndex, NO_INDEX } from "./draft.ts";
import type { DatabaseCall, ExternalCall, Step } from "./services.ts";

/** Hosts that services of any domain call. */
const COMMON_EXTERNALS: readonly External[] = [
  { method: "POST", host: "hooks.example.net", path: "/v1/notify", ms: 130 },
  { method: "GET", host: "config.example.org", path: "/v3/environments/production", ms: 60 },
  { method: "GET", host: "geo.example.org", path: "/v1/lookup", ms: 45 },
];

const SYSTEM_OF_LANGUAGE: Readonly<Record<string, readonly DatabaseSystem[]>> = {
  dotnet: [SQL_SERVER, POSTGRESQL],
  php: [MYSQL],
};

/** Systems in the order in which services without a preference take them. */
const SYSTEMS = [POSTGRESQL, MYSQL, POSTGRESQL, MONGODB] as const;

/** Draw the statements that a service sends: to the database of its domain or language, and to a cache. */
export function makeDatabaseCalls(own: Random, draft: Draft): DatabaseCall[] {
  return [mainSystem(draft), REDIS].flatMap((system) => {
    const peer = `10.20.${own.int(200, 250)}.${own.int(1, 254)}`;
    const cache = system === REDIS;
    const address = `${draft.label.replaceAll("_", "-")}-${cache ? "cache" : "db"}.${draft.namespace}`;
    const library = libraryIndex(draft.libraries, draft.language.database(system.name));
    return system.statements(draft.domain).map((statement) => ({
      index: NO_INDEX,
      service: draft,
      system,
      statement,
      summary: statement.summary,
      address,
      peer,
      database: cache ? "0" : draft.label,
      table: statement.table,
      latencyMs: around(statement.ms, own.float()),
      library,
    }));
  });
}

function mainSystem({ domain, language, index }: Draft): DatabaseSystem {
  if (domain.store === "mongodb") return MONGODB;
  if (domain.store === "elasticsearch") return ELASTICSEARCH;
  const usual = SYSTEM_OF_LANGUAGE[language.sdk] ?? SYSTEMS;
  return usual[Math.floor(index / 2) % usual.length]!;
}

/** Draw a part of a service's program that has spans of its own. `library` of the draft's tracer. */
export function makeStep(own: Random, draft: Draft, name: string, module: string): Step {
  const { name: service, language } = draft;
  return {
    index: NO_INDEX,
    service: draft,
    name,
    functionName: language.functionName(service, module, name),
    file: language.file(service, module),
    line: own.int(24, 410),
    latencyMs: 0.1 + 7 * own.float() * own.float(),
    library: draft.tracer,
  };
}

/** Draw the calls to hosts outside: those of the domain, else a common one; none where no endpoint makes any. */
export function makeExternalCalls(own: Random, draft: Draft): ExternalCall[] {
  if (!draft.domain.endpoints.some(({ external }) => external)) return [];
  const common = COMMON_EXTERNALS[draft.index % COMMON_EXTERNALS.length]!;
  const externals = draft.domain.externals.length > 0 ? draft.domain.externals : [common];
  return externals.map(({ method, host, path, ms }) => ({
    index: NO_INDEX,
    service: draft,
    method,
    host,
    path,
    peer: `198.51.100.${own.int(1, 254)}`,
    latencyMs: around(ms, own.float()),
    library: draft.clientLibrary,
  }));
}
