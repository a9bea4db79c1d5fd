/*
 * Reads a reply's bytes against the shape that an answer asks for, and makes nothing of them: what fits may leave as it is. What would be written
 * otherwise from the values that the bytes mean (other escapes, numbers in another form, keys in another order, space between them) does not fit, nor does
 * what is wrong in any way: whoever asks then reads the reply in full.
 */

/** What a value must be like. */
export interface Shape {
  readonly kind: "string" | "int" | "float" | "name" | "list" | "object";
  /** Whether null fits as well. */
  readonly isNullable: boolean;
  /** Of a name, such as an enum's value or a Boolean: the texts that fit, with their quotes. */
  readonly names: readonly Uint8Array[];
  /** Of a list: its elements. */
  readonly item: Shape | undefined;
  /** Of an object: its fields, in the order of the answer. */
  readonly fields: readonly FieldShape[];
}

/** One field of an object. */
export interface FieldShape {
  /** What stands before the value: the brace or comma, and the key. */
  readonly prefix: Uint8Array;
  readonly shape: Shape;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const CLOSING_BRACE = 0x7d;
const LETTER_N = 0x6e;
const FIRST_PRINTABLE = 0x20;

const nullBytes = Buffer.from("null");

/** What may stand behind a backslash: the short escapes that JSON.stringify writes. */
const escapes: ReadonlySet<number> = new Set(Buffer.from('"\\bfnrt'));

/** Where a value of some shape ends; -1 where it does not fit. */
export function scanValue(bytes: Uint8Array, at: number, shape: Shape): number {
  if (bytes[at] === LETTER_N) return shape.isNullable ? scanBytes(bytes, at, nullBytes) : -1;
  switch (shape.kind) {
    case "string":
      return bytes[at] === QUOTE ? scanString(bytes, at + 1) : -1;
    case "int":
      return scanInt(bytes, at);
    case "float":
      return scanFloat(bytes, at);
    case "name":
      return scanName(bytes, at, shape.names);
    case "list":
      return shape.item === undefined ? -1 : scanList(bytes, at, shape.item);
    case "object":
      return scanObject(bytes, at, shape.fields);
  }
}

/** Where expected bytes end; -1 where others stand. */
export function scanBytes(bytes: Uint8Array, at: number, expected: Uint8Array): number {
  const end = at + expected.length;
  if (end > bytes.length) return -1;
  for (let index = 0; index < expected.length; index += 1) if (bytes[at + index] !== expected[index]) return -1;
  return end;
}

function scanName(bytes: Uint8Array, at: number, names: readonly Uint8Array[]): number {
  for (const name of names) {
    const end = scanBytes(bytes, at, name);
    if (end !== -1) return end;
  }
  return -1;
}

/** @param start Behind the opening quote. */
function scanString(bytes: Uint8Array, start: number): number {
  for (let at = start; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) return at + 1;
    if (byte < FIRST_PRINTABLE) return -1;
    if (byte === BACKSLASH) {
      at += 1;
      if (!escapes.has(bytes[at] ?? 0)) return -1;
    }
  }
  return -1;
}

/** Where a run of digits ends. */
function skipDigits(bytes: Uint8Array, start: number): number {
  let at = start;
  while (at < bytes.length && (bytes[at] ?? 0) >= ZERO && (bytes[at] ?? 0) <= NINE) at += 1;
  return at;
}

/** Digits before the point without a leading zero, and not alone "-0", which is written "0". */
function scanWhole(bytes: Uint8Array, start: number): number {
  const end = skipDigits(bytes, start);
  const isLedByZero = bytes[start] === ZERO && end > start + 1;
  return end === start || isLedByZero ? -1 : end;
}

/** Integers of 32 bits have ten digits at most; those of ten are read. */
const intDigitsSafe = 9;
const intMax = 2_147_483_647;
const intMin = -2_147_483_648;

function scanInt(bytes: Uint8Array, at: number): number {
  const isNegative = bytes[at] === MINUS;
  const start = isNegative ? at + 1 : at;
  const end = scanWhole(bytes, start);
  if (end === -1 || !isEnd(bytes[end]) || (isNegative && bytes[start] === ZERO)) return -1;
  if (end - start <= intDigitsSafe) return end;
  if (end - start > intDigitsSafe + 1) return -1;
  let value = 0;
  for (let index = start; index < end; index += 1) value = value * 10 + (bytes[index] ?? 0) - ZERO;
  if (isNegative) value = -value;
  return value <= intMax && value >= intMin ? end : -1;
}

/** Numbers of up to so many digits are written as they are read: no shorter text means the same one. */
const digitsSafe = 15;
/** A number with more zeros behind the point is written with an exponent. */
const leadingZerosMax = 5;

function scanFloat(bytes: Uint8Array, at: number): number {
  const start = bytes[at] === MINUS ? at + 1 : at;
  const point = scanWhole(bytes, start);
  if (point === -1 || point - start > digitsSafe) return -1;
  if (bytes[point] !== POINT) return isEnd(bytes[point]) && !(start > at && bytes[start] === ZERO) ? point : -1;
  const end = skipDigits(bytes, point + 1);
  const isTrailing = bytes[end - 1] === ZERO || end === point + 1;
  if (isTrailing || !isEnd(bytes[end]) || end - start > digitsSafe) return -1;
  if (bytes[start] !== ZERO) return end;
  let zeros = point + 1;
  while (bytes[zeros] === ZERO) zeros += 1;
  return zeros - point - 1 <= leadingZerosMax ? end : -1;
}

/** Whether a number ends before such a byte: with it an exponent or a fraction would go on. */
function isEnd(byte: number | undefined): boolean {
  return byte === COMMA || byte === CLOSING_BRACE || byte === CLOSING_BRACKET;
}

function scanList(bytes: Uint8Array, start: number, item: Shape): number {
  if (bytes[start] !== OPENING_BRACKET) return -1;
  let at = start + 1;
  if (bytes[at] === CLOSING_BRACKET) return at + 1;
  for (;;) {
    at = scanValue(bytes, at, item);
    if (at === -1) return -1;
    if (bytes[at] === CLOSING_BRACKET) return at + 1;
    if (bytes[at] !== COMMA) return -1;
    at += 1;
  }
}

function scanObject(bytes: Uint8Array, start: number, fields: readonly FieldShape[]): number {
  let at = start;
  for (const { prefix, shape } of fields) {
    at = scanBytes(bytes, at, prefix);
    if (at === -1) return -1;
    at = scanValue(bytes, at, shape);
    if (at === -1) return -1;
  }
  return bytes[at] === CLOSING_BRACE ? at + 1 : -1;
}
