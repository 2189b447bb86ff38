import { describe, expect, test } from "vitest";
import { CollectedFrames } from "./collected-frames.ts";
import { FrameGroups, ITEM_FIELD, type ResourceGroup } from "./frame-groups.ts";
import { encodeResource, encodeScope } from "./resource.ts";

const group = (name: string, scopes: string[], schemaUrl = ""): ResourceGroup => ({
  resource: encodeResource({ "service.name": name }),
  scopes: scopes.map((scope) => encodeScope(scope, "1")),
  schemaUrl,
});

function put(frame: FrameGroups, to: ResourceGroup, scope: number, name: string): void {
  const writer = frame.open(to, scope);
  writer.begin(ITEM_FIELD);
  writer.string(5, name);
  writer.end();
}

function shapeOf(frames: CollectedFrames<"traces">) {
  return frames.requests.map(({ resourceSpans }) =>
    resourceSpans!.map(({ resource, scopeSpans, schemaUrl }) => [
      resource!.attributes![0]!.value!.stringValue,
      Object.fromEntries(
        scopeSpans!.map(({ scope, spans }) => [scope!.name, spans!.map(({ name }) => name)]),
      ),
      schemaUrl ?? "",
    ]),
  );
}

describe("frame groups", () => {
  test("gather items by resource, in order of appearance, and by scope; a flush begins anew", async () => {
    const frames = new CollectedFrames("traces");
    const frame = new FrameGroups(frames);
    const [a, b] = [group("a", ["x", "y"], "url"), group("b", ["z"])];
    put(frame, b, 0, "1");
    put(frame, a, 1, "2");
    put(frame, b, 0, "3");
    put(frame, a, 0, "4");
    await frame.flush();
    put(frame, a, 0, "5");
    await frame.flush();
    expect(shapeOf(frames)).toEqual([
      [
        ["b", { z: ["1", "3"] }, ""],
        ["a", { x: ["4"], y: ["2"] }, "url"],
      ],
      [["a", { x: ["5"] }, "url"]],
    ]);
    expect(frames.items).toEqual([4, 1]);
  });

  test("know how large the frame will be at most", async () => {
    const frames = new CollectedFrames("traces");
    const frame = new FrameGroups(frames);
    const groups = [group("a", ["x"]), group("b", ["x"])];
    for (let n = 0; n < 1000; n++) put(frame, groups[n % 2]!, 0, "a name of some length");
    const { bytes } = frame;
    await frame.flush();
    expect(bytes).toBeGreaterThanOrEqual(frames.sizes[0]!);
    expect(bytes).toBeLessThan(frames.sizes[0]! * 1.01);
    expect(frame.bytes).toBe(0);
  });

  test("take memory for the frame that is open, however many groups there have been", async () => {
    const frame = new FrameGroups({ write: () => undefined });
    const groups = Array.from({ length: 20_000 }, (_, n) => group(`s${n % 10}`, ["x", "y"]));
    const before = process.memoryUsage().arrayBuffers;
    for (const [n, each] of groups.entries()) {
      put(frame, each, n % 2, "a name of some length");
      if (n % 20 === 0) await frame.flush();
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2_000_000);
  });

  test("write nothing when nothing was put in", () => {
    const frames = new CollectedFrames("traces");
    expect(new FrameGroups(frames).flush()).toBeUndefined();
    expect(frames.sizes).toEqual([]);
  });
});
