import { LRUCache } from "lru-cache";
import type { Clock } from "../core/ports.ts";
import type { Gathered } from "./gathered.ts";

/** Keeps written answers that came from the cache alone, until something of it may have changed. */
export interface KeptAnswers {
  /** @returns Undefined when there is none that may still be served. */
  find(key: string): Gathered | undefined;
  /** Keeps an answer if it may be. */
  keep(key: string, gathered: Gathered): void;
}

/** What an entry takes besides its key and its bytes. */
const entryBytes = 1_024;

/**
 * Creates a bounded store of answers. A key stands for everything that decides an answer: the prepared operation, which stands for the document and the
 * entitlement, the variables, the case, the day where conditions look at it, and the state of the cache's epochs. So an answer is served for
 * as long as each record that it was written from would be, and never after an invalidation, whatever it was of.
 *
 * @param bytesMax 0 keeps none.
 * @param count Told how each search ended.
 */
export function createKeptAnswers(bytesMax: number, nowMs: Clock, count: (result: "hit" | "miss") => void): KeptAnswers {
  if (bytesMax === 0) return { find: () => undefined, keep: () => undefined };
  const kept = new LRUCache<string, Gathered>({
    maxSize: bytesMax,
    sizeCalculation: ({ projected }, key) => projected.data.length + key.length * 2 + entryBytes,
  });
  return {
    find(key): Gathered | undefined {
      const found = kept.get(key);
      const isServed = found !== undefined && nowMs() < (found.collected.cacheExpiresAtMs ?? 0);
      count(isServed ? "hit" : "miss");
      if (isServed) return found;
      kept.delete(key);
      return undefined;
    },
    keep(key, gathered): void {
      const { collected, projected } = gathered;
      const { fetches, cacheHits, cacheMisses, cacheStale, cacheExpiresAtMs } = collected;
      const isWhole = fetches === 0 && cacheMisses === 0 && cacheStale === 0 && cacheHits > 0;
      if (isWhole && cacheExpiresAtMs !== undefined && projected.problems.length === 0) kept.set(key, gathered);
    },
  };
}
