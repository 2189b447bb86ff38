/**
 * What varies from one statement's span to the next: rows, and what the database refused it with.
 *
 * Source: semantic-conventions v1.44.0, docs/db/database-spans.md.
 */
import type { ProtoWriter } from "../../otlp/message/writer.ts";
import { type AttributeKey, attributeKey, encodeAttributes, writeInteger } from "../attributes.ts";
import { refusalOf } from "../scenario/exceptions.ts";
import { returnedRows } from "../scenario/returned-rows.ts";
import type { DatabaseCall } from "../scenario/services.ts";
import { type Naming, namingOf, type Semconv } from "../semconv/naming.ts";
import { SPAN_ATTRIBUTES } from "./span-shapes.ts";
import type { WalkedSpan } from "./walked-span.ts";

export class DatabaseSpans {
  readonly #naming: Naming;
  readonly #rowsKey: AttributeKey;

  constructor(semconv: Semconv) {
    this.#naming = namingOf(semconv, "sql");
    this.#rowsKey = attributeKey("db.response.returned_rows", this.#naming);
  }

  write(writer: ProtoWriter, span: WalkedSpan): void {
    const call = span.database!;
    if (span.failed) {
      this.#writeFailure(writer, span, call);
      return;
    }
    const rows = returnedRows(call, span.word);
    if (rows !== undefined) writeInteger(writer, SPAN_ATTRIBUTES, this.#rowsKey, rows);
  }

  #writeFailure(writer: ProtoWriter, span: WalkedSpan, call: DatabaseCall): void {
    const { code, type } = refusalOf(span.instance, call, span.word);
    writer.raw(
      encodeAttributes(
        SPAN_ATTRIBUTES,
        { ...(code ? { "db.response.status_code": code } : {}), "error.type": code || type },
        this.#naming,
      ),
    );
  }
}
