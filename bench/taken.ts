import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Redis } from "ioredis";
import { exportJWK, generateKeyPair } from "jose";
import { signInvalidation } from "../schema/invalidation.ts";
import { median } from "./figures.ts";
import type { Market } from "./market.ts";
import { writeTable } from "./table.ts";
import type { Target } from "./targets.ts";
import { openConnection, writePost } from "./wire.ts";

/*
 * What entries take in Redis, and what it takes to invalidate a type of which there are many.
 */

const perRequest = 1_000;
const rounds = 15;
const timeoutMs = 30_000;
const megabyte = 1_048_576;
const subgraph = "stores";

/** How much of it. */
export interface TakenOptions {
  readonly entries: number;
  readonly redisUrl: string;
  readonly say: (text: string) => void;
}

/**
 * Fills a hub's cache with entities, first few and then as many as asked for, and invalidates their type each time.
 *
 * @param target A governed hub.
 * @returns The table.
 * @throws {Error} When a lookup after an invalidation is served from the cache.
 */
export async function measureTaken(market: Market, target: Target, options: TakenOptions): Promise<string> {
  const { redisUrl, entries, say } = options;
  const order = await createOrder(market.folder);
  const settings = {
    CACHE_ENABLED: "true",
    REDIS_URL: redisUrl,
    CACHE_BYTES_MAX: String(1_024 * megabyte),
    CACHE_TIMEOUT_MS: "5000",
    DEPARTMENT_KEYS_FILE: order.keysFile,
    LIMIT_COST_MAX: "10000000",
  };
  const program = await market.start({
    ...target,
    name: "hub-filled",
    environment: (place) => ({ ...target.environment(place), ...place.government("filled"), ...settings }),
  });
  const site: Site = { market, port: program.port, client: new Redis(redisUrl), order };
  try {
    await site.client.flushdb();
    const few = await measureFill(site, perRequest);
    say(`${perRequest} entities are kept, and invalidated`);
    const many = await measureFill(site, entries);
    say(`${entries} entities are kept, and invalidated`);
    return describe([few, many]);
  } finally {
    site.client.disconnect();
    await program.stop();
  }
}

interface Order {
  readonly keysFile: string;
  sign(): Promise<string>;
}

async function createOrder(folder: string): Promise<Order> {
  const { privateKey, publicKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
  const keysFile = join(folder, "department-keys.json");
  const kid = `${subgraph}-1`;
  await writeFile(keysFile, JSON.stringify({ [subgraph]: { keys: [{ ...(await exportJWK(publicKey)), kid }] } }));
  const privateJwk = { ...(await exportJWK(privateKey)), kid };
  return { keysFile, sign: () => signInvalidation({ subgraph, items: [{ type: "Ware" }] }, { privateJwk, nowMs: Date.now() }) };
}

interface Site {
  readonly market: Market;
  readonly port: number;
  readonly client: Redis;
  readonly order: Order;
}

interface Filled {
  readonly entries: number;
  readonly bytesEach: number;
  readonly entityBytes: number;
  readonly invalidateMs: number;
}

async function measureFill(site: Site, entries: number): Promise<Filled> {
  const connection = openConnection(site.port, timeoutMs);
  try {
    const before = await readRedis(site.client);
    let entityBytes = 0;
    for (let from = 0; from < entries; from += perRequest) entityBytes = await ask(site, connection, from);
    const after = await settle(site.client, before.keys + entries);
    const times: number[] = [];
    for (let round = 0; round < rounds; round += 1) times.push(await invalidate(site, connection));
    const callsBefore = await site.market.countCalls();
    await ask(site, connection, 0);
    if ((await site.market.countCalls()) === callsBefore) throw new Error("What was invalidated was served from the cache.");
    return {
      entries: after.keys - before.keys,
      bytesEach: (after.bytes - before.bytes) / (after.keys - before.keys),
      entityBytes,
      invalidateMs: median(times),
    };
  } finally {
    connection.close();
  }
}

/** Asks for a thousand wares, of which a second department is asked by their keys. @returns Bytes of one of its entities. */
async function ask({ market }: Site, connection: ReturnType<typeof openConnection>, from: number): Promise<number> {
  const query = `query Fill($from: Int!) { wares(first: ${perRequest}, from: $from) { code stock label } }`;
  const body = JSON.stringify({ query, variables: { from } });
  const headers = { accept: "application/json", ...market.governed.headersAt(0) };
  const { status, body: answer } = await connection.send(writePost({ path: "/graphql", headers, body }));
  const { data } = JSON.parse(answer.toString("utf8")) as { data?: { wares?: readonly object[] } };
  const wares = data?.wares ?? [];
  if (status !== 200 || wares.length !== perRequest) throw new Error(`The hub's answer is wrong: ${answer.toString("utf8", 0, 400)}`);
  return JSON.stringify({ ...wares[0], code: undefined }).length;
}

async function readRedis(client: Redis): Promise<{ readonly keys: number; readonly bytes: number }> {
  const memory = /used_memory:(\d+)/.exec(await client.info("memory"))?.[1];
  return { keys: await client.dbsize(), bytes: Number(memory) };
}

/** Writes go on behind answers: waits until all are there. */
async function settle(client: Redis, keys: number): ReturnType<typeof readRedis> {
  const endMs = Date.now() + timeoutMs;
  while ((await client.dbsize()) < keys && Date.now() < endMs) await new Promise((resolve) => setTimeout(resolve, 50));
  return await readRedis(client);
}

async function invalidate({ order }: Site, connection: ReturnType<typeof openConnection>): Promise<number> {
  const request = writePost({ path: "/invalidate", headers: {}, body: JSON.stringify({ token: await order.sign() }) });
  const startMs = performance.now();
  const { status, body } = await connection.send(request);
  const elapsedMs = performance.now() - startMs;
  if (status !== 200) throw new Error(`The hub refused an invalidation: ${body.toString("utf8", 0, 400)}`);
  return elapsedMs;
}

function describe(fills: readonly Filled[]): string {
  return writeTable([
    ["entities kept in memory and Redis", "bytes of one as JSON", "bytes in Redis", "ms to invalidate their type"],
    ...fills.map(({ entries, entityBytes, bytesEach, invalidateMs }) => [
      String(entries),
      String(entityBytes),
      bytesEach.toFixed(0),
      invalidateMs.toFixed(2),
    ]),
  ]);
}
