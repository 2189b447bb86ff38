/**
 * Attributes that applications add to their spans: names and types fixed for the run, values varying.
 *
 * Also fat spans: many more attributes of a given size on every span, for those who test width.
 */
import type { ProtoWriter } from "../../otlp/message/writer.ts";
import {
  type AttributeKey,
  type AttributeValue,
  attributeKey,
  encodeAttributes,
  writeText,
} from "../attributes.ts";
import type { GeneratorConfig } from "../config.ts";
import type { Random } from "../random.ts";

type CustomConfig = GeneratorConfig["traces"]["custom_attributes"];

const SPAN_ATTRIBUTES = 9;
const VALUES_PER_ATTRIBUTE = 64;

const THINGS = [
  "cart",
  "customer",
  "checkout",
  "feature",
  "tenant",
  "promotion",
  "basket",
  "device",
  "campaign",
  "stock",
];
const TEXTS = ["tier", "region", "channel", "variant", "plan"];
const WHOLES = ["items", "attempt", "priority", "batch_size"];
const TRUTHS = ["enabled", "cached", "first_time"];
const RATIOS = ["score", "weight", "discount"];
const WORDS = ["gold", "silver", "emea", "apac", "mobile", "web", "control", "treatment", "trial", "premium"];

/** Text that values of fat spans are cut from: a few different ones, not compressible to nothing. */
const FAT_POOL_CHARACTERS = 1 << 17;
const FAT_ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

/** Names and kinds of the custom attributes of a run: `app.<thing>.<property>`, numbered past the first few hundred. */
function customAttribute(ordinal: number): { name: string; draw: (random: Random) => AttributeValue } {
  const thing = THINGS[ordinal % THINGS.length]!;
  const round = Math.floor(ordinal / THINGS.length);
  const kind = ordinal % 4;
  const properties = [TEXTS, WHOLES, TRUTHS, RATIOS][kind]!;
  const property = properties[round % properties.length]!;
  const name = `app.${thing}.${property}${round < properties.length ? "" : `_${Math.floor(round / properties.length) + 1}`}`;
  switch (kind) {
    case 0:
      return { name, draw: (random) => `${random.pick(WORDS)}-${random.int(1, 12)}` };
    case 1:
      return { name, draw: (random) => random.int(0, 500) };
    case 2:
      return { name, draw: (random) => random.chance(0.5) };
    default:
      return { name, draw: (random) => ({ double: random.int(0, 1000) / 8 }) };
  }
}

export class CustomAttributes {
  readonly #random: Random;
  readonly #config: CustomConfig;
  /** Encoded attributes: for each name, the values that it can have. */
  readonly #values: readonly (readonly Uint8Array[])[];
  readonly #fatKeys: readonly AttributeKey[];
  readonly #fatPool: string;

  constructor(config: CustomConfig, random: Random) {
    this.#random = random;
    this.#config = config;
    this.#values = Array.from({ length: config.count }, (_, ordinal) => {
      const { name, draw } = customAttribute(ordinal);
      return Array.from({ length: VALUES_PER_ATTRIBUTE }, () =>
        encodeAttributes(SPAN_ATTRIBUTES, { [name]: draw(random) }),
      );
    });
    this.#fatKeys = Array.from({ length: config.per_span_max }, (_, n) =>
      attributeKey(`${config.key_prefix}.${n}`),
    );
    let pool = "";
    if (config.per_span_max > 0) {
      while (pool.length < FAT_POOL_CHARACTERS) pool += FAT_ALPHABET[random.int(0, FAT_ALPHABET.length - 1)]!;
    }
    this.#fatPool = pool;
  }

  /** Write the attributes of one span. */
  write(writer: ProtoWriter): void {
    const random = this.#random;
    const { probability } = this.#config;
    for (const values of this.#values) {
      // One draw decides both whether and which: what is left of it below the threshold is uniform again.
      const draw = random.float();
      if (draw < probability) writer.raw(values[Math.floor((draw / probability) * values.length)]!);
    }
    if (this.#fatKeys.length > 0) this.#writeFat(writer);
  }

  #writeFat(writer: ProtoWriter): void {
    const { per_span_min, per_span_max, value_bytes } = this.#config;
    const count = this.#random.int(per_span_min, per_span_max);
    for (let n = 0; n < count; n++) {
      const start = this.#random.int(0, FAT_POOL_CHARACTERS - value_bytes);
      writeText(writer, SPAN_ATTRIBUTES, this.#fatKeys[n]!, this.#fatPool.slice(start, start + value_bytes));
    }
  }
}
