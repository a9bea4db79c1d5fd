import { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { type OwnRedis, startOwnRedis } from "../services/redis.ts";
import { describeCache } from "./conduct.ts";
import { openRedisEngine } from "./replica.ts";
import type { Subject } from "./subject.ts";

let redis: OwnRedis;

beforeAll(async () => {
  redis = await startOwnRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  const client = new Redis(redis.url);
  await client.flushall();
  client.disconnect();
});

async function open(bytesMax: number): Promise<Subject> {
  let offsetMs = 0;
  const { engine } = await openRedisEngine({ url: redis.url, bytesMax, nowMs: () => Date.now() + offsetMs });
  return {
    engine,
    advance: (ms) => {
      offsetMs += ms;
    },
  };
}

describeCache("in Redis and memory", () => open(64 * 1024 * 1024));

// So little memory holds no record, so every lookup goes to Redis.
describeCache("in Redis with an empty memory", () => open(512));
