import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { exportJWK, generateKeyPair, type JWK } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type JournalEntry, readJournal } from "../../gateway/audit/read.ts";
import { ORDERS_KEY } from "../../gateway/cache/stream.ts";
import type { AuditRecord } from "../../gateway/core/record.ts";
import { type Invalidation, signInvalidation } from "../../schema/invalidation.ts";
import { ANCHOR_APPLICATION, ANCHOR_MARK } from "../../subgraphs/kit/population/anchors.ts";
import type { Answer } from "../hub/ask.ts";
import { startWorld, type World } from "../hub/world.ts";
import { NOW_MS } from "../identity/issuer.ts";
import { type RedisService, startRedis } from "../services/redis.ts";
import { waitUntil } from "./replica.ts";

let redis: RedisService;
let folder: string;
let world: World;
let key: JWK;

beforeAll(async () => {
  redis = await startRedis();
  folder = await mkdtemp(join(tmpdir(), "cache-"));
  const pair = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
  key = { ...(await exportJWK(pair.privateKey)), kid: "transport-1" };
  const keys = { transport: { keys: [{ ...(await exportJWK(pair.publicKey)), kid: "transport-1" }] } };
  await writeFile(join(folder, "keys.json"), JSON.stringify(keys));
  world = await startWorld({
    settings: { REDIS_URL: redis.url, DEPARTMENT_KEYS_FILE: join(folder, "keys.json"), CACHE_TIMEOUT_MS: "2000", CACHE_LEASE_WAIT_MS: "0" },
  });
  await waitUntil(async () => ((await (await fetch(`${world.hubUrl}/ready`)).json()) as { cache: string }).cache === "healthy");
});
afterAll(async () => {
  await world?.close();
  await redis?.stop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => world.clearCounts());

const carParks = `{ carParks(first: 3) { id name { en } } }`;

const analyst = (operation: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> =>
  world.ask({ operation, client: "stats-analyst", caseReference: null, headers });

async function tokenOf(items: readonly Invalidation[], subgraph = "transport"): Promise<string> {
  return await signInvalidation({ subgraph, items }, { privateJwk: key, nowMs: NOW_MS });
}

const send = (token: unknown): Promise<Response> =>
  fetch(`${world.hubUrl}/invalidate`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ token }) });

describe("an order that isn't a department's", () => {
  const refused: readonly (readonly [string, () => Promise<unknown>, number])[] = [
    ["no token", async () => undefined, 400],
    ["text that is no token", async () => "token", 403],
    ["the name of another department", () => tokenOf([{ all: true }], "immigration"), 403],
    ["a signature that was cut", async () => (await tokenOf([{ all: true }])).slice(0, -4), 403],
    [
      "a token of an hour ago",
      () => signInvalidation({ subgraph: "transport", items: [{ all: true }] }, { privateJwk: key, nowMs: NOW_MS - 3_600_000 }),
      403,
    ],
    [
      "a token of tomorrow",
      () => signInvalidation({ subgraph: "transport", items: [{ all: true }] }, { privateJwk: key, nowMs: NOW_MS + 86_400_000 }),
      403,
    ],
    ["no items", () => tokenOf([]), 403],
  ];

  test.each(refused)("is refused: %s", async (_what, make, status) => {
    await analyst(carParks);
    const response = await send(await make());
    expect(response.status).toBe(status);
    expect((await analyst(carParks)).headers.get("cache-status")).toMatch(/^crossharbour; hit/);
  });
});

test("the same question twice is a hit with its age, and an invalidation makes the next one a miss", async () => {
  await analyst(carParks);
  world.clearCounts();
  const hit = await analyst(carParks);
  expect([hit.headers.get("cache-status"), hit.headers.get("age"), world.counts.calls]).toEqual([
    expect.stringMatching(/^crossharbour; hit; ttl=3[2-6]\d\d$/),
    "0",
    [],
  ]);
  expect(hit.headers.get("cache-control")).toBe("private, no-store");
  const response = await send(await tokenOf([{ type: "CarPark" }]));
  const mark = response.headers.get("hub-epoch") ?? "";
  expect([response.status, await response.json()]).toEqual([200, { epoch: mark }]);
  const miss = await analyst(carParks, { "hub-epoch": mark });
  expect([miss.headers.get("cache-status"), miss.headers.get("age"), world.counts.calls]).toEqual([
    "crossharbour; fwd=miss; detail=epoch",
    null,
    ["transport"],
  ]);
});

