import { describe, expect, test } from "vitest";
import { decodeRequest } from "../../otlp/message/decode.ts";
import { encodeRequest } from "../../otlp/message/encode.ts";
import { Assembler } from "./assemble.ts";

const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } });

/** A frame with spans of some services. */
function frameOf(spans: Record<string, string[]>, schemaUrl = "") {
  return encodeRequest("traces", {
    resourceSpans: Object.entries(spans).map(([service, names]) => ({
      resource: { attributes: [attribute("service.name", service)] },
      scopeSpans: [{ scope: { name: "library" }, spans: names.map((name) => ({ name })) }],
      schemaUrl,
    })),
  } as never);
}

/** The bodies that come of these frames: span names by resource and schema, in order. */
function assembled(frames: readonly Uint8Array[], limits: { items: number; bytes: number }) {
  const bodies: string[][] = [];
  const assembler = new Assembler("traces", limits, (body, items) => {
    const groups = decodeRequest("traces", Buffer.from(body)).resourceSpans!.map(
      ({ resource, scopeSpans, schemaUrl }) => {
        const names = scopeSpans!.flatMap(({ spans }) => spans!.map(({ name }) => name));
        return `${resource!.attributes![0]!.value!.stringValue}${schemaUrl ?? ""}: ${names.join(" ")}`;
      },
    );
    expect(groups.join(" ").split(" ").length - groups.length).toBe(items);
    bodies.push(groups);
  });
  for (const frame of frames) assembler.add(frame);
  assembler.flush();
  return bodies;
}

const NO_LIMITS = { items: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY };

describe("an assembled body", () => {
  test("has each resource once, with the spans of all frames", () => {
    const frames = [frameOf({ a: ["1"], b: ["2", "3"] }), frameOf({ b: ["4"], a: ["5"] })];
    expect(assembled(frames, NO_LIMITS)).toEqual([["a: 1 5", "b: 2 3 4"]]);
  });

  test("keeps apart what differs in anything that is said about it", () => {
    const frames = [frameOf({ a: ["1"] }), frameOf({ a: ["2"] }, "/v2"), frameOf({ a: ["3"] })];
    expect(assembled(frames, NO_LIMITS)).toEqual([["a: 1 3", "a/v2: 2"]]);
  });

  test("says again in the next body what it said in this one", () => {
    const frames = [frameOf({ a: ["1"], b: ["2"] }), frameOf({ a: ["3"], b: ["4"] })];
    expect(assembled(frames, { ...NO_LIMITS, items: 3 })).toEqual([["a: 1 3", "b: 2"], ["b: 4"]]);
  });

  test("stays below its limit of bytes, counting what it says once as said once", () => {
    const frames = Array.from({ length: 40 }, (_, n) => frameOf({ ["a".repeat(200)]: [`span-${n}`] }));
    const alone = frames[0]!.length;
    const bodies = assembled(frames, { ...NO_LIMITS, bytes: alone * 2 });
    expect(bodies.length).toBeLessThan(10);
    for (const [group] of bodies) expect(group!.length).toBeLessThan(alone * 2);
  });
});
