import { describe, expect, test } from "vitest";
import { generatorConfigSchema } from "../config.ts";
import { Random } from "../random.ts";
import { databaseFailuresOf } from "./database-failures.ts";
import { type Exception, fromAnswer, fromBroker, fromDatabase, thrownBy } from "./exceptions.ts";
import { LANGUAGES } from "./languages.ts";
import type { Served } from "./program-stack.ts";
import { buildScenario } from "./scenario.ts";
import type { ServiceInstance } from "./services.ts";

const config = generatorConfigSchema.parse({ traces: { services: { count: 60, instances: 1 } } });
const scenario = buildScenario(config, new Random(11));
const languages = [...new Set(LANGUAGES)].map((language) => [language.sdk, language] as const);
const words = Array.from({ length: 24 }, (_, n) => Math.imul(n + 1, 0x9e3779b1) >>> 0);

/** All exceptions of an instance for a word. */
function exceptionsOf(instance: ServiceInstance, word: number): Exception[] {
  const { databaseCalls, calls, externalCalls, topics } = instance.service;
  return [
    thrownBy(instance, word),
    ...databaseCalls.map((call) => fromDatabase(instance, call, word)),
    ...calls.flatMap((operation) =>
      (operation.protocol === "grpc" ? [0, 4, 13, 14, 5] : [0, 500, 503, 404, 429]).map((code) =>
        fromAnswer(instance, operation, code, word),
      ),
    ),
    ...externalCalls.flatMap((call) => [0, 502].map((code) => fromAnswer(instance, call, code, word))),
    ...topics.map((topic) => fromBroker(instance, topic, word)),
  ];
}

describe.each(languages)("exceptions of %s", (_sdk, language) => {
  const instances = scenario.instances.filter(({ service }) => service.language === language).slice(0, 2);
  const all = instances.flatMap((instance) => words.flatMap((word) => exceptionsOf(instance, word)));

  test("have a type, a message and a stack trace of some lines, with every placeholder filled", () => {
    expect(all.length).toBeGreaterThan(300);
    for (const { type, message, stackTrace } of all) {
      expect(type).toMatch(/^[^\s{}]+$/);
      expect(message.trim()).not.toBe("");
      const lines = stackTrace.split("\n").length;
      expect([stackTrace, lines >= 4 && lines <= 60]).toEqual([stackTrace, true]);
      expect(message).not.toMatch(/NaN|\{[a-z0-9]+\}/);
      expect(stackTrace).not.toMatch(/NaN|\{(?!closure|main)[a-z0-9]+\}/);
    }
  });

  test("are the same for the same word, and many over many words", () => {
    for (const instance of instances) {
      expect(exceptionsOf(instance, words[0]!)).toEqual(exceptionsOf(instance, words[0]!));
      const messages = new Set(words.map((word) => thrownBy(instance, word).message));
      expect(messages.size).toBeGreaterThan(8);
    }
  });

  test("are of few types: a type is the span's error.type", () => {
    for (const instance of instances) {
      const types = new Set(words.map((word) => thrownBy(instance, word).type));
      expect(types.size).toBeLessThan(20);
    }
  });

  test("come from the part that does this work, below the endpoint or the handler that is served", () => {
    for (const instance of instances) {
      const { service } = instance;
      for (const served of [...service.operations, ...service.consumers]) {
        const { traces, parts } = thrownIn(instance, served);
        const [module, doing, outer] =
          "topic" in served
            ? [
                `${served.topic.producer.domain.entity}-events`,
                `handle ${served.topic.event}`,
                language.frames.worker[served.topic.system],
              ]
            : [
                `${served.domain.entity}-${service.protocol === "grpc" ? "grpc-service" : "controller"}`,
                served.endpoint.verb.replace(/(?!^)([A-Z])/g, " $1").toLowerCase(),
                language.frames[service.protocol],
              ];
        const path = module.replaceAll("_", "-");
        const functionName = language.functionName(service.name, path, doing);
        for (const [place, trace] of traces.entries()) {
          expect(trace).toContain(language.file(service.name, path));
          expect(trace).toContain(printedName(functionName));
          expect(trace).toContain(outer[0]!.split("\n")[0]!);
          expect(trace).toContain(language.file(service.name, parts[place]!));
        }
      }
    }
  });
});

/** Stack traces of all that goes wrong with the work of a recipe, and the module that did each. */
function thrownIn(instance: ServiceInstance, served: Served): { traces: string[]; parts: string[] } {
  const { entity } = instance.service.domain;
  const traces: string[] = [];
  const parts: string[] = [];
  for (const [nth, entry] of served.work.entries()) {
    const word = words[nth]!;
    if (entry.kind === "database") {
      traces.push(fromDatabase(instance, entry.call, word, served).stackTrace);
      parts.push(`${entity}-${entry.call.system.name === "redis" ? "cache" : "repository"}`);
    } else if (entry.kind === "call") {
      traces.push(fromAnswer(instance, entry.operation, 0, word, served).stackTrace);
      parts.push(`${entry.operation.domain.entity}-client`);
    } else if (entry.kind === "publish") {
      traces.push(fromBroker(instance, entry.topic, word, served).stackTrace);
      parts.push("event-publisher");
    }
  }
  return { traces, parts: parts.map((part) => part.replaceAll("_", "-")) };
}

/** A function as stack traces have it: Python without its module, PHP with an arrow. */
function printedName(functionName: string): string {
  return functionName.includes("\\")
    ? functionName.replace("::", "->")
    : /[A-Z#:(]/.test(functionName)
      ? functionName
      : functionName.split(".").at(-1)!;
}

test("who only reads has no conflict, and no answer is not one that is bad", () => {
  const instance = scenario.instances.find(({ service }) => service.name === "order-service")!;
  const reading = instance.service.operations.find(({ endpoint }) => endpoint.reads)!;
  const failures = new Set(words.map((word) => thrownBy(instance, word, reading).message.split(" ")[0]));
  expect(failures.size).toBeGreaterThan(1);
  for (const word of words) expect(thrownBy(instance, word, reading).type).not.toMatch(/Transition|Mismatch/);
  for (const caller of scenario.instances) {
    const { httpClient } = caller.service.language.frames;
    const callee = caller.service.calls.find(({ protocol }) => protocol === "http");
    if (!callee || httpClient.answered.length === 0) continue;
    const check = httpClient.answered[0]!.split("\n")[0]!;
    expect(fromAnswer(caller, callee, 503, 7).stackTrace).toContain(check);
    expect(fromAnswer(caller, callee, 0, 7).stackTrace).not.toContain(check);
  }
});

test("databases fail with the codes of their system, duplicates only where something is inserted", () => {
  for (const instance of scenario.instances) {
    for (const call of instance.service.databaseCalls) {
      const codes = databaseFailuresOf(call.system.name, call.statement.purpose).map(
        ({ failure }) => failure.code,
      );
      for (const word of words.slice(0, 8)) expect(codes).toContain(fromDatabase(instance, call, word).code);
    }
  }
  const kinds = databaseFailuresOf("postgresql", "one").map(({ failure }) => failure.kind);
  expect(kinds).not.toContain("duplicate");
});
