import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { expect, onTestFinished, test } from "vitest";
import { openRedisLink } from "../../gateway/cache/link.ts";
import { createRedisStore, type RedisStoreOptions } from "../../gateway/cache/redis.ts";
import type { ByteStore } from "../../gateway/core/ports.ts";
import { collectLog, type LogLine } from "../services/log.ts";
import { findFreePort } from "../services/process.ts";
import { type OwnRedis, type RedisOptions, startOwnRedis } from "../services/redis.ts";

const value = Buffer.from("value");

async function startServer(options?: RedisOptions): Promise<OwnRedis> {
  const redis = await startOwnRedis(options);
  onTestFinished(() => redis.stop());
  return redis;
}

function openStore(
  url: string,
  options: Partial<RedisStoreOptions> = {},
): { readonly store: ByteStore; readonly lines: readonly LogLine[] } {
  const { log, lines } = collectLog();
  const link = openRedisLink({ url, isCluster: false, log });
  const store = createRedisStore({ link, nowMs: Date.now, log, openMs: 200, ...options });
  onTestFinished(() => store.close());
  return { store, lines };
}

/** Writes and reads until a read finds what was written. */
async function waitUntilServing(store: ByteStore): Promise<void> {
  const endMs = Date.now() + 20_000;
  for (;;) {
    await store.set("again", value, 60_000);
    const [found] = await store.getMany(["again"]);
    if (found !== undefined) {
      return;
    }
    if (Date.now() > endMs) {
      throw new Error("The store did not come back within 20 s");
    }
    await sleep(20);
  }
}

/** Reads and writes from many sides until `until` is settled; fails when one of them rejects. */
async function runLoad(store: ByteStore, until: Promise<unknown>): Promise<{ readonly hits: number; readonly misses: number }> {
  let isOver = false;
  void until.finally(() => {
    isOver = true;
  });
  let hits = 0;
  let misses = 0;
  const work = async (): Promise<void> => {
    while (!isOver) {
      const [found] = await store.getMany(["again", "other"]);
      if (found === undefined) {
        misses += 1;
      } else {
        hits += 1;
      }
      await store.set("other", value, 60_000);
      await sleep(1);
    }
  };
  await Promise.all(Array.from({ length: 20 }, work));
  await until;
  return { hits, misses };
}

test("a Redis that stands still gives misses, opens the breaker, and is used again when it moves", async () => {
  const redis = await startServer();
  const { store, lines } = openStore(redis.url);
  await waitUntilServing(store);

  redis.pause();
  const paused = await runLoad(store, sleep(3_000));
  expect(paused.hits).toBe(0);
  expect(paused.misses).toBeGreaterThan(20);
  expect(store.isHealthy()).toBe(false);
  expect(lines.map((line) => line.event)).toContain("cache.breaker-open");

  redis.resume();
  await waitUntilServing(store);
  const after = await runLoad(store, sleep(300));
  expect(after.hits).toBeGreaterThan(0);
  expect(store.isHealthy()).toBe(true);
}, 60_000);

test("what is on its way to a Redis that stands still is bounded", async () => {
  const redis = await startServer();
  const { store } = openStore(redis.url, { readsMax: 3, failuresMax: 1_000, writeBytesMax: 1_000, valueBytesMax: 1_000 });
  await waitUntilServing(store);
  redis.pause();
  const reads = Array.from({ length: 10 }, () => store.getMany(["again"]));
  const settled = await Promise.race([Promise.all(reads.slice(3)), Promise.all(reads.slice(0, 3)).then(() => "the first three first")]);
  expect(settled).toEqual(Array.from({ length: 7 }, () => [undefined]));
  const writes = ["k1", "k2", "k3"].map((key) => store.set(key, Buffer.alloc(400), 60_000));
  await Promise.all([...reads, ...writes]);
  redis.resume();
  await waitUntilServing(store);
  const client = new Redis(redis.url, { commandTimeout: 5_000 });
  onTestFinished(() => client.disconnect());
  expect(await client.exists("crossharbour:k3")).toBe(0);
});

