/**
 * Messages with parameters: filled in once per record, as text and, where the logger is a structured one, as attributes.
 */
import type { ProtoWriter } from "../../../otlp/message/writer.ts";
import { type AttributeKey, attributeKey, writeInteger, writeText } from "../../attributes.ts";
import type { Random } from "../../random.ts";
import type { Domain } from "../../scenario/domains.ts";
import { LOG_ATTRIBUTES } from "../log-record.ts";
import { drawnFrom, partsOf } from "../text-template.ts";
import { type Kind, type Moment, OWN_PREFIX, type Place, placeOf } from "./moment.ts";

interface Parameter {
  readonly value: Place["value"];
  /** Its name in a line of structured text. */
  readonly name: string;
  readonly key: AttributeKey | undefined;
  readonly kind: Kind;
}

/** What loggers of text call what conventions have longer names for. */
const FIELD_NAMES: Readonly<Record<string, string>> = {
  "http.request.method": "method",
  "http.route": "route",
  "http.response.status_code": "status",
  "url.path": "path",
  "rpc.method": "rpc",
  "rpc.response.status_code": "code",
  "service.peer.name": "peer",
  "server.address": "host",
  "server.port": "port",
  "db.query.summary": "query",
  "db.query.text": "statement",
  "db.system.name": "db",
  "db.collection.name": "table",
  "messaging.destination.name": "topic",
  "messaging.consumer.group.name": "group",
  "messaging.system": "broker",
};

/** A value of each parameter of the message that was filled in last. */
const values: string[] = [];

export class Message {
  readonly #literals: readonly string[];
  readonly #parameters: readonly Parameter[];

  /** domain: what keys of things are called after. Throws when the text has a place that nobody knows. */
  constructor(text: string, domain: Domain) {
    const { literals, names } = partsOf(text);
    const taken = new Set<string>();
    this.#literals = literals;
    this.#parameters = names.map((name, index) => parameterOf(name, literals[index + 1]!, domain, taken));
  }

  /** The text of a record. Its values stay with this module until the next call. */
  fill(random: Random, moment: Moment): string {
    let text = this.#literals[0]!;
    for (let index = 0; index < this.#parameters.length; index++) {
      const value = this.#parameters[index]!.value(random, moment);
      values[index] = value;
      text += value + this.#literals[index + 1]!;
    }
    return text;
  }

  /** Write the values of the last `fill` as attributes. */
  writeAttributes(writer: ProtoWriter): void {
    for (let index = 0; index < this.#parameters.length; index++) {
      const { key, kind } = this.#parameters[index]!;
      if (!key) continue;
      const value = values[index]!;
      if (kind === "text") writeText(writer, LOG_ATTRIBUTES, key, value);
      else if (kind === "integer") writeInteger(writer, LOG_ATTRIBUTES, key, Number(value));
      else writeDouble(writer, key, Number(value));
    }
  }

  /** The values of the last `fill` as text: `, "name":value` (JSON) or ` name=value`. */
  fieldsText(write: (name: string, value: string, isText: boolean) => string): string {
    let text = "";
    for (let index = 0; index < this.#parameters.length; index++) {
      const { key, kind, name } = this.#parameters[index]!;
      if (key) text += write(name, values[index]!, kind === "text");
    }
    return text;
  }
}

/** Numbers are called by their units, where they have one: that of `{n} min`. */
const UNIT_KEYS: Readonly<Record<string, string>> = {
  s: "shop.duration_s",
  min: "shop.duration_min",
  h: "shop.duration_h",
  days: "shop.duration_days",
};

/**
 * behind  the text behind the place
 * taken   keys that the message has already; one that comes again stays out of the attributes
 */
function parameterOf(name: string, behind: string, domain: Domain, taken: Set<string>): Parameter {
  const drawn = drawnFrom(name);
  if (drawn) return { value: drawn, name: "", key: undefined, kind: "integer" };
  const { key: keyOf, kind, value } = placeOf(name);
  const unit = name === "n" || name === "count" ? /^ (\w+)/.exec(behind)?.[1] : undefined;
  const key = (unit && UNIT_KEYS[unit]) ?? keyOf(domain);
  const isNew = key !== "" && !taken.has(key);
  taken.add(key);
  return {
    value,
    name: FIELD_NAMES[key] ?? key.replace(OWN_PREFIX, "").replaceAll(".", "_"),
    key: isNew ? attributeKey(key) : undefined,
    kind,
  };
}

function writeDouble(writer: ProtoWriter, key: AttributeKey, value: number): void {
  for (const each of key) {
    writer.begin(LOG_ATTRIBUTES);
    writer.raw(each);
    writer.begin(2);
    writer.double(4, value);
    writer.end();
    writer.end();
  }
}
