import { LRUCache } from "lru-cache";
import type { ByteStore, Clock } from "../core/ports.ts";

/** How much a store in memory may hold. */
export interface MemoryStoreOptions {
  readonly nowMs: Clock;
  /** Bytes of all keys and values together, with what an entry costs besides. Default 64 MiB. */
  readonly bytesMax?: number;
  /** A longer value is not kept. Default 1 MiB. */
  readonly valueBytesMax?: number;
}

interface Entry {
  readonly value: Uint8Array;
  readonly expiresAtMs: number;
}

/** What the map, the list of the last used and the entry itself take besides key and value, rounded up. */
const entryBytes = 256;

/**
 * A store in this process's memory. When it is full, the entry that was used longest ago goes.
 * Values are copied when they come in; those that it returns must not be changed.
 */
export function createMemoryStore(options: MemoryStoreOptions): ByteStore {
  const { nowMs, bytesMax = 64 * 1024 * 1024, valueBytesMax = 1024 * 1024 } = options;
  const entries = new LRUCache<string, Entry>({
    maxSize: bytesMax,
    // Two bytes for each unit of the key, as a string may need them.
    sizeCalculation: ({ value }, key) => value.byteLength + key.length * 2 + entryBytes,
  });
  let isClosed = false;

  function read(key: string, now: number): Uint8Array | undefined {
    const entry = entries.get(key);
    if (entry !== undefined && entry.expiresAtMs <= now) {
      entries.delete(key);
      return undefined;
    }
    return entry?.value;
  }

  return {
    getMany: async (keys) => {
      const now = nowMs();
      return keys.map((key) => read(key, now));
    },
    set: async (key, value, lifetimeMs) => {
      if (isClosed || !(lifetimeMs > 0) || value.byteLength > valueBytesMax) {
        entries.delete(key);
        return;
      }
      // A copy of its own size: a small Buffer is a view of a pool of 8 KiB, which it would keep alive.
      entries.set(key, { value: Uint8Array.from(value), expiresAtMs: nowMs() + lifetimeMs });
    },
    delete: async (key) => {
      entries.delete(key);
    },
    isHealthy: () => !isClosed,
    close: async () => {
      isClosed = true;
      entries.clear();
    },
  };
}