test("a Redis that is killed under load gives misses, and is used again when it is back", async () => {
  const redis = await startServer();
  const { store, lines } = openStore(redis.url);
  await waitUntilServing(store);
  const outage = (async () => {
    await sleep(200);
    await redis.kill();
    await sleep(500);
    await redis.restart();
  })();
  const load = await runLoad(store, outage);
  expect(load.misses).toBeGreaterThan(0);
  await waitUntilServing(store);
  expect(store.isHealthy()).toBe(true);
  expect(lines.filter((line) => line.event === "cache.connected")).toHaveLength(2);
}, 60_000);

test("a Redis that is not there yet gives misses, and is used once it is", async () => {
  const port = await findFreePort();
  const { store, lines } = openStore(`redis://127.0.0.1:${port}`);
  for (let round = 0; round < 10; round += 1) {
    expect(await store.getMany(["a", "b"])).toEqual([undefined, undefined]);
    await store.set("a", value, 60_000);
    await store.delete("a");
    await sleep(50);
  }
  expect(store.isHealthy()).toBe(false);
  expect(lines.filter((line) => line.event === "cache.connection-failed")).toHaveLength(1);
  await startServer({ settings: { port: `${port}` } });
  await waitUntilServing(store);
  expect(store.isHealthy()).toBe(true);
}, 60_000);

test("a full Redis refuses writes, which are misses later, and goes on serving what it has", async () => {
  const redis = await startServer({ settings: { maxmemory: "3mb", "maxmemory-policy": "noeviction" } });
  const { store } = openStore(redis.url, { writeMs: 5_000, readMs: 1_000 });
  await waitUntilServing(store);
  const keys = Array.from({ length: 40 }, (_, index) => `big${index}`);
  for (const key of keys) {
    await store.set(key, Buffer.alloc(200_000), 60_000);
  }
  const found = (await store.getMany(keys)).filter((read) => read !== undefined);
  expect(found.length).toBeGreaterThan(0);
  expect(found.length).toBeLessThan(keys.length);
  expect(await store.getMany(["again"])).toEqual([value]);
  expect(store.isHealthy()).toBe(true);
  for (const key of keys) {
    await store.delete(key);
  }
  await store.set("after", value, 60_000);
  expect(await store.getMany(["after"])).toEqual([value]);
});

test("a Redis that refuses the password gives misses and tells it once, without the password, and is used when it takes it", async () => {
  const redis = await startServer({ settings: { requirepass: "right" } });
  const address = new URL(redis.url);
  address.password = "wrong-secret";
  const { store, lines } = openStore(address.href);
  for (let round = 0; round < 10; round += 1) {
    expect(await store.getMany(["a"])).toEqual([undefined]);
    await store.set("a", value, 60_000);
    await sleep(50);
  }
  expect(store.isHealthy()).toBe(false);
  expect(lines).toHaveLength(1);
  expect(JSON.stringify(lines)).toContain("WRONGPASS");
  expect(JSON.stringify(lines)).not.toContain("wrong-secret");

  const client = new Redis(redis.url, { password: "right", commandTimeout: 5_000 });
  onTestFinished(() => client.disconnect());
  await client.config("SET", "requirepass", "wrong-secret");
  await waitUntilServing(store);
}, 60_000);

test("something that is no Redis gives misses", async () => {
  const { createServer } = await import("node:net");
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
  onTestFinished(() => void server.close());
  const { store } = openStore(`redis://127.0.0.1:${port}`);
  for (let round = 0; round < 10; round += 1) {
    expect(await store.getMany(["a"])).toEqual([undefined]);
    await sleep(30);
  }
  expect(store.isHealthy()).toBe(false);
});

test("a value of another type under a key is a miss", async () => {
  const redis = await startServer();
  const { store } = openStore(redis.url, { readMs: 1_000 });
  await waitUntilServing(store);
  const client = new Redis(redis.url, { commandTimeout: 5_000 });
  onTestFinished(() => client.disconnect());
  await client.lpush("crossharbour:list", "x");
  expect(await store.getMany(["list", "again"])).toEqual([undefined, value]);
});
