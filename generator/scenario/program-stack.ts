/**
 * The way through a program to the place where it throws: the part that does this kind of work, the service and the
 * controller of the endpoint that is served, or the handler of the message; around them the frames of libraries.
 */
import type { Frame, LibraryFrames, Stack } from "./languages/language.ts";
import type { Consumer, DatabaseCall, ExternalCall, Operation, Service, Step, Topic } from "./services.ts";
import type { Purpose } from "./statement.ts";
import { hashOf } from "./wording.ts";

/** What a process is at: a request that it answers, a message that it acts on. */
export type Served = Operation | Consumer;

/** What a program used, or was in, when it threw. */
export type Part =
  | { readonly kind: "step"; readonly step: Step }
  | { readonly kind: "database"; readonly call: DatabaseCall }
  | { readonly kind: "call"; readonly operation: Operation; readonly answered: boolean }
  | { readonly kind: "external"; readonly call: ExternalCall; readonly answered: boolean }
  | { readonly kind: "publish"; readonly topic: Topic };

/** What functions of a repository are called, by what their statement is for. */
const REPOSITORY_VERBS: Readonly<Record<Purpose, string>> = {
  one: "find by id",
  many: "find all",
  count: "count",
  join: "find with details",
  insert: "insert",
  update: "update",
  upsert: "save",
  delete: "delete",
};

/** And those of a cache. */
const CACHE_VERBS: Readonly<Record<Purpose, string>> = {
  one: "get",
  many: "get all",
  count: "size",
  join: "get details",
  insert: "add",
  update: "count request",
  upsert: "put",
  delete: "evict",
};

/**
 * The stack below which a program throws.
 *
 * part  absent: the endpoint's own function, or that of the handler
 * bits  random: where in a step
 */
export function stackOf(service: Service, served: Served, part: Part | undefined, bits: number): Stack {
  const { language } = service;
  const own = part ? [frameOfPart(service, part, bits)] : [];
  const { frames } = language;
  if ("topic" in served) {
    const { event, producer, system } = served.topic;
    const handler = frameOf(service, `${producer.domain.entity}-events`, `handle ${event}`);
    // The handler's own step is the handler.
    if (own[0]?.functionName !== handler.functionName) own.push(handler);
    return { ...libraryOf(frames, part), own, outer: frames.worker[system] };
  }
  const { domain, endpoint, protocol } = served;
  const doing = wordsOf(endpoint.verb);
  // An entrance does nothing itself of what others do.
  own.push(frameOf(service, `${domain.entity}-${domain === service.domain ? "service" : "facade"}`, doing));
  const entry = protocol === "grpc" ? "grpc-service" : "controller";
  own.push(frameOf(service, `${domain.entity}-${entry}`, doing));
  return { ...libraryOf(frames, part), own, outer: frames[protocol] };
}

/** Frames of the library that a part uses, and its name. */
function libraryOf(frames: LibraryFrames, part: Part | undefined): Pick<Stack, "inner" | "library"> {
  switch (part?.kind) {
    case "database": {
      const { system, statement } = part.call;
      const lines = frames.database[system.name] ?? frames.database.other;
      return { inner: statement.reads ? reading(lines) : writing(lines), library: system.name };
    }
    case "call":
      if (part.operation.protocol === "grpc") return { inner: frames.rpcClient, library: "rpc" };
      return httpClient(frames, part.answered);
    case "external":
      return httpClient(frames, part.answered);
    case "publish":
      return { inner: frames.broker, library: "broker" };
    default:
      return { inner: [], library: "" };
  }
}

function httpClient({ httpClient }: LibraryFrames, answered: boolean): Pick<Stack, "inner" | "library"> {
  return answered
    ? { inner: httpClient.answered, library: "http answer" }
    : { inner: httpClient.unanswered, library: "http" };
}

function frameOfPart(service: Service, part: Part, bits: number): Frame {
  switch (part.kind) {
    case "step": {
      const { functionName, file, line } = part.step;
      return { functionName, file, line: line + 3 + ((bits >>> 20) & 7) };
    }
    case "database": {
      const { system, statement } = part.call;
      const { entity } = service.domain;
      return system.name === "redis"
        ? frameOf(service, `${entity}-cache`, CACHE_VERBS[statement.purpose])
        : frameOf(service, `${entity}-repository`, REPOSITORY_VERBS[statement.purpose]);
    }
    case "call": {
      const { domain, endpoint } = part.operation;
      return frameOf(service, `${domain.entity}-client`, wordsOf(endpoint.verb));
    }
    case "external": {
      const { host, path, method } = part.call;
      const provider = host.replace(/^api\./, "").split(".")[0]!;
      const what = path.split("/").findLast((segment) => segment !== "ID" && segment !== "")!;
      return frameOf(service, `${provider}-client`, `${method.toLowerCase()} ${what}`);
    }
    case "publish":
      return frameOf(service, "event-publisher", `publish ${part.topic.event.replace(".", " ")}`);
  }
}

/** A place in the program whose line follows from its name. There are few, and stack traces are full of them: kept. */
function frameOf({ name, language }: Service, module: string, doing: string): Frame {
  const key = `${language.sdk} ${name} ${module} ${doing}`;
  let frame = frames.get(key);
  if (!frame) {
    const path = module.replaceAll("_", "-");
    const functionName = language.functionName(name, path, doing);
    frame = { functionName, file: language.file(name, path), line: 28 + (hashOf(functionName) % 260) };
    frames.set(key, frame);
  }
  return frame;
}

const frames = new Map<string, Frame>();

/** GetOrder -> get order */
export function wordsOf(verb: string): string {
  return verb.replace(/(?!^)([A-Z])/g, " $1").toLowerCase();
}

type Lines = readonly string[];

/** Lines with what they are for statements that read, and for others: `[[executeQuery|executeUpdate]]`. */
const CHOICE = /\[\[([^|\]]*)\|([^\]]*)\]\]/g;

const reading = chosen("$1");
const writing = chosen("$2");

function chosen(group: string): (lines: Lines) => Lines {
  const known = new WeakMap<Lines, Lines>();
  return (lines) => {
    let found = known.get(lines);
    if (!found) {
      found = lines.map((line) => line.replace(CHOICE, group));
      known.set(lines, found);
    }
    return found;
  };
}
