import type { JsonObject } from "../core/joined.ts";
import type { BoundPart } from "./compile.ts";
import type { EpochTable } from "./epochs.ts";

/** What one fetch brought of one entity, or of one field of the root. Its data is never changed. */
export interface Segment {
  /** Whether there is no such entity. */
  readonly isNull: boolean;
  /** By canonical keys; empty where there is no such entity. */
  readonly data: JsonObject;
  /** The table that the counters are of. */
  readonly incarnation: string;
  readonly slots: readonly number[];
  /** What the slots stood at before the call left. */
  readonly counters: readonly number[];
  /** Epoch milliseconds: when the call left. */
  readonly fetchedAtMs: number;
  readonly expiresAtMs: number;
  /** Until when it may be served when it can't be had fresh at once; `expiresAtMs` where never. */
  readonly staleAtMs: number;
  /** About what it takes in memory. */
  readonly bytes: number;
}

/** A segment with what this process has found out of it. */
export interface HeldSegment extends Segment {
  /** Revision of the table at which it was last found valid. */
  checkedAt: number;
}

/** Answers that were made of a record, so that the next who asks the same gets the same object. */
export interface Memo {
  readonly bound: BoundPart;
  readonly object: JsonObject;
  readonly segments: readonly HeldSegment[];
  readonly fetchedAtMs: number;
  readonly expiresAtMs: number;
}

/** All that is kept of one entity, or of one field of the root; the latest segment first. */
export interface CacheRecord {
  readonly segments: readonly HeldSegment[];
  /** Answers that were made of it; the list itself changes. */
  readonly memos: Memo[];
  readonly bytes: number;
}

/** Segments of one record, at most: so many disjoint questions can be told apart. */
const segmentsMax = 4;

/** What a record takes besides its segments, rounded up. */
const recordBytes = 256;

/** Makes a record. */
export function createRecord(segments: readonly HeldSegment[]): CacheRecord {
  // Twice, as answers made of the data are kept beside it.
  return { segments, memos: [], bytes: segments.reduce((bytes, segment) => bytes + segment.bytes * 2 + recordBytes, recordBytes) };
}

/** Holds a segment that wasn't looked at yet. */
export function holdSegment(segment: Segment): HeldSegment {
  return { ...segment, checkedAt: -1 };
}

/** Whether a segment's epochs equal the table's. */
export function isValid(segment: HeldSegment, table: EpochTable, subgraph: string): boolean {
  const revision = table.revision();
  if (segment.checkedAt === revision) return true;
  if (segment.incarnation !== table.incarnation()) return false;
  const counters = table.counters(subgraph);
  const { slots, counters: seen } = segment;
  for (let index = 0; index < slots.length; index += 1) {
    if (counters[slots[index] ?? 0] !== seen[index]) return false;
  }
  segment.checkedAt = revision;
  return true;
}

/**
 * Joins segments of one record, the latest first. A null stands alone where it is the latest, since there is no entity, and for nothing elsewhere.
 * Older segments stay where they hold something that the later ones don't.
 */
export function joinSegments(all: readonly HeldSegment[]): readonly HeldSegment[] {
  const joined: HeldSegment[] = [];
  for (const segment of all.toSorted((left, right) => right.fetchedAtMs - left.fetchedAtMs)) {
    if (segment.isNull) {
      if (joined.length === 0) return [segment];
      continue;
    }
    const isNews = Object.keys(segment.data).some((key) => joined.every(({ data }) => data[key] === undefined));
    if (isNews && joined.length < segmentsMax) joined.push(segment);
  }
  return joined;
}
