/** Reading server-sent events in tests. */
export interface HeardEvent {
  name: string;
  id: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: a test knows what it waits for.
  data: any;
  /** Characters as they came. */
  size: number;
}

/** Events of a stream until it ends, or until `isEnough` of all that came. headers: of the request. */
export async function eventsFrom(
  url: string,
  isEnough: (events: readonly HeardEvent[]) => boolean,
  headers: Record<string, string> = {},
): Promise<HeardEvent[]> {
  const response = await fetch(url, { headers });
  if (response.headers.get("content-type") !== "text/event-stream")
    throw new Error(`${response.status}: ${await response.text()}`);
  const events: HeardEvent[] = [];
  let rest = "";
  for await (const part of response.body!) {
    const blocks = (rest + Buffer.from(part).toString()).split("\n\n");
    rest = blocks.pop()!;
    for (const block of blocks) {
      const field = (name: string) => new RegExp(`^${name}: ([^\\n]*)$`, "m").exec(block)?.[1];
      const data = field("data");
      if (data === undefined) continue;
      events.push({
        name: field("event") ?? "",
        id: field("id"),
        data: JSON.parse(data),
        size: block.length,
      });
    }
    if (isEnough(events)) break;
  }
  return events;
}
