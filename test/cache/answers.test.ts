import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { SharedStore } from "../../gateway/cache/engine.ts";
import type { SharedAnswers } from "../../gateway/core/ports.ts";
import type { Gathered } from "../../gateway/pipeline/gathered.ts";
import { createKeptAnswers, type KeptAnswers } from "../../gateway/pipeline/kept.ts";
import { startWorld } from "../hub/world.ts";
import { type RedisService, startRedis } from "../services/redis.ts";
import { openRedisEngine, waitUntil } from "./replica.ts";

let redis: RedisService;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis?.stop());

async function openAnswers(): Promise<SharedAnswers & { shred(level: "OPEN" | "RESTRICTED" | "CONFIDENTIAL"): Promise<boolean> }> {
  const { engine, table } = await openRedisEngine({ url: redis.url });
  const { store } = engine;
  if (store === undefined) throw new Error("The engine shares nothing.");
  return {
    read: (key) => store.readAnswer(key),
    write: (key, bytes, lifetimeMs) => store.writeAnswer(key, bytes, lifetimeMs),
    shred: (level) => table.shred(level),
  };
}

const words = "an answer with a name in it";

async function put(answers: SharedAnswers, key: string): Promise<void> {
  answers.write(key, Buffer.from(words), 60_000);
  await waitUntil(async () => (await answers.read(key)) !== undefined);
}

test("an answer that one hub has written another one reads, under its own key alone", async () => {
  const [one, other] = [await openAnswers(), await openAnswers()];
  await put(one, "operation 1");
  expect(Buffer.from((await other.read("operation 1")) ?? []).toString()).toBe(words);
  expect(await other.read("operation 2")).toBeUndefined();
});

test("an answer of before the hub's key was changed is not read: its pseudonyms are of that key", async () => {
  const [earlier, later] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  const open = async (secrets: readonly Uint8Array[]): Promise<SharedStore> => {
    const { engine } = await openRedisEngine({ url: redis.url, secrets });
    if (engine.store === undefined) throw new Error("The engine shares nothing.");
    return engine.store;
  };
  const [before, after] = [await open([earlier]), await open([later, earlier])];
  before.writeAnswer("changed", Buffer.from(words), 60_000);
  await waitUntil(async () => (await before.readAnswer("changed")) !== undefined);
  expect(await after.readAnswer("changed")).toBeUndefined();
});

test("an answer that was moved to another key is not read, and none can be read in Redis", async () => {
  const answers = await openAnswers();
  const client = new Redis(redis.url);
  try {
    const before = new Set(await client.keys("crossharbour:*"));
    await put(answers, "mine");
    const [mine = ""] = (await client.keys("crossharbour:*")).filter((name) => !before.has(name));
    await put(answers, "yours");
    const names = (await client.keys("crossharbour:*")).filter((name) => !before.has(name));
    expect(names).toHaveLength(2);
    const bytes = await client.getBuffer(mine);
    expect(names.some((name) => name.includes("mine")) || (bytes?.includes("answer") ?? true)).toBe(false);
    for (const name of names) await client.set(name, bytes ?? "");
    expect(Buffer.from((await answers.read("mine")) ?? []).toString()).toBe(words);
    expect(await answers.read("yours")).toBeUndefined();
  } finally {
    client.disconnect();
  }
});

test.each(["OPEN", "RESTRICTED", "CONFIDENTIAL"] as const)(
  "answers are gone once the keys of %s are, as they may hold data of it",
  async (level) => {
    const [one, other] = [await openAnswers(), await openAnswers()];
    await put(one, level);
    expect(await one.shred(level)).toBe(true);
    expect(await one.read(level)).toBeUndefined();
    await waitUntil(async () => (await other.read(level)) === undefined);
  },
);

test("an answer comes back from Redis as it was kept, counts and age included", async () => {
  const gathered: Gathered = {
    collected: {
      subgraphs: ["a", "b"],
      fetches: 0,
      epoch: undefined,
      cacheHits: 3,
      cacheMisses: 0,
      cacheStale: 0,
      cacheReason: undefined,
      cacheExpiresAtMs: Date.now() + 60_000,
      oldestFetchedAtMs: Date.now() - 5_000,
    },
    projected: { data: Buffer.from('{"name":"\u6e2f"}'), problems: [], counted: { subjects: new Map([["agreement-1", 4]]), matched: 2 } },
  };
  const open = async (): Promise<KeptAnswers> => {
    const shared = await openAnswers();
    return createKeptAnswers({ bytesMax: 0, shared, nowMs: Date.now, count: () => undefined });
  };
  const [one, other] = [await open(), await open()];
  one.keep("kept", gathered);
  await waitUntil(async () => (await other.findShared?.("kept")) !== undefined);
  expect(await other.findShared?.("kept")).toEqual(gathered);
  expect(other.find("kept")).toBeUndefined();
});

test("a hub without memory for it serves whole answers from Redis", async () => {
  const world = await startWorld({
    departments: ["transport"],
    settings: { REDIS_URL: redis.url, CACHE_BYTES_MAX: "0", CACHE_TIMEOUT_MS: "2000", CACHE_LEASE_WAIT_MS: "0" },
  });
  try {
    await waitUntil(async () => ((await (await fetch(`${world.hubUrl}/ready`)).json()) as { cache: string }).cache === "healthy");
    const ask = (): ReturnType<typeof world.ask> =>
      world.ask({ operation: "{ carParks(first: 3) { id name { en } } }", client: "stats-analyst", caseReference: null });
    const hits = async (): Promise<number> => {
      const text = await (await fetch(`${world.hubUrl}/metrics`)).text();
      return Number(/hub_cache_answers_total\{result="hit-store"\} (\d+)/.exec(text)?.[1] ?? 0);
    };
    const first = await ask();
    await waitUntil(async () => {
      await ask();
      return (await hits()) > 0;
    });
    const kept = await ask();
    expect(kept.data).toEqual(first.data);
    expect(kept.headers.get("cache-status")).toMatch(/^crossharbour; hit/);
    expect(world.counts.calls).toEqual(["transport"]);
  } finally {
    await world.close();
  }
});
