import { randomBytes } from "node:crypto";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { UsageCounter, Use } from "../../gateway/core/usage.ts";
import { createMemoryCounter, createRedisCounter } from "../../gateway/usage/counter.ts";
import { type RedisService, startRedis } from "../services/redis.ts";

let redis: RedisService;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

async function connect(): Promise<Redis> {
  const client = new Redis(redis.url, { enableOfflineQueue: false, maxRetriesPerRequest: 0 });
  client.on("error", () => undefined);
  await new Promise<void>((resolve) => client.once("ready", () => resolve()));
  return client;
}

describe.each([
  ["memory", async (): Promise<UsageCounter> => createMemoryCounter()],
  ["Redis", async (): Promise<UsageCounter> => createRedisCounter(await connect())],
])("a counter in %s", (_name, make) => {
  const opened: UsageCounter[] = [];
  const open = async (): Promise<UsageCounter> => {
    const counter = await make();
    opened.push(counter);
    return counter;
  };
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((counter) => counter.close()));
  });
  const use = (more: Partial<Use> = {}): Use => ({ agreement: "A-1", kind: "subjects", amount: 1, max: 10, day: "2026-11-24", ...more });
  const named = (): string => `A-${randomBytes(6).toString("hex")}`;

  test("refuses what is more than the day has left, and counts nothing of it", async () => {
    const counter = await open();
    const agreement = named();
    expect(await counter.count(use({ agreement, amount: 11 }))).toBe(false);
    expect(await counter.count(use({ agreement, amount: 6 }))).toBe(true);
    expect(await counter.count(use({ agreement, amount: 5 }))).toBe(false);
    expect(await counter.count(use({ agreement, amount: 4 }))).toBe(true);
    expect(await counter.count(use({ agreement, amount: 1 }))).toBe(false);
  });

  test("counts each agreement, kind and day by itself", async () => {
    const counter = await open();
    const agreement = named();
    expect(await counter.count(use({ agreement, amount: 10 }))).toBe(true);
    expect(await counter.count(use({ agreement: named(), amount: 10 }))).toBe(true);
    expect(await counter.count(use({ agreement, kind: "requests", amount: 10 }))).toBe(true);
    expect(await counter.count(use({ agreement, day: "2026-11-25", amount: 10 }))).toBe(true);
    expect(await counter.count(use({ agreement, amount: 1 }))).toBe(false);
  });

  test("never lets more through than there is, however many ask at once", async () => {
    const counter = await open();
    const agreement = named();
    const answers = await Promise.all(Array.from({ length: 50 }, () => counter.count(use({ agreement }))));
    expect(answers.filter(Boolean).length).toBe(10);
  });

  test("follows a limit that an agreement's new version changes", async () => {
    const counter = await open();
    const agreement = named();
    expect(await counter.count(use({ agreement, amount: 10 }))).toBe(true);
    expect(await counter.count(use({ agreement, amount: 5, max: 12 }))).toBe(false);
    expect(await counter.count(use({ agreement, amount: 5, max: 15 }))).toBe(true);
  });
});

test("replicas that share a Redis share its numbers, and a Redis that is gone lets nothing through", async () => {
  const client = await connect();
  const [one, other] = [createRedisCounter(client), createRedisCounter(await connect())];
  const use: Use = { agreement: "A-SHARED", kind: "requests", amount: 3, max: 5, day: "2026-11-24" };
  expect(await one.count(use)).toBe(true);
  expect(await other.count(use)).toBe(false);
  await one.close();
  await expect(one.count(use)).rejects.toMatchObject({ code: "USAGE_UNAVAILABLE" });
  await other.close();
});
