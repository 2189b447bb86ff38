/**
 * Where a section of the generator puts its frames: a file, an array in a test, nothing at all in a benchmark.
 */

/** Takes the frames of one signal, in order. */
export interface FrameSink {
  /**
   * Take one complete export request.
   *
   * message  not empty and at most MAX_FRAME_BYTES; the caller's buffer, valid until the call returns or its promise
   *          resolves, so a sink that keeps it copies it
   * items    spans, data points or log records in it, at least 1
   * Returns a promise when the caller must wait before it goes on (back-pressure), else nothing.
   */
  write(message: Uint8Array, items: number): Promise<void> | undefined;
}