test("a mark that can't be one is refused", async () => {
  const { status, errors } = await analyst(carParks, { "hub-epoch": "yesterday" });
  expect([status, errors[0]?.extensions.code]).toEqual([400, "HEADER_INVALID"]);
});

test("orders that a department leaves in its stream are done, and those that nobody signed are thrown away", async () => {
  const client = new Redis(redis.url);
  try {
    await analyst(carParks);
    await client.xadd(ORDERS_KEY, "*", "token", "rubbish");
    await client.xadd(ORDERS_KEY, "*", "token", await tokenOf([{ tag: "car-parks" }]));
    await waitUntil(async () => (await client.xlen(ORDERS_KEY)) === 0);
    await sleep(250);
    expect((await analyst(carParks)).headers.get("cache-status")).toBe("crossharbour; fwd=miss; detail=epoch");
  } finally {
    client.disconnect();
  }
});

test("what a bureau asked of a person is kept for itself, and no hit for another one", async () => {
  // The vehicle's owner is a member of the application's household.
  const household = `query ($number: ID!) { prhApplication(number: $number) { members { name { en } } } }`;
  const licence = `query ($mark: ID!) { vehicle(mark: $mark) { owner { name { en } } } }`;
  const housing = { operation: household, variables: { number: ANCHOR_APPLICATION } };
  const transport = { operation: licence, variables: { mark: ANCHOR_MARK }, client: "transport-licensing" };
  const calls = async (ask: Parameters<World["ask"]>[0]): Promise<readonly string[]> => {
    world.clearCounts();
    const { status, errors } = await world.ask(ask);
    expect([status, errors]).toEqual([200, []]);
    return world.counts.calls.toSorted();
  };
  expect(await calls(housing)).toEqual(["housing", "immigration"]);
  expect(await calls(housing)).toEqual(["housing"]);
  expect(await calls(transport)).toEqual(["immigration", "transport"]);
  expect(await calls(transport)).toEqual(["transport"]);
});

test("a hit rests on the agreements that a miss rests on, and is recorded like one", async () => {
  const ask = {
    operation: `query ($number: ID!) { prhApplication(number: $number) { members { name { tc } } } }`,
    variables: { number: ANCHOR_APPLICATION },
  };
  const miss = await world.ask(ask);
  const hit = await world.ask(ask);
  expect(hit.data).toEqual(miss.data);
  const basis = ({ extensions }: Answer): unknown => ({ ...(extensions["hub"] as object), dataAgeSeconds: undefined });
  expect(basis(hit)).toEqual(basis(miss));
  const entries: JournalEntry[] = [];
  for await (const entry of readJournal(world.journalDir)) entries.push(entry);
  const [one, other] = entries.slice(-2).map(({ record }) => record as AuditRecord);
  expect([one?.cacheHits, (other?.cacheHits ?? 0) > 0]).toEqual([0, true]);
  const told = ({ released, agreements, withheld, subgraphs, outcome }: AuditRecord): unknown => ({
    released,
    agreements,
    withheld,
    subgraphs,
    outcome,
  });
  expect(other === undefined ? undefined : told(other)).toEqual(one === undefined ? undefined : told(one));
});

test("lookups are counted by subgraph, type and result", async () => {
  await analyst(carParks);
  await analyst(carParks);
  const text = await (await fetch(`${world.hubUrl}/metrics`)).text();
  expect(text).toMatch(/hub_cache_lookups_total\{subgraph="transport",what="Query\.carParks",result="hit-memory"\} \d+/);
});
