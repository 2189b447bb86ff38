/** The bytes of a number that change, and no others. */

/** The low `width` bytes of an integer, little-endian, two's complement. |value| < 2^53. */
export function writeInteger(view: DataView, offset: number, value: number, width: number): void {
  if (width === 4) {
    view.setInt32(offset, value, true);
    return;
  }
  if (width === 3) {
    view.setInt16(offset, value, true);
    view.setInt8(offset + 2, value >> 16);
    return;
  }
  if (width === 2) {
    view.setInt16(offset, value, true);
    return;
  }
  if (width === 1) {
    view.setInt8(offset, value);
    return;
  }
  if (width === 8) {
    view.setInt32(offset, value, true);
    view.setInt32(offset + 4, Math.floor(value / 0x1_0000_0000), true);
    return;
  }
  let rest = value;
  for (let byte = 0; byte < width; byte++) {
    const next = Math.floor(rest / 256);
    view.setUint8(offset + byte, rest - next * 256);
    rest = next;
  }
}

const double = new Float64Array(1);
const doubleWords = new Int32Array(double.buffer);

/** `width` bytes of a double from `firstByte` on, and no other. firstByte + width <= 8 */
export function writeDouble(
  view: DataView,
  offset: number,
  value: number,
  firstByte: number,
  width: number,
): void {
  double[0] = value;
  const high = doubleWords[1]!;
  if (firstByte >= 4) {
    writeWord(view, offset, high >>> ((firstByte - 4) * 8), width);
    return;
  }
  const shift = firstByte * 8;
  const low = shift === 0 ? doubleWords[0]! : (doubleWords[0]! >>> shift) | (high << (32 - shift));
  writeWord(view, offset, low, Math.min(width, 4));
  if (width > 4) writeWord(view, offset + 4, high >>> shift, width - 4);
}

/** The low bytes of a word, 1 to 4 of them. */
export function writeWord(view: DataView, offset: number, word: number, bytes: number): void {
  if (bytes === 4) view.setInt32(offset, word, true);
  else if (bytes === 1) view.setInt8(offset, word);
  else {
    view.setInt16(offset, word, true);
    if (bytes === 3) view.setInt8(offset + 2, word >> 16);
  }
}
