/** Bytes of an answer while it is written. */
export interface Sink {
  bytes: Buffer;
  /** The same bytes, to be written by the word. */
  view: DataView;
  length: number;
  /** How often something was taken back: what was written before may not be where it was. */
  takenBack: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const ZERO = 0x30;
/** A sign and ten digits. */
const integerBytesMax = 11;
const FIRST_PRINTABLE = 0x20;
const LAST_ASCII = 0x7f;
const LAST_OF_TWO_BYTES = 0x7ff;
const FIRST_SURROGATE = 0xd800;
const LAST_SURROGATE = 0xdfff;

/** Bytes of a sink when it is new, and what it goes back to after an answer that was much larger. */
const bytesMin = 65_536;
const bytesKept = 4_194_304;

/** A unit of UTF-16 is three bytes of UTF-8 at most. */
const unitBytesMax = 3;

/** The longest text that is written byte by byte: beyond, the engine's own encoder is faster. */
const scanLengthMax = 128;

/**
 * Creates a sink. Answers are written as bytes at once: text would be joined from thousands of pieces, flattened and encoded, which costs more
 * than all the rest of writing it.
 */
export function createSink(): Sink {
  const bytes = Buffer.allocUnsafeSlow(bytesMin);
  return { bytes, view: viewOf(bytes), length: 0, takenBack: 0 };
}

/** Takes back what was written since the sink was this long. */
export function takeBack(sink: Sink, length: number): void {
  sink.length = length;
  sink.takenBack += 1;
}

const nothing = Buffer.alloc(0);

/** Takes out what was written, as bytes of its own between two others, and leaves the sink empty. */
export function takeBytes(sink: Sink, before: Buffer = nothing, after: Buffer = nothing): Buffer {
  const { length } = sink;
  // Small ones come from Node's pool, which costs less.
  const taken = Buffer.allocUnsafe(before.length + length + after.length);
  before.copy(taken);
  sink.bytes.copy(taken, before.length, 0, length);
  after.copy(taken, before.length + length);
  sink.length = 0;
  if (sink.bytes.length > bytesKept) replaceBytes(sink, Buffer.allocUnsafeSlow(bytesMin));
  return taken;
}

/** Makes room for bytes that the caller then writes. @returns where they begin. */
export function reserve(sink: Sink, length: number): number {
  const start = sink.length;
  if (start + length > sink.bytes.length) grow(sink, length);
  sink.length = start + length;
  return start;
}

/** Writes bytes. */
export function putBytes(sink: Sink, source: Uint8Array): void {
  const { length } = source;
  if (sink.length + length > sink.bytes.length) grow(sink, length);
  const { bytes } = sink;
  let at = sink.length;
  for (let index = 0; index < length; index += 1) {
    bytes[at] = source[index] ?? 0;
    at += 1;
  }
  sink.length = at;
}

/** Writes again what stands from one place to another. */
export function putAgain(sink: Sink, start: number, end: number): void {
  if (sink.length + end - start > sink.bytes.length) grow(sink, end - start);
  sink.bytes.copyWithin(sink.length, start, end);
  sink.length += end - start;
}

/** Writes one byte. */
export function putByte(sink: Sink, byte: number): void {
  if (sink.length === sink.bytes.length) grow(sink, 1);
  sink.bytes[sink.length] = byte;
  sink.length += 1;
}

/** Writes a whole number of 32 bits. */
export function putInteger(sink: Sink, value: number): void {
  if (sink.length + integerBytesMax > sink.bytes.length) grow(sink, integerBytesMax);
  const { bytes } = sink;
  let rest = value;
  if (rest < 0) {
    bytes[sink.length] = MINUS;
    sink.length += 1;
    rest = -rest;
  }
  let end = sink.length + 1;
  for (let power = 10; power <= rest; power *= 10) end += 1;
  for (let at = end - 1; at >= sink.length; at -= 1) {
    const tenth = Math.floor(rest / 10);
    bytes[at] = ZERO + (rest - tenth * 10);
    rest = tenth;
  }
  sink.length = end;
}

/** Writes text that is JSON already. */
export function putText(sink: Sink, text: string): void {
  const most = text.length * unitBytesMax;
  if (sink.length + most > sink.bytes.length) grow(sink, most);
  if (text.length > scanLengthMax || !putAscii(sink, text)) sink.length += sink.bytes.write(text, sink.length, "utf8");
}

/** Writes a string as JSON. */
export function putQuoted(sink: Sink, text: string): void {
  const most = text.length * unitBytesMax + 2;
  if (sink.length + most > sink.bytes.length) grow(sink, most);
  if (text.length > scanLengthMax || !putPlain(sink, text)) putText(sink, JSON.stringify(text));
}

/** @returns False, with nothing written, for text that isn't all printable ASCII. */
function putAscii(sink: Sink, text: string): boolean {
  const { bytes } = sink;
  let at = sink.length;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code > LAST_ASCII) return false;
    bytes[at] = code;
    at += 1;
  }
  sink.length = at;
  return true;
}

/** Units of ASCII that stand in JSON as they are, with 1. */
const asIs = Uint8Array.from({ length: LAST_ASCII + 1 }, (_, code) =>
  code < FIRST_PRINTABLE || code === QUOTE || code === BACKSLASH ? 0 : 1,
);

/**
 * Writes four units at a time with a look at a table, as long as they are such, and the rest one by one.
 *
 * @returns False, with nothing written, for text with a unit that JSON escapes or that is half of a character.
 */
function putPlain(sink: Sink, text: string): boolean {
  const { bytes, view } = sink;
  const { length } = text;
  let at = sink.length;
  bytes[at] = QUOTE;
  at += 1;
  let index = 0;
  for (const last = length - 4; index <= last; index += 4) {
    const one = text.charCodeAt(index);
    const two = text.charCodeAt(index + 1);
    const three = text.charCodeAt(index + 2);
    const four = text.charCodeAt(index + 3);
    if ((one | two | three | four) > LAST_ASCII) break;
    if (((asIs[one] ?? 0) & (asIs[two] ?? 0) & (asIs[three] ?? 0) & (asIs[four] ?? 0)) === 0) return false;
    view.setUint32(at, one | (two << 8) | (three << 16) | (four << 24), true);
    at += 4;
  }
  for (; index < length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < FIRST_PRINTABLE || code === QUOTE || code === BACKSLASH) return false;
    if (code <= LAST_ASCII) {
      bytes[at] = code;
      at += 1;
    } else if (code <= LAST_OF_TWO_BYTES) {
      bytes[at] = 0xc0 | (code >> 6);
      bytes[at + 1] = 0x80 | (code & 0x3f);
      at += 2;
    } else {
      if (code >= FIRST_SURROGATE && code <= LAST_SURROGATE) return false;
      bytes[at] = 0xe0 | (code >> 12);
      bytes[at + 1] = 0x80 | ((code >> 6) & 0x3f);
      bytes[at + 2] = 0x80 | (code & 0x3f);
      at += 3;
    }
  }
  bytes[at] = QUOTE;
  sink.length = at + 1;
  return true;
}

function grow(sink: Sink, more: number): void {
  const larger = Buffer.allocUnsafeSlow(Math.max(sink.bytes.length * 2, sink.length + more));
  sink.bytes.copy(larger, 0, 0, sink.length);
  replaceBytes(sink, larger);
}

function replaceBytes(sink: Sink, bytes: Buffer): void {
  sink.bytes = bytes;
  sink.view = viewOf(bytes);
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}
