import { isJsonObject } from "../core/joined.ts";
import type { Counted } from "../project/tally.ts";
import type { Gathered } from "./gathered.ts";

/** All of an answer but its bytes. What has problems is never packed. */
interface Head {
  readonly subgraphs: readonly string[];
  readonly cacheHits: number;
  readonly cacheExpiresAtMs: number;
  readonly oldestFetchedAtMs: number;
  readonly counted: Counted | undefined;
}

const lengthBytes = 4;

/** Writes an answer that came whole from the cache: the length of a JSON head in four bytes, the head, the answer's own bytes. */
export function packGathered({ collected, projected }: Gathered): Buffer {
  const { subgraphs, cacheHits, cacheExpiresAtMs, oldestFetchedAtMs } = collected;
  const { counted } = projected;
  const head = Buffer.from(
    JSON.stringify({
      subgraphs,
      cacheHits,
      cacheExpiresAtMs,
      oldestFetchedAtMs,
      ...(counted === undefined ? {} : { counted: { subjects: [...counted.subjects], matched: counted.matched } }),
    }),
  );
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt32BE(head.length, 0);
  return Buffer.concat([length, head, projected.data]);
}

/** Reads what `packGathered` wrote; undefined for anything else. */
export function unpackGathered(bytes: Uint8Array): Gathered | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length < lengthBytes) return undefined;
  const end = lengthBytes + buffer.readUInt32BE(0);
  if (end > buffer.length) return undefined;
  const head = readHead(buffer.toString("utf8", lengthBytes, end));
  if (head === undefined) return undefined;
  const { subgraphs, cacheHits, cacheExpiresAtMs, oldestFetchedAtMs, counted } = head;
  return {
    collected: {
      subgraphs,
      fetches: 0,
      epoch: undefined,
      cacheHits,
      cacheMisses: 0,
      cacheStale: 0,
      cacheReason: undefined,
      cacheExpiresAtMs,
      oldestFetchedAtMs,
    },
    projected: {
      data: buffer.subarray(end),
      problems: [],
      counted,
    },
  };
}

/** The bytes were sealed by a hub, so a wrong shape is that of another version. */
function readHead(text: string): Head | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isJsonObject(value)) return undefined;
  const { subgraphs, cacheHits, cacheExpiresAtMs, oldestFetchedAtMs, counted } = value;
  const isRight =
    Array.isArray(subgraphs) &&
    typeof cacheHits === "number" &&
    typeof cacheExpiresAtMs === "number" &&
    typeof oldestFetchedAtMs === "number" &&
    (counted === undefined || isJsonObject(counted));
  if (!isRight) return undefined;
  return { subgraphs: subgraphs.map(String), cacheHits, cacheExpiresAtMs, oldestFetchedAtMs, counted: readCounted(counted) };
}

function readCounted(counted: unknown): Counted | undefined {
  if (!isJsonObject(counted)) return undefined;
  const { subjects, matched } = counted;
  return { subjects: new Map(Array.isArray(subjects) ? (subjects as [string, number][]) : []), matched: Number(matched) };
}
