import { describe, expect, test } from "vitest";
import { FieldCursor } from "../../otlp/message/wire.ts";
import { ProtoWriter } from "../../otlp/message/writer.ts";
import { generatorConfigSchema } from "../config.ts";
import { Random } from "../random.ts";
import { CustomAttributes, chooseAttributes } from "./custom-attributes.ts";
import { VALUE_KINDS } from "./custom-vocabulary.ts";

function written(count: number, probability: number, spans: number, requestOf: (span: number) => number) {
  const { custom_attributes: config } = generatorConfigSchema.parse({
    traces: { custom_attributes: { count, probability } },
  }).traces;
  const attributes = new CustomAttributes(config, new Random(7));
  return Array.from({ length: spans }, (_, span) => {
    const writer = new ProtoWriter();
    attributes.write(writer, requestOf(span), (span >> 1) & 3);
    return attributesIn(Buffer.from(writer.finish()));
  });
}

/** Keys and values (as hex) of encoded attributes. */
function attributesIn(bytes: Buffer): Map<string, string> {
  const found = new Map<string, string>();
  const attribute = new FieldCursor();
  const part = new FieldCursor();
  attribute.enter(bytes, 0, bytes.length);
  while (attribute.next()) {
    let key = "";
    let value = "";
    part.enter(bytes, attribute.from, attribute.to);
    while (part.next()) {
      if (part.field === 1) key = bytes.toString("utf8", part.from, part.to);
      if (part.field === 2) value = bytes.toString("hex", part.from, part.to);
    }
    found.set(key, value);
  }
  return found;
}

describe("the names of a run", () => {
  test("are as many as asked, all different, and plain words up to a thousand", () => {
    const names = chooseAttributes(1000, new Random(3)).map(({ name }) => name);
    expect(new Set(names).size).toBe(1000);
    expect(names.filter((name) => !/^app\.[a-z_]+\.[a-z_]+$/.test(name))).toEqual([]);
  });

  test("have types that are spread evenly", () => {
    for (const count of [8, 10, 333, 1000]) {
      const chosen = chooseAttributes(count, new Random(4));
      for (const kind of VALUE_KINDS) {
        const share = chosen.filter(({ range }) => range.kind === kind).length;
        expect(Math.abs(share - count / 4)).toBeLessThan(1);
      }
    }
  });

  test("are others for another seed, and the first ones of a longer list", () => {
    const names = (count: number, seed: number) =>
      chooseAttributes(count, new Random(seed)).map(({ name }) => name);
    expect(names(10, 1)).toEqual(names(10, 1));
    expect(names(10, 1)).not.toEqual(names(10, 2));
    expect(names(40, 1).slice(0, 10)).toEqual(names(10, 1));
  });
});

describe("values", () => {
  const spans = written(60, 0.3, 20_000, (span) => Math.imul(span >> 3, 0x9e3779b9) >>> 0);

  test("stand on as many spans as the probability says, each name by itself", () => {
    for (const { name } of chooseAttributes(60, new Random(7))) {
      const share = spans.filter((attributes) => attributes.has(name)).length / spans.length;
      expect(Math.abs(share - 0.3)).toBeLessThan(0.03);
    }
  });

  test("have the cardinality of their property: few tiers, many ids", () => {
    const distinct = (name: string) => new Set(spans.map((attributes) => attributes.get(name))).size - 1;
    for (const { name, range } of chooseAttributes(60, new Random(7))) {
      if (range.kind === "bool") expect(distinct(name)).toBe(2);
      if ("words" in range) expect(distinct(name)).toBe(range.words.length);
      if ("ids" in range) expect(distinct(name)).toBeGreaterThan(Math.min(1000, range.ids) / 3);
    }
  });

  test("are those of a service's part of a request; all services agree on what is about the request", () => {
    const requests = [...Map.groupBy(spans.entries(), ([span]) => span >> 3).values()];
    const parts = [...Map.groupBy(spans.entries(), ([span]) => span >> 1).values()];
    const most = (groups: [number, Map<string, string>][][], name: string) =>
      Math.max(...groups.map((own) => new Set(own.map(([, each]) => each.get(name))).size));
    for (const { name, ofRequest } of chooseAttributes(60, new Random(7))) {
      expect(most(parts, name)).toBe(1);
      expect(most(requests, name) === 1).toBe(ofRequest);
    }
  });
});
