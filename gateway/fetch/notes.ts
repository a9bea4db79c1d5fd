import type { CacheNotes, MissReason } from "../core/ports.ts";

/** How a request's lookups in a cache ended, entities and fields of the root counted each. */
export interface CacheTally {
  readonly cacheHits: number;
  readonly cacheMisses: number;
  /** Hits beyond their age. */
  readonly cacheStale: number;
  /** The first reason for a miss. */
  readonly cacheReason: MissReason | undefined;
  /** When the first part that a cache gave runs out, in epoch milliseconds. */
  readonly cacheExpiresAtMs: number | undefined;
  /** When the oldest part left its department, in epoch milliseconds; undefined when nothing came from a cache. */
  readonly oldestFetchedAtMs: number | undefined;
}

/** A tally that notes are added to. */
export type OpenTally = { -readonly [Key in keyof CacheTally]: CacheTally[Key] };

/** Starts a tally. */
export function createTally(): OpenTally {
  return {
    cacheHits: 0,
    cacheMisses: 0,
    cacheStale: 0,
    cacheReason: undefined,
    cacheExpiresAtMs: undefined,
    oldestFetchedAtMs: undefined,
  };
}

/** Adds how the lookups of one fetch ended. */
export function addNotes(tally: OpenTally, { hits, stale, misses, reason, oldestFetchedAtMs, expiresAtMs }: CacheNotes): void {
  tally.cacheHits += hits;
  tally.cacheStale += stale;
  tally.cacheMisses += misses;
  tally.cacheReason ??= reason;
  tally.oldestFetchedAtMs = earlier(tally.oldestFetchedAtMs, oldestFetchedAtMs);
  tally.cacheExpiresAtMs = earlier(tally.cacheExpiresAtMs, expiresAtMs);
}

function earlier(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}
