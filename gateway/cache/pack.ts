import { isJsonObject } from "../core/joined.ts";
import type { Segment } from "./record.ts";

const version = 1;
/** Flags, times, incarnation, count of slots. */
const headBytes = 1 + 6 + 4 + 4 + 8 + 1;
/** Slot and counter. */
const slotBytes = 2 + 6;
const lengthBytes = 4;
const nullFlag = 1;
/** What a parsed object takes in memory for each byte of its text, about. */
const spread = 5;
/** Lifetimes are kept in 32 bits: 49 days, and what lives longer is fetched anew then. */
const lifetimeMsMax = 2 ** 32 - 1;
/** Slots of one segment, at most. */
export const slotsMax = 255;

/** Writes segments as bytes, as short as can be without a dictionary: what an entity of 300 bytes takes at rest is mostly its own. */
export function packSegments(segments: readonly Segment[]): Buffer {
  const texts = segments.map(({ isNull, data }) => (isNull ? "" : JSON.stringify(data)));
  const sizes = texts.map((text) => Buffer.byteLength(text));
  const total = segments.reduce(
    (bytes, { slots }, index) => bytes + headBytes + slots.length * slotBytes + lengthBytes + (sizes[index] ?? 0),
    1,
  );
  const bytes = Buffer.allocUnsafe(total);
  let at = bytes.writeUInt8(version, 0);
  for (const [index, segment] of segments.entries()) {
    at = packHead(bytes, at, segment);
    at = bytes.writeUInt32BE(sizes[index] ?? 0, at);
    at += bytes.write(texts[index] ?? "", at, "utf8");
  }
  return bytes;
}

function packHead(bytes: Buffer, start: number, segment: Segment): number {
  const { isNull, fetchedAtMs, expiresAtMs, staleAtMs, incarnation, slots, counters } = segment;
  let at = bytes.writeUInt8(isNull ? nullFlag : 0, start);
  at = bytes.writeUIntBE(Math.floor(fetchedAtMs), at, 6);
  at = bytes.writeUInt32BE(Math.min(Math.floor(expiresAtMs - Math.floor(fetchedAtMs)), lifetimeMsMax), at);
  at = bytes.writeUInt32BE(Math.min(Math.floor(staleAtMs - expiresAtMs), lifetimeMsMax), at);
  at += bytes.write(incarnation, at, 8, "hex");
  at = bytes.writeUInt8(slots.length, at);
  for (const [index, slot] of slots.entries()) {
    at = bytes.writeUInt16BE(slot, at);
    at = bytes.writeUIntBE(counters[index] ?? 0, at, 6);
  }
  return at;
}

/** Reads what `packSegments` wrote; undefined for anything else. */
export function unpackSegments(bytes: Buffer): readonly Segment[] | undefined {
  if (bytes.length === 0 || bytes.readUInt8(0) !== version) return undefined;
  const segments: Segment[] = [];
  let at = 1;
  try {
    while (at < bytes.length) {
      const { segment, end } = unpackSegment(bytes, at);
      segments.push(segment);
      at = end;
    }
  } catch {
    // Cut or foreign bytes; the seal around them makes that all but impossible.
    return undefined;
  }
  return segments;
}

function unpackSegment(bytes: Buffer, start: number): { readonly segment: Segment; readonly end: number } {
  const isNull = bytes.readUInt8(start) === nullFlag;
  const fetchedAtMs = bytes.readUIntBE(start + 1, 6);
  const expiresAtMs = fetchedAtMs + bytes.readUInt32BE(start + 7);
  const staleAtMs = expiresAtMs + bytes.readUInt32BE(start + 11);
  const incarnation = bytes.toString("hex", start + 15, start + 23);
  const count = bytes.readUInt8(start + 23);
  const slots: number[] = [];
  const counters: number[] = [];
  let at = start + headBytes;
  for (let index = 0; index < count; index += 1) {
    slots.push(bytes.readUInt16BE(at));
    counters.push(bytes.readUIntBE(at + 2, 6));
    at += slotBytes;
  }
  const length = bytes.readUInt32BE(at);
  const end = at + lengthBytes + length;
  if (end > bytes.length) throw new RangeError("The segment is cut.");
  const data: unknown = isNull ? {} : JSON.parse(bytes.toString("utf8", at + lengthBytes, end));
  if (!isJsonObject(data)) throw new TypeError("The segment holds no object.");
  return { segment: { isNull, data, incarnation, slots, counters, fetchedAtMs, expiresAtMs, staleAtMs, bytes: length * spread }, end };
}
