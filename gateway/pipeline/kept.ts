import { LRUCache } from "lru-cache";
import type { Clock, SharedAnswers } from "../core/ports.ts";
import type { Gathered } from "./gathered.ts";
import { packGathered, unpackGathered } from "./packed.ts";

/** Keeps written answers that came from the cache alone, until something of it may have changed. */
export interface KeptAnswers {
  /** @returns Undefined when this process has none that may still be served. */
  find(key: string): Gathered | undefined;
  /** Looks where hubs share what they keep; undefined where they don't. Never rejects. */
  readonly findShared: ((key: string) => Promise<Gathered | undefined>) | undefined;
  /** Keeps an answer if it may be. */
  keep(key: string, gathered: Gathered): void;
}

/** How a search for an answer ended. */
export type AnswerSearch = "hit-memory" | "hit-store" | "miss";

/** Where answers are kept. */
export interface KeptOptions {
  /** Of this process's memory; 0 keeps none there. */
  readonly bytesMax: number;
  readonly shared: SharedAnswers | undefined;
  readonly nowMs: Clock;
  readonly count: (search: AnswerSearch) => void;
}

/** What an entry takes besides its key and its bytes. */
const entryBytes = 1_024;

/**
 * Creates a bounded store of answers. A key stands for everything that decides an answer: the prepared operation, which stands for the document and the
 * entitlement, the variables, the case, the day where conditions look at it, and the state of the cache's epochs. So an answer is served for
 * as long as each record that it was written from would be, and never after an invalidation, whatever it was of.
 */
export function createKeptAnswers({ bytesMax, shared, nowMs, count }: KeptOptions): KeptAnswers {
  const memory = createMemory(bytesMax);
  const find = (key: string): Gathered | undefined => {
    const found = memory?.get(key);
    if (found !== undefined && nowMs() < expiryOf(found)) return found;
    memory?.delete(key);
    return undefined;
  };
  return {
    find(key): Gathered | undefined {
      const found = find(key);
      if (found !== undefined) count("hit-memory");
      else if (shared === undefined) count("miss");
      return found;
    },
    findShared:
      shared === undefined
        ? undefined
        : async (key): Promise<Gathered | undefined> => {
            const bytes = await shared.read(key);
            const found = bytes === undefined ? undefined : unpackGathered(bytes);
            const isServed = found !== undefined && nowMs() < expiryOf(found);
            count(isServed ? "hit-store" : "miss");
            if (!isServed) return undefined;
            memory?.set(key, withOwnBytes(found));
            return found;
          },
    keep(key, gathered): void {
      // Where equal requests don't share, another may have kept it meanwhile.
      if (!isWhole(gathered) || find(key) !== undefined) return;
      memory?.set(key, withOwnBytes(gathered));
      shared?.write(key, packGathered(gathered), expiryOf(gathered) - nowMs());
    },
  };
}

function createMemory(bytesMax: number): LRUCache<string, Gathered> | undefined {
  if (bytesMax === 0) return undefined;
  return new LRUCache({ maxSize: bytesMax, sizeCalculation: ({ projected }, key) => projected.data.length + key.length * 2 + entryBytes });
}

/** Short answers lie together in a page of Node's, which one of them would hold as a whole. */
function withOwnBytes({ collected, projected }: Gathered): Gathered {
  const data = Buffer.allocUnsafeSlow(projected.data.length);
  projected.data.copy(data);
  return { collected, projected: { ...projected, data, whole: undefined } };
}

function expiryOf({ collected }: Gathered): number {
  return collected.cacheExpiresAtMs ?? 0;
}

function isWhole({ collected, projected }: Gathered): boolean {
  const { fetches, cacheHits, cacheMisses, cacheStale, cacheExpiresAtMs } = collected;
  const isFromCache = fetches === 0 && cacheMisses === 0 && cacheStale === 0 && cacheHits > 0 && cacheExpiresAtMs !== undefined;
  return isFromCache && projected.problems.length === 0;
}
