import { describe, expect, test } from "vitest";
import { generatorConfigSchema } from "../config.ts";
import { Random } from "../random.ts";
import { databaseFailuresOf } from "./database-failures.ts";
import { type Exception, fromAnswer, fromBroker, fromDatabase, thrownBy } from "./exceptions.ts";
import { LANGUAGES } from "./languages.ts";
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

  test("show frames of the program and of its libraries", () => {
    const { service } = instances[0]!;
    const { stackTrace } = fromDatabase(instances[0]!, service.databaseCalls[0]!, 5);
    const outer = language.frames[service.protocol];
    expect(stackTrace).toContain(outer[0]!.split("\n")[0]!);
    const repository = language.file(
      service.name,
      `${service.domain.entity.replaceAll("_", "-")}-repository`,
    );
    expect(stackTrace).toContain(repository);
  });
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
