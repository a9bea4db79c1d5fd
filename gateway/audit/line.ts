import { createHash, hash } from "node:crypto";

/** A place in the chain: the sequence number of a record and the hash of its line. */
export interface Head {
  /** 1 for the first record; 0 where there is none yet. */
  readonly seq: number;
  /** SHA-256 in lower-case hex. */
  readonly hash: string;
}

/** What one line of a segment holds. */
export interface Line extends Head {
  /** Hash of the line before, in this segment or the one before it. */
  readonly prev: string;
  /** The record as it was appended. */
  readonly record: unknown;
}

/** Why a line is not one that the journal wrote: its form is wrong, or its hash does not fit its text. */
export type LineFault = "FORMAT" | "HASH";

/** The head of an empty journal. */
export const genesis: Head = { seq: 0, hash: "0".repeat(64) };

const hashPattern = /^[0-9a-f]{64}$/;
const start = Buffer.from('{"hash":"');
const prefixBytes = start.length + 64 + '",'.length;

/**
 * Writes the line that follows `head`: `{"hash":…,"prev":…,"record":…,"seq":…}` in canonical JSON, without the line feed.
 * `hash` is the SHA-256 of the same text without the `hash` property, so a line proves itself, and `prev` proves its order.
 *
 * @param recordText Canonical JSON text of the record.
 */
export function writeLine(head: Head, recordText: string): { readonly text: string; readonly head: Head } {
  const seq = head.seq + 1;
  const rest = `"prev":"${head.hash}","record":${recordText},"seq":${seq}}`;
  const own = hash("sha256", `{${rest}`, "hex");
  return { text: `{"hash":"${own}",${rest}`, head: { seq, hash: own } };
}

/** Reads one line, without its line feed, and checks its own hash; not its place in the chain. */
export function readLine(bytes: Buffer): Line | LineFault {
  const value = parse(bytes);
  if (typeof value !== "object" || value === null || !bytes.subarray(0, start.length).equals(start)) {
    return "FORMAT";
  }
  const { hash: own, prev, record, seq } = value as Record<string, unknown>;
  if (!isHash(own) || !isHash(prev) || record === undefined || typeof seq !== "number" || !Number.isSafeInteger(seq) || seq < 1) {
    return "FORMAT";
  }
  // Over the bytes, not the text: decoding maps every invalid byte to the same replacement character.
  const actual = createHash("sha256").update("{").update(bytes.subarray(prefixBytes)).digest("hex");
  return actual === own ? { seq, hash: own, prev, record } : "HASH";
}

function isHash(value: unknown): value is string {
  return typeof value === "string" && hashPattern.test(value);
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
}
