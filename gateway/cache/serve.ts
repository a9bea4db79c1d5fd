import type { JsonObject } from "../core/joined.ts";
import type { MissReason } from "../core/ports.ts";
import type { BoundPart } from "./compile.ts";
import type { EpochTable } from "./epochs.ts";
import { type CacheRecord, type HeldSegment, isValid, type Memo } from "./record.ts";
import { type IsRelated, MISSING, serveField } from "./shape.ts";

/** What a record gives of what is asked for. */
export type Served =
  | {
      readonly kind: "hit";
      /** As the fetch's reply would have it; null where there is no such entity. */
      readonly object: JsonObject | null;
      readonly fetchedAtMs: number;
      readonly expiresAtMs: number;
    }
  | {
      readonly kind: "miss";
      readonly reason: MissReason;
      /** What can be had of it; undefined when nothing can. */
      readonly partial: JsonObject | undefined;
      /** Response keys of what can't be had. */
      readonly missing: readonly string[];
      /** When the oldest of what can be had left its department. */
      readonly fetchedAtMs: number;
    };

/** What a record is read with. */
export interface ServeSite {
  readonly table: EpochTable;
  readonly subgraph: string;
  /** What the object is, where it doesn't say so itself. */
  readonly typeName: () => string | undefined;
  readonly isRelated: IsRelated;
  readonly nowMs: number;
  /** Whether what has run out may be served for as long as its department allows. */
  readonly isStaleAllowed: boolean;
}

/** Answers that are kept of one record. Records count twice the bytes of their data, which covers them. */
const memosMax = 2;

/** Reads what is asked for out of a record. */
export function serveRecord(record: CacheRecord, bound: BoundPart, site: ServeSite): Served {
  const { memos } = record;
  for (let index = 0; index < memos.length; index += 1) {
    const memo = memos[index];
    if (memo?.bound !== bound || site.nowMs >= memo.expiresAtMs) continue;
    if (memo.segments.every((segment) => isValid(segment, site.table, site.subgraph))) return { kind: "hit", ...memo };
  }
  const valid = record.segments.filter((segment) => isValid(segment, site.table, site.subgraph));
  const usable = valid.filter(({ expiresAtMs, staleAtMs }) => site.nowMs < (site.isStaleAllowed ? staleAtMs : expiresAtMs));
  const [latest] = usable;
  if (latest?.isNull === true) {
    return { kind: "hit", object: null, fetchedAtMs: latest.fetchedAtMs, expiresAtMs: latest.expiresAtMs };
  }
  if (latest === undefined) {
    const reason = valid.length > 0 ? "expired" : record.segments.length > 0 ? "epoch" : "absent";
    return { kind: "miss", reason, partial: undefined, missing: bound.fields.map(({ responseKey }) => responseKey), fetchedAtMs: 0 };
  }
  return gather({ record, bound, site, usable });
}

interface Gathering {
  readonly record: CacheRecord;
  readonly bound: BoundPart;
  readonly site: ServeSite;
  readonly usable: readonly HeldSegment[];
}

function gather({ record, bound, site, usable }: Gathering): Served {
  const object: { [key: string]: unknown } = {};
  const missing: string[] = [];
  const used = new Set<HeldSegment>();
  const typeName = site.typeName();
  for (const field of bound.fields) {
    let value: unknown = MISSING;
    for (const segment of usable) {
      if (segment.isNull) continue;
      value = serveField(field, segment.data, { typeName, isRelated: site.isRelated });
      if (value === MISSING) continue;
      used.add(segment);
      break;
    }
    if (value === MISSING) missing.push(field.responseKey);
    else if (value !== undefined) object[field.responseKey] = value;
  }
  const segments = [...used];
  const fetchedAtMs = Math.min(...segments.map((segment) => segment.fetchedAtMs));
  if (missing.length > 0) {
    const reason = record.segments.length > usable.length ? "expired" : "fields";
    return { kind: "miss", reason, partial: segments.length === 0 ? undefined : object, missing, fetchedAtMs };
  }
  const expiresAtMs = Math.min(...segments.map((segment) => segment.expiresAtMs));
  remember(record, { bound, object, segments, fetchedAtMs, expiresAtMs });
  return { kind: "hit", object, fetchedAtMs, expiresAtMs };
}

/** Keeps an answer with its record. */
export function remember({ memos }: CacheRecord, memo: Memo): void {
  if (memos.length >= memosMax) memos.shift();
  memos.push(memo);
}
