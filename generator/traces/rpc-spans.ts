/**
 * What varies from one gRPC span to the next: who is at the other end, and the code.
 *
 * Source: semantic-conventions v1.44.0, docs/rpc/rpc-spans.md, grpc.md.
 */

import { GRPC_CODES } from "../../otlp/grpc-codes.ts";
import type { ProtoWriter } from "../../otlp/message/writer.ts";
import { encodeAttributes } from "../attributes.ts";
import { type Naming, namingOf, type Semconv } from "../semconv/naming.ts";
import { SPAN_ATTRIBUTES } from "./span-shapes.ts";
import type { WalkedSpan } from "./walked-span.ts";

export class RpcSpans {
  /** Fields of each code, by number: well and failed. */
  readonly #codes: readonly Uint8Array[];
  readonly #failures: readonly Uint8Array[];

  constructor(semconv: Semconv) {
    // No name of these differs by side.
    const naming = namingOf(semconv, "client");
    this.#codes = GRPC_CODES.map((code) => encodeCode({ "rpc.response.status_code": code }, naming));
    this.#failures = GRPC_CODES.map((code) =>
      encodeCode({ "rpc.response.status_code": code, "error.type": code }, naming),
    );
  }

  /** Write the code of either side of a call. */
  write(writer: ProtoWriter, { statusCode, failed }: WalkedSpan): void {
    writer.raw((failed ? this.#failures : this.#codes)[statusCode]!);
  }
}

function encodeCode(attributes: Readonly<Record<string, string>>, naming: Naming): Uint8Array {
  return encodeAttributes(SPAN_ATTRIBUTES, attributes, naming);
}
