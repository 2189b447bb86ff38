/**
 * Frames of metrics: resources one after the other, in each its scopes, in each its metrics. Flushed between metrics.
 */
import { ProtoWriter } from "../../otlp/message/writer.ts";
import type { FrameSink } from "../frame-sink.ts";
import { encodeResource, encodeScope } from "../resource.ts";
import type { Carrier } from "./carriers/carrier.ts";
import type { LibraryRole, Scope } from "./definition.ts";

/** A frame is complete when a resource ends beyond this. */
const COMPLETE_BYTES = 256 * 1024;

/** A resource is continued in another frame beyond this; a metric of one resource takes far less than what is left. */
const SPLIT_BYTES = 512 * 1024;

export class MetricFrames {
  readonly #sink: FrameSink;
  readonly #writer = new ProtoWriter(SPLIT_BYTES);
  #carrier: Carrier | undefined;
  #resource: Uint8Array | undefined;
  #scope: Scope | undefined;
  #points = 0;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /** Open the place for a metric of this resource and scope; the caller writes the metric to what it gets. */
  metric(carrier: Carrier, by: Scope | LibraryRole, points: number): ProtoWriter {
    const scope = typeof by === "string" ? carrier.libraries[by]! : by;
    if (carrier !== this.#carrier) {
      this.#closeResource();
      this.#resource = encodeResource(carrier.attributes);
      this.#carrier = carrier;
    }
    if (!this.#scope) {
      this.#writer.begin(1, 3);
      this.#writer.raw(this.#resource!);
      this.#openScope(scope);
    } else if (scope !== this.#scope) {
      this.#writer.end();
      this.#openScope(scope);
    }
    this.#points += points;
    return this.#writer;
  }

  /** To be awaited after each metric: writes the frame out when it would become too large. */
  afterMetric(): Promise<void> | undefined {
    return this.#writer.length > SPLIT_BYTES ? this.flush() : undefined;
  }

  /** To be awaited after each resource: writes the frame out when it is large enough. */
  afterResource(): Promise<void> | undefined {
    return this.#writer.length > COMPLETE_BYTES ? this.flush() : undefined;
  }

  /** Write what there is, if anything. */
  flush(): Promise<void> | undefined {
    this.#closeResource();
    if (this.#points === 0) return undefined;
    const points = this.#points;
    const message = this.#writer.finish();
    this.#points = 0;
    const written = this.#sink.write(message, points);
    if (written) return written.then(() => this.#writer.reset());
    this.#writer.reset();
    return undefined;
  }

  #openScope(scope: Scope): void {
    this.#writer.begin(2, 3);
    this.#writer.raw(encodeScope(scope.name, scope.version));
    this.#scope = scope;
  }

  #closeResource(): void {
    if (!this.#scope) return;
    this.#writer.end();
    if (this.#carrier!.schemaUrl) this.#writer.string(3, this.#carrier!.schemaUrl);
    this.#writer.end();
    this.#scope = undefined;
  }
}
