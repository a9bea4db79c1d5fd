import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll } from "vitest";
import { openRedisLink } from "../../gateway/cache/link.ts";
import { createRedisStore } from "../../gateway/cache/redis.ts";
import type { ByteStore } from "../../gateway/core/ports.ts";
import { collectLog } from "../services/log.ts";
import { type RedisService, startRedis } from "../services/redis.ts";
import { describeByteStore } from "./conformance.ts";

let redis: RedisService;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

async function waitUntilReady(store: ByteStore): Promise<void> {
  for (let attempt = 0; !store.isHealthy() && attempt < 500; attempt += 1) {
    await sleep(10);
  }
}

describeByteStore("Redis", {
  make: async ({ valueBytesMax }) => {
    const prefix = `test:${randomBytes(8).toString("hex")}:`;
    // Deadlines that a busy test machine keeps; those of service are tested with a Redis that fails.
    const waits = { readMs: 5_000, writeMs: 5_000 };
    const { log } = collectLog();
    const link = openRedisLink({ url: redis.url, isCluster: false, log });
    const store = createRedisStore({ link, nowMs: Date.now, log, prefix, valueBytesMax, ...waits });
    await waitUntilReady(store);
    return { store, advance: (ms) => sleep(ms) };
  },
});
