/**
 * Attributes that applications add to their spans: names and types fixed for the run, values varying.
 *
 * Also fat spans: many more attributes of a given size on every span, for those who test width.
 */
import { ProtoWriter } from "../../otlp/message/writer.ts";
import { mix } from "../../template/mix.ts";
import { AttributePool } from "../attribute-pool.ts";
import type { AttributeValue } from "../attribute-value.ts";
import { type AttributeKey, attributeKey, writeText } from "../attributes.ts";
import type { GeneratorConfig } from "../config.ts";
import type { Random } from "../random.ts";
import { type CustomAttribute, readVocabulary, VALUE_KINDS, type ValueRange } from "./custom-vocabulary.ts";

type CustomConfig = GeneratorConfig["traces"]["custom_attributes"];

const SPAN_ATTRIBUTES = 9;
const TWO_POW_MINUS_32 = 2 ** -32;

/** Values of one number: more of them would cost memory that nobody sees. */
const MAX_NUMBERS = 2000;
const BOOL_PLACES = 100;

/** Text that values of fat spans are cut from: a few different ones, not compressible to nothing. */
const FAT_POOL_CHARACTERS = 1 << 17;
const FAT_ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

/** The values of one attribute. */
interface Values {
  readonly pool: AttributePool;
  /** Whether all services that work on a request have the same, or none has it. */
  readonly ofRequest: boolean;
  /** Whether low places are likelier than high ones: few ids are, most properties are. */
  readonly skewed: boolean;
  /** Mixed into a request's word, so that its attributes do not go hand in hand. */
  readonly salt: number;
}

/** What a service puts on its spans of the request at hand. */
interface Worn {
  request: number;
  readonly writer: ProtoWriter;
  /** Its attributes, encoded: the content of the writer. */
  attributes: Uint8Array;
}

/**
 * Writes the custom attributes of spans. Programs set them for a piece of work, not for a span: a service has an
 * attribute on all its spans of a request, or on none, with the probability asked for; so each span has it as likely.
 */
export class CustomAttributes {
  readonly #config: CustomConfig;
  readonly #values: readonly Values[];
  /** By service. */
  readonly #worn: Worn[] = [];
  readonly #fatRandom: Random;
  readonly #fatKeys: readonly AttributeKey[];
  readonly #fatPool: string;

  /** random: a stream for names and values, which follow from its seed alone. */
  constructor(config: CustomConfig, random: Random) {
    this.#config = config;
    this.#values = chooseAttributes(config.count, random).map((attribute, ordinal) =>
      valuesOf(attribute, ordinal, random),
    );
    this.#fatKeys = Array.from({ length: config.per_span_max }, (_, n) =>
      attributeKey(`${config.key_prefix}.${n}`),
    );
    const fat = random.fork("fat");
    this.#fatRandom = random.fork("fat draws");
    let pool = "";
    if (config.per_span_max > 0) {
      while (pool.length < FAT_POOL_CHARACTERS) pool += FAT_ALPHABET[fat.int(0, FAT_ALPHABET.length - 1)]!;
    }
    this.#fatPool = pool;
  }

  /**
   * Write the attributes of one span.
   *
   * request  a random word that the spans of a request share
   * service  place of the service whose span it is
   */
  write(writer: ProtoWriter, request: number, service: number): void {
    let worn = this.#worn[service];
    if (worn?.request !== request) worn = this.#dress(request, service);
    writer.raw(worn.attributes);
    if (this.#fatKeys.length > 0) this.#writeFat(writer);
  }

  /** Draw what a service wears for a request. */
  #dress(request: number, service: number): Worn {
    this.#worn[service] ??= { request, writer: new ProtoWriter(256), attributes: new Uint8Array() };
    const worn = this.#worn[service];
    worn.request = request;
    worn.writer.reset();
    const { probability } = this.#config;
    const own = mix(request + 7919 * (service + 1));
    for (const { pool, ofRequest, skewed, salt } of this.#values) {
      // One draw decides both whether and which: what is left of it below the threshold is uniform again.
      const draw = (mix((ofRequest ? request : own) ^ salt) >>> 0) * TWO_POW_MINUS_32;
      if (draw >= probability) continue;
      const share = draw / probability;
      pool.write(worn.writer, Math.floor((skewed ? share * share : share) * pool.size));
    }
    worn.attributes = worn.writer.finish();
    return worn;
  }

  #writeFat(writer: ProtoWriter): void {
    const { per_span_min, per_span_max, value_bytes } = this.#config;
    const count = this.#fatRandom.int(per_span_min, per_span_max);
    for (let n = 0; n < count; n++) {
      const start = this.#fatRandom.int(0, FAT_POOL_CHARACTERS - value_bytes);
      writeText(writer, SPAN_ATTRIBUTES, this.#fatKeys[n]!, this.#fatPool.slice(start, start + value_bytes));
    }
  }
}

/** The attributes of a run: types take turns, names are drawn, those with words of their own before the general ones. */
export function chooseAttributes(count: number, random: Random): CustomAttribute[] {
  const { specific, general } = readVocabulary();
  const lists = VALUE_KINDS.map((kind) => {
    const own = random.fork(`names ${kind}`);
    const ofKind = ({ range }: CustomAttribute): boolean => range.kind === kind;
    return [...shuffled(specific.filter(ofKind), own), ...shuffled(general.filter(ofKind), own)];
  });
  return Array.from({ length: count }, (_, ordinal) => {
    const list = lists[ordinal % lists.length]!;
    const place = Math.floor(ordinal / lists.length);
    const attribute = list[place % list.length]!;
    // Longer than the vocabulary: a second generation of names.
    const round = Math.floor(place / list.length);
    return round === 0 ? attribute : { ...attribute, name: `${attribute.name}_v${round + 1}` };
  });
}

function valuesOf({ name, range, ofRequest }: CustomAttribute, ordinal: number, random: Random): Values {
  const own = random.fork(`values ${name}`);
  const { size, valueAt } = placesOf(range, own);
  return {
    pool: new AttributePool(SPAN_ATTRIBUTES, name, size, valueAt),
    ofRequest,
    skewed: range.kind !== "bool" && !("ids" in range),
    salt: mix(ordinal + 1),
  };
}

/** How many values a range has, and what they are. */
function placesOf(
  range: ValueRange,
  random: Random,
): { size: number; valueAt: (n: number) => AttributeValue } {
  switch (range.kind) {
    case "string":
      if ("words" in range) return { size: range.words.length, valueAt: (n) => range.words[n]! };
      return { size: range.ids, valueAt: () => `${range.prefix}${random.hex(5)}` };
    case "int": {
      const span = range.high - range.low + 1;
      const size = Math.min(span, MAX_NUMBERS);
      return { size, valueAt: (n) => range.low + Math.floor(((n + random.float()) * span) / size) };
    }
    case "double": {
      const unit = 10 ** range.places;
      const span = Math.round((range.high - range.low) * unit) + 1;
      const size = Math.min(span, MAX_NUMBERS);
      const low = Math.round(range.low * unit);
      return {
        size,
        valueAt: (n) => ({ double: (low + Math.floor(((n + random.float()) * span) / size)) / unit }),
      };
    }
    case "bool":
      return { size: BOOL_PLACES, valueAt: (n) => n < range.percent };
  }
}

/** In an order of chance (Fisher and Yates). */
function shuffled<T>(items: readonly T[], random: Random): T[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last--) {
    const other = random.int(0, last);
    [result[last], result[other]] = [result[other]!, result[last]!];
  }
  return result;
}
