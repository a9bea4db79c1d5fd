import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { expect, onTestFinished, test } from "vitest";
import type { SharedEngine } from "../../gateway/cache/open.ts";
import { TABLE_KEYS } from "../../gateway/cache/scripts.ts";
import { type OwnRedis, startOwnRedis } from "../services/redis.ts";
import { openRedisEngine, type RedisEngineParts, waitUntil } from "./replica.ts";
import { buildTown, createFacts, type Facts, type Town } from "./town.ts";

const operation = `{ park(id: "1") { colour } }`;
const item = { type: "Park", key: { id: "1" } };

/** How soon an invalidation must count everywhere, with what timers of a busy machine may be late by. */
const guaranteeMs = 250;

async function startServer(): Promise<{ redis: OwnRedis; client: Redis }> {
  const redis = await startOwnRedis();
  const client = new Redis(redis.url, { retryStrategy: () => 50 });
  client.on("error", () => undefined);
  onTestFinished(async () => {
    client.disconnect();
    await redis.stop();
  });
  return { redis, client };
}

interface Replica {
  readonly shared: SharedEngine;
  readonly town: Town;
}

async function openReplicas(
  count: number,
  parts: RedisEngineParts,
): Promise<{ readonly replicas: readonly Replica[]; readonly facts: Facts }> {
  const facts = createFacts();
  const replicas = await Promise.all(
    Array.from({ length: count }, async () => {
      const shared = await openRedisEngine(parts);
      return { shared, town: buildTown(shared.engine, facts) };
    }),
  );
  return { replicas, facts };
}

const colourOf = (data: unknown): string => (data as { park: { colour: string } }).park.colour;

function paint({ parks }: Facts, colour: string): void {
  const park = parks.get("1");
  if (park !== undefined) park.colour = colour;
}

test("what one hub has fetched another one serves", async () => {
  const { redis } = await startServer();
  const { replicas } = await openReplicas(2, { url: redis.url });
  const [one, other] = replicas;
  await one?.town.ask(operation);
  expect(await other?.town.ask(operation)).toMatchObject({ data: { park: { colour: "green" } }, calls: [] });
});

test("nothing that is invalidated at one hub is served by another one from 250 ms on, under load", async () => {
  const { redis } = await startServer();
  const { replicas, facts } = await openReplicas(2, { url: redis.url });
  const [one, other] = replicas;
  const wrongs: string[] = [];
  for (let round = 1; round <= 20; round += 1) {
    await Promise.all(replicas.map(({ town }) => town.ask(operation)));
    paint(facts, String(round));
    expect(await one?.town.invalidate("parks", item)).toBeDefined();
    // The hub that was told serves nothing older from now on.
    if (colourOf((await one?.town.ask(operation))?.data) !== String(round)) wrongs.push(`${round}: at the hub that was told`);
    await sleep(guaranteeMs);
    if (colourOf((await other?.town.ask(operation))?.data) !== String(round)) wrongs.push(`${round}: at the other hub`);
  }
  expect(wrongs).toEqual([]);
}, 60_000);

test("a strict hub serves nothing that was invalidated before it was asked", async () => {
  const { redis } = await startServer();
  const { replicas, facts } = await openReplicas(2, { url: redis.url, isStrict: true });
  const [one, other] = replicas;
  for (let round = 1; round <= 30; round += 1) {
    await Promise.all(replicas.map(({ town }) => town.ask(operation)));
    paint(facts, String(round));
    await one?.town.invalidate("parks", item);
    expect(colourOf((await other?.town.ask(operation))?.data)).toBe(String(round));
  }
  expect((await other?.town.ask(operation))?.calls).toEqual([]);
}, 60_000);

test("a caller who shows the mark of an invalidation is served nothing older, wherever he asks", async () => {
  const { redis } = await startServer();
  const { replicas, facts } = await openReplicas(2, { url: redis.url });
  const [one, other] = replicas;
  for (let round = 1; round <= 30; round += 1) {
    await Promise.all(replicas.map(({ town }) => town.ask(operation)));
    paint(facts, String(round));
    const seenMark = await one?.town.invalidate("parks", item);
    expect(colourOf((await other?.town.ask(operation, { seenMark }))?.data)).toBe(String(round));
  }
}, 60_000);

