import { LRUCache } from "lru-cache";
import type { CacheRecord } from "./record.ts";

/** Records in this process's memory, parsed: all there is where the hub shares its cache with no other, else the level before the shared store. */
export interface RecordMemory {
  get(key: string): CacheRecord | undefined;
  set(key: string, record: CacheRecord): void;
  /** Forgets all that the predicate names, by their keys. */
  clear(isMeant: (key: string) => boolean): void;
  bytes(): number;
}

/**
 * Makes a memory of records. When it is full, what was used longest ago goes.
 *
 * @param bytesMax Of all records together, with their keys; 0 keeps none.
 */
export function createRecordMemory(bytesMax: number): RecordMemory {
  if (bytesMax === 0) return { get: () => undefined, set: () => undefined, clear: () => undefined, bytes: () => 0 };
  const entries = new LRUCache<string, CacheRecord>({
    maxSize: bytesMax,
    // Keys are Latin letters but for what departments call things, so a unit is one byte mostly; two are counted.
    sizeCalculation: (record, key) => record.bytes + key.length * 2,
  });
  return {
    get: (key) => entries.get(key),
    set: (key, record) => {
      // A record beyond the bound would only drive everything else out.
      if (record.bytes * 4 > bytesMax) entries.delete(key);
      else entries.set(key, record);
    },
    clear: (isMeant) => {
      for (const key of entries.keys()) if (isMeant(key)) entries.delete(key);
    },
    bytes: () => entries.calculatedSize,
  };
}
