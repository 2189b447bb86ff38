/**
 * Telling the ledger service of this replica, once a second. Sending never waits for it: one request at a time, each of what is true when
 * it leaves, each with a limit; what the service cannot be told now, it is told with the next one. No statement is kept.
 */
import type http from "node:http";
import type { Statement } from "../../ledger/statement-schema.ts";
import { plainLine } from "../../otlp/answer.ts";
import { nodeHttp } from "../../otlp/client/node-http.ts";
import type { StatementReply } from "./control.ts";

const PUSH_MS = 1000;
const TIMEOUT_MS = 2000;
/** The last word is tried again for so long. */
const LAST_WORD_MS = 5000;
const LAST_WORD_PAUSE_MS = 250;

/** Of a reply: a usual one has some 80. */
const MAX_REPLY_BYTES = 64 * 1024;

export interface PushOptions {
  /** Of the service: http://host:port. */
  url: string;
  /** The statement with this number, of this moment. */
  state(sequence: number): Statement;
  /** What the fleet is told; the same may come again and again. */
  onReply(reply: StatementReply): void;
  onNote(text: string): void;
}

export interface Pusher {
  /** Tell the last word and stop. Resolves when the service has it, or could not be told within 5 s. */
  end(last: (sequence: number) => Statement): Promise<void>;
}

/** Begin telling. It keeps no process alive. */
export function startPushing({ url, state, onReply, onNote }: PushOptions): Pusher {
  const agent = new (nodeHttp().Agent)({ keepAlive: true, maxSockets: 1 });
  const target = new URL("/api/statements", url);
  let sequence = 0;
  let underWay: Promise<boolean> | undefined;
  let isLost = false;

  /** Whether the service has it. */
  async function push(statement: Statement): Promise<boolean> {
    try {
      const reply = await post(agent, target, JSON.stringify(statement));
      if (isLost) onNote(`the ledger at ${url} hears this replica again`);
      isLost = false;
      onReply(reply);
      return true;
    } catch (error) {
      if (!isLost)
        onNote(
          `the ledger at ${url} does not hear this replica (${(error as Error).message}): sending goes on`,
        );
      isLost = true;
      return false;
    }
  }

  const timer = setInterval(() => {
    underWay ??= push(state(sequence++)).finally(() => {
      underWay = undefined;
    });
  }, PUSH_MS);
  timer.unref();

  return {
    async end(last) {
      clearInterval(timer);
      await underWay;
      const deadlineMs = performance.now() + LAST_WORD_MS;
      let statement = last(sequence++);
      for (;;) {
        if (await push(statement)) break;
        // It may be the report that it does not take.
        const { report: _, ...rest } = statement;
        statement = { ...rest, sequence: sequence++ };
        if (performance.now() > deadlineMs) {
          onNote(`the ledger at ${url} was not told how this replica ended`);
          break;
        }
        await new Promise((resolve) => setTimeout(resolve, LAST_WORD_PAUSE_MS));
      }
      agent.destroy();
    },
  };
}

/** POST as JSON; the reply. Rejects with one line. */
function post(agent: http.Agent, url: URL, body: string): Promise<StatementReply> {
  return new Promise((resolve, reject) => {
    const request = nodeHttp().request(
      url,
      {
        agent,
        method: "POST",
        headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body) },
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (part: string) => {
          text += part;
          if (text.length > MAX_REPLY_BYTES) request.destroy(new Error("its reply has no end"));
        });
        response.on("error", reject);
        response.on("end", () => {
          if (response.statusCode === 200) {
            const reply = replyIn(text);
            if (reply) return resolve(reply);
          }
          reject(new Error(`it answered HTTP ${response.statusCode}${reasonIn(text)}`));
        });
      },
    );
    // Of the whole exchange: a service that hangs is a service that does not hear.
    const timer = setTimeout(
      () => request.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)),
      TIMEOUT_MS,
    );
    timer.unref();
    request.once("close", () => {
      clearTimeout(timer);
      reject(new Error("the connection ended"));
    });
    request.on("error", reject);
    request.end(body);
  });
}

/** The reply, as far as it has the form of one; undefined when it is something else. */
function replyIn(text: string): StatementReply | undefined {
  const value = objectIn(text);
  const steering = value?.steering;
  if (value?.version !== 1 || typeof steering !== "object" || steering === null) return undefined;
  const { isPaused, rate } = steering as Record<string, unknown>;
  const reply: StatementReply = {
    version: 1,
    steering: {},
    stop: value.stop === true,
    wantsConfig: value.wantsConfig === true,
  };
  if (typeof value.elapsedMs === "number") reply.elapsedMs = value.elapsedMs;
  if (typeof isPaused === "boolean") reply.steering.isPaused = isPaused;
  if (rate === "config") reply.steering.rate = rate;
  else if (typeof rate === "object" && rate !== null) {
    const { eventsPerSecond } = rate as Record<string, unknown>;
    if (typeof eventsPerSecond === "number" && eventsPerSecond >= 0)
      reply.steering.rate = { eventsPerSecond };
  }
  return reply;
}

/** `: why`, where the service says it. */
function reasonIn(text: string): string {
  const reason = objectIn(text)?.error;
  return typeof reason === "string" ? `: ${plainLine(reason).slice(0, 200)}` : ", not as a ledger does";
}

function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