test("a hub that can't follow serves nothing of what it keeps, and answers all the same", async () => {
  const { redis } = await startServer();
  const { replicas, facts } = await openReplicas(1, { url: redis.url, readMs: 25 });
  const [only] = replicas;
  await only?.town.ask(operation);
  redis.pause();
  await sleep(400);
  paint(facts, "new");
  const { data, collected } = (await only?.town.ask(operation)) ?? {};
  expect([colourOf(data), collected?.cacheReason]).toEqual(["new", "unavailable"]);
  redis.resume();
  await waitUntil(() => only?.shared.table.isFresh() === true);
});

test.each([
  ["flushed", async (client: Redis): Promise<unknown> => client.flushall()],
  ["robbed of its table alone", async (client: Redis): Promise<unknown> => client.del(TABLE_KEYS[0])],
  ["robbed of its log alone", async (client: Redis): Promise<unknown> => client.del(TABLE_KEYS[1])],
])("a Redis that is %s costs misses and nothing else", async (_what, harm) => {
  const { redis, client } = await startServer();
  const { replicas, facts } = await openReplicas(2, { url: redis.url });
  const [one, other] = replicas;
  await Promise.all(replicas.map(({ town }) => town.ask(operation)));
  await one?.town.invalidate("parks", { tag: "anything" });
  paint(facts, "new");
  await one?.town.invalidate("parks", item);
  await harm(client);
  await sleep(guaranteeMs);
  for (const replica of [one, other]) expect(colourOf((await replica?.town.ask(operation))?.data)).toBe("new");
  paint(facts, "newer");
  await one?.town.invalidate("parks", item);
  await sleep(guaranteeMs);
  expect(colourOf((await other?.town.ask(operation))?.data)).toBe("newer");
});

test("a restarted Redis that comes back with an older state makes nothing valid that was invalidated", async () => {
  const { redis, client } = await startServer();
  const { replicas, facts } = await openReplicas(1, { url: redis.url, bytesMax: 512 });
  const [only] = replicas;
  await only?.town.ask(operation);
  await waitUntil(async () => (await client.keys("crossharbour:*")).length > 1);
  const keys = await client.keys("crossharbour:*");
  const before = await Promise.all(keys.map(async (key) => [key, await client.dumpBuffer(key)] as const));
  paint(facts, "new");
  await only?.town.invalidate("parks", item);
  await redis.kill();
  await redis.restart();
  await waitUntil(async () => (await client.ping().catch(() => "")) === "PONG");
  await client.flushall();
  for (const [key, bytes] of before) await client.restore(key, 0, bytes ?? "", "REPLACE");
  await waitUntil(() => only?.shared.table.isFresh() === true);
  expect(colourOf((await only?.town.ask(operation))?.data)).toBe("new");
}, 60_000);

test("an invalidation that can't be kept is refused, counts at its own hub at once, and everywhere once Redis is back", async () => {
  const { redis } = await startServer();
  const { replicas, facts } = await openReplicas(2, { url: redis.url });
  const [one, other] = replicas;
  await Promise.all(replicas.map(({ town }) => town.ask(operation)));
  redis.pause();
  paint(facts, "new");
  expect(await one?.town.invalidate("parks", item)).toBeUndefined();
  redis.resume();
  await waitUntil(() => replicas.every(({ shared }) => shared.table.isFresh()));
  expect(colourOf((await one?.town.ask(operation))?.data)).toBe("new");
  await waitUntil(async () => colourOf((await other?.town.ask(operation))?.data) === "new");
}, 60_000);

