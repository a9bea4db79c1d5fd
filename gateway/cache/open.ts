import type { Log } from "../core/ports.ts";
import type { CacheEngine } from "./engine.ts";
import { createMemoryEpochs } from "./epochs.ts";
import { type FollowedTable, followEpochs, levels } from "./follow.ts";
import { openRedisLink, type RedisLink } from "./link.ts";
import { createRedisStore } from "./redis.ts";
import { createSealer } from "./seal.ts";
import { createSealedStore } from "./sealed.ts";
import { createRecordMemory } from "./shelf.ts";

/** What an engine is opened with, wherever it keeps things. */
export interface EngineOptions extends Pick<CacheEngine, "nowMs" | "random" | "negativeMs" | "count"> {
  /** Bytes of this process's memory. */
  readonly bytesMax: number;
  /** 32 random bytes. */
  readonly newSecret: () => Uint8Array;
}

/** What an engine is opened with that shares what it keeps. */
export interface SharedEngineOptions extends EngineOptions, Pick<CacheEngine, "isStrict" | "leaseWaitMs"> {
  readonly url: string;
  readonly isCluster: boolean;
  /** At least 32 bytes each, shared by all hubs: the current one first, then those that records may still be kept under. */
  readonly secrets: readonly Uint8Array[];
  /** Milliseconds of a clock that never goes back. */
  readonly monotonicMs: () => number;
  /** How long a lookup waits for Redis, in milliseconds. */
  readonly readMs: number;
  readonly log: Log;
}

/** An engine on Redis. */
export interface SharedEngine {
  readonly engine: CacheEngine;
  readonly table: FollowedTable;
  readonly link: RedisLink;
  isHealthy(): boolean;
  close(): Promise<void>;
}

/** How often changes of the epochs are asked for, and how old they may be before every lookup asks, in milliseconds. */
const pollMs = 50;
const lagMsMax = 200;
/** How long an invalidation may take, in milliseconds. */
const writeMs = 1_000;

/** Opens an engine that keeps things in this process's memory alone. */
export function openMemoryEngine(options: EngineOptions): CacheEngine {
  const table = createMemoryEpochs(Buffer.from(options.newSecret()).toString("hex", 0, 8));
  return { ...ownParts(options), table, store: undefined, isStrict: false, leaseWaitMs: 0 };
}

/** Opens an engine that shares what it keeps with the other hubs of one Redis, and has it at hand in memory. */
export function openSharedEngine(options: SharedEngineOptions): SharedEngine {
  const { url, isCluster, log, monotonicMs, newSecret, readMs, nowMs, secrets, isStrict, leaseWaitMs } = options;
  const link = openRedisLink({ url, isCluster, log });
  const own = ownParts(options);
  const onShred = (level: string): void => own.memory.clear((key) => key.startsWith(`l${level.length}:${level}`));
  const table = followEpochs({ link, monotonicMs, newSecret, log, pollMs, lagMsMax, readMs, writeMs, onShred });
  const bytes = createRedisStore({ link, nowMs, log, readMs });
  const newNonce = (): Uint8Array => newSecret().subarray(0, 12);
  const sealer = createSealer({
    secrets,
    saltOf: (level) => (level === "EVERY" ? joinedSalt(table) : table.saltOf(level)),
    nowMs,
    newNonce,
  });
  const store = createSealedStore({ store: bytes, sealer, link, readMs, nowMs });
  return {
    engine: { ...own, table, store, isStrict, leaseWaitMs },
    table,
    link,
    isHealthy: () => bytes.isHealthy() && !table.isDown(),
    close: async () => {
      table.close();
      await bytes.close();
    },
  };
}

/** @returns Undefined while any level has none. */
function joinedSalt(table: FollowedTable): string | undefined {
  const salts = levels.map((level) => table.saltOf(level));
  return salts.includes(undefined) ? undefined : salts.join(" ");
}

function ownParts({
  bytesMax,
  negativeMs,
  nowMs,
  random,
  count,
}: EngineOptions): Omit<CacheEngine, "table" | "store" | "isStrict" | "leaseWaitMs"> {
  return { memory: createRecordMemory(bytesMax), negativeMs, nowMs, random, count, refreshing: new Set() };
}
