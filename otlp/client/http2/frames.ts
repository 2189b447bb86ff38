/** The frames of HTTP/2 and how they are written. Source: RFC 9113, 4 and 6. */

export const FRAME = {
  data: 0,
  headers: 1,
  priority: 2,
  resetStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

/** Flags; what bit 0 says depends on the frame. */
export const END_STREAM = 0x1;
export const ACK = 0x1;
export const END_HEADERS = 0x4;
export const PADDED = 0x8;
export const PRIORITY = 0x20;

export const FRAME_HEAD_BYTES = 9;
/** Payload of a frame, where an end has not said that it takes more. */
export const MAX_FRAME_BYTES = 16_384;
/** Flow-control window of a stream and of a connection, where an end has not said otherwise. */
export const INITIAL_WINDOW_BYTES = 65_535;
export const MAX_WINDOW_BYTES = 2 ** 31 - 1;
/** Only odd ids are a client's, and there are no more than these. */
export const LAST_STREAM_ID = 2 ** 31 - 1;

/** What a client sends before its first frame. */
export const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

/** Why a stream or a connection ends; the index is the code. Source: RFC 9113, 7. */
const ERROR_NAMES = [
  "NO_ERROR",
  "PROTOCOL_ERROR",
  "INTERNAL_ERROR",
  "FLOW_CONTROL_ERROR",
  "SETTINGS_TIMEOUT",
  "STREAM_CLOSED",
  "FRAME_SIZE_ERROR",
  "REFUSED_STREAM",
  "CANCEL",
  "COMPRESSION_ERROR",
  "CONNECT_ERROR",
  "ENHANCE_YOUR_CALM",
  "INADEQUATE_SECURITY",
  "HTTP_1_1_REQUIRED",
] as const;

export const ERROR = {
  none: 0,
  protocol: 1,
  flowControl: 3,
  frameSize: 6,
  refusedStream: 7,
  cancel: 8,
  compression: 9,
  enhanceYourCalm: 11,
} as const;

/** Name of an error code; of an unknown one its number. */
export function errorName(code: number): string {
  return ERROR_NAMES[code] ?? `${code}`;
}

/** The other end broke the protocol, so that nothing more can be made of the connection. */
export class Http2Error extends Error {
  override readonly name = "Http2Error";
  /** As the other end is told. */
  readonly errorCode: number;

  constructor(errorCode: number, message: string) {
    super(message);
    this.errorCode = errorCode;
  }
}

/** Head of a frame, into `target` from `at` on. payloadBytes: below 2^24. */
export function writeFrameHead(
  target: Buffer,
  at: number,
  payloadBytes: number,
  type: number,
  flags: number,
  streamId: number,
): void {
  target[at] = payloadBytes >>> 16;
  target[at + 1] = payloadBytes >>> 8;
  target[at + 2] = payloadBytes;
  target[at + 3] = type;
  target[at + 4] = flags;
  target[at + 5] = streamId >>> 24;
  target[at + 6] = streamId >>> 16;
  target[at + 7] = streamId >>> 8;
  target[at + 8] = streamId;
}

export function frameHead(payloadBytes: number, type: number, flags: number, streamId: number): Buffer {
  const head = Buffer.allocUnsafe(FRAME_HEAD_BYTES);
  writeFrameHead(head, 0, payloadBytes, type, flags, streamId);
  return head;
}

export function frame(type: number, flags: number, streamId: number, payload: Buffer): Buffer {
  return Buffer.concat([frameHead(payload.length, type, flags, streamId), payload]);
}

/** Frames whose payload is one number of 32 bits: RST_STREAM, WINDOW_UPDATE. */
export function numberFrame(type: number, streamId: number, value: number): Buffer {
  const bytes = Buffer.allocUnsafe(FRAME_HEAD_BYTES + 4);
  writeFrameHead(bytes, 0, 4, type, 0, streamId);
  bytes.writeUInt32BE(value, FRAME_HEAD_BYTES);
  return bytes;
}

/** We look at no stream of the other end's, so the last that we did is 0. */
export function goAwayFrame(errorCode: number): Buffer {
  const bytes = Buffer.alloc(FRAME_HEAD_BYTES + 8);
  writeFrameHead(bytes, 0, 8, FRAME.goAway, 0, 0);
  bytes.writeUInt32BE(errorCode, FRAME_HEAD_BYTES + 4);
  return bytes;
}

/** What a DATA or HEADERS frame holds besides padding. Throws Http2Error where the padding is longer than the frame. */
export function withoutPadding(flags: number, payload: Buffer): Buffer {
  if (!(flags & PADDED)) return payload;
  const end = payload.length - (payload[0] ?? 0);
  if (end < 1) throw new Http2Error(ERROR.protocol, "a frame came with more padding than bytes");
  return payload.subarray(1, end);
}
