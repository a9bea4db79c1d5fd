import { Redis } from "ioredis";
import type { Log } from "../core/ports.ts";
import type { UsageCounter } from "../core/usage.ts";
import { createMemoryCounter, createRedisCounter } from "./counter.ts";

/** Longest wait for a connection, and between attempts, in milliseconds. */
const connectMs = 1_000;

/** Opens the counter of uses. @param redisUrl Undefined for a hub that counts in its own memory. */
export function openUsage(redisUrl: string | undefined, log: Log): UsageCounter {
  if (redisUrl === undefined) return createMemoryCounter();
  const redis = new Redis(redisUrl, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: connectMs,
    retryStrategy: (attempt) => Math.min(attempt * 100, connectMs),
  });
  let isTold = false;
  redis.on("error", (error: Error) => {
    if (!isTold) log.warn({ error: error.message || error.name }, "usage.connection-failed");
    isTold = true;
  });
  redis.on("ready", () => {
    isTold = false;
  });
  return createRedisCounter(redis);
}
