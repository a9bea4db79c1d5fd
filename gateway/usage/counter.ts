import type { Redis } from "ioredis";
import { RateLimiterMemory, RateLimiterRedis } from "rate-limiter-flexible";
import { HubError } from "../core/errors.ts";
import type { UsageCounter } from "../core/usage.ts";

/** Numbers outlive their day by enough for clocks that differ; the day is part of their key, so nothing is counted twice. In seconds. */
const keptS = 2 * 24 * 60 * 60;

/** Longest that the store may take, in milliseconds. */
const answerMs = 1_000;

/** What is used of the limiters: they count, and what is too much depends on the agreement as it is now. */
type Numbers = Pick<RateLimiterMemory, "penalty" | "reward">;

const settings = { points: 0, duration: keptS, keyPrefix: "hub:usage" };

/**
 * Creates a counter in this process's memory, which forgets with the process: for one hub on one machine.
 * It holds two numbers for each agreement and day, for two days.
 */
export function createMemoryCounter(): UsageCounter {
  return createCounter(new RateLimiterMemory(settings), async () => undefined);
}

/** Creates a counter that all replicas of the hub share. @param redis The counter's own connection; it is closed with it. */
export function createRedisCounter(redis: Redis): UsageCounter {
  const numbers = new RateLimiterRedis({ ...settings, storeClient: redis, rejectIfRedisNotReady: true });
  return createCounter(numbers, async () => redis.disconnect());
}

function createCounter(numbers: Numbers, close: () => Promise<void>): UsageCounter {
  return {
    async count({ agreement, kind, amount, max, day }): Promise<boolean> {
      const key = `${agreement}:${kind}:${day}`;
      const { consumedPoints } = await inTime(numbers.penalty(key, amount));
      if (consumedPoints <= max) return true;
      // Two at once may both be too much and both be taken back: at the limit, rather too few than too many.
      await inTime(numbers.reward(key, amount));
      return false;
    },
    close,
  };
}

async function inTime<Value>(work: Promise<Value>): Promise<Value> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`No answer in ${answerMs} ms.`)), answerMs);
  try {
    return await Promise.race([work, late.promise]);
  } catch (cause) {
    throw new HubError("USAGE_UNAVAILABLE", "What agreements limit by the day can't be counted now; try again later.", {}, cause);
  } finally {
    clearTimeout(timer);
  }
}