test("a level whose keys are forgotten is gone at every hub, from Redis and from memory, and the others are not", async () => {
  const { redis } = await startServer();
  const { replicas } = await openReplicas(2, { url: redis.url });
  const [one, other] = replicas;
  const person = `{ person(ref: "A") { name } }`;
  for (const { town } of replicas) {
    await town.ask(person, { asker: "a" });
    await town.ask(operation);
  }
  expect(await one?.shared.table.shred("RESTRICTED")).toBe(true);
  await sleep(guaranteeMs);
  expect((await other?.town.ask(operation))?.calls).toEqual([]);
  expect((await other?.town.ask(person, { asker: "a" }))?.calls).toHaveLength(1);
});

test("records are found while the key is changed under traffic, and never answered wrongly", async () => {
  const { redis } = await startServer();
  const [older, newer] = [randomBytes(32), randomBytes(32)];
  const { replicas: before } = await openReplicas(1, { url: redis.url, secrets: [older], bytesMax: 512 });
  await before[0]?.town.ask(operation);
  const { replicas: during } = await openReplicas(1, { url: redis.url, secrets: [newer, older], bytesMax: 512 });
  expect((await during[0]?.town.ask(operation))?.calls).toEqual([]);
  await during[0]?.town.ask(`{ park(id: "2") { colour } }`);
  const { replicas: after } = await openReplicas(1, { url: redis.url, secrets: [newer], bytesMax: 512 });
  expect((await after[0]?.town.ask(operation))?.calls).toHaveLength(1);
  expect((await after[0]?.town.ask(`{ park(id: "2") { colour } }`))?.calls).toEqual([]);
});

test("many hubs that miss the same open data at once ask for it once", async () => {
  const { redis } = await startServer();
  const { replicas } = await openReplicas(4, { url: redis.url, leaseWaitMs: 2_000 });
  for (const { town } of replicas) town.hold = () => sleep(50);
  const answers = await Promise.all(replicas.map(({ town }) => town.ask(operation)));
  expect(answers.map(({ data }) => colourOf(data))).toEqual(["green", "green", "green", "green"]);
  expect(answers.flatMap(({ calls }) => calls)).toHaveLength(1);
});

test("an entity of 300 bytes takes less than 700 bytes in Redis, its key and its place in there included", async () => {
  const { redis, client } = await startServer();
  const { replicas, facts } = await openReplicas(1, { url: redis.url });
  facts.people.set("A", { name: "n".repeat(270), age: 1 });
  await replicas[0]?.town.ask(`{ person(ref: "A") { name age ref } }`, { asker: "housing" });
  await waitUntil(async () => (await client.dbsize()) > 1);
  const [key = ""] = (await client.keys("crossharbour:*")).filter((name) => !name.includes("epochs"));
  expect(await client.memory("USAGE", key)).toBeLessThan(700);
});

test("neither keys nor values in Redis show what was asked or answered", async () => {
  const { redis, client } = await startServer();
  const { replicas, facts } = await openReplicas(1, { url: redis.url });
  facts.people.set("Z9876543", { name: "Chan Siu Ming", age: 1 });
  await replicas[0]?.town.ask(`{ person(ref: "Z9876543") { name } }`, { asker: "housing" });
  await waitUntil(async () => (await client.dbsize()) > 1);
  const keys = await client.keys("*");
  const values = await Promise.all(keys.map(async (key) => (await client.dumpBuffer(key))?.toString("latin1") ?? ""));
  const all = [...keys, ...values].join("\n");
  for (const secret of ["Z9876543", "Chan", "Siu Ming", "Person", "housing"]) expect(all).not.toContain(secret);
});

test("invalidating a type changes a few fields, however many records there are", async () => {
  const { redis, client } = await startServer();
  const { replicas } = await openReplicas(1, { url: redis.url });
  await replicas[0]?.town.ask(operation);
  await waitUntil(async () => (await client.dbsize()) > 1);
  const before = await client.dbsize();
  await replicas[0]?.town.invalidate("parks", { type: "Park" });
  // Nothing is deleted, listed or scanned.
  const statistics = await client.info("commandstats");
  expect(statistics).not.toMatch(/cmdstat_(?:scan|keys|unlink|smembers):/);
  expect([await client.dbsize(), await client.hlen(TABLE_KEYS[0])]).toEqual([before + 1, 5 + 4]);
});
