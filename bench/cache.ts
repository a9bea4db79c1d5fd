import { existsSync } from "node:fs";
import { startOwnRedis } from "../test/services/redis.ts";
import { median, type Slice } from "./figures.ts";
import { workloads } from "./graph/workloads.ts";
import { openMarket } from "./market.ts";
import { type Asked, checkAnswer, createRequests, measureSlice } from "./measure.ts";
import { findPort } from "./process.ts";
import { writeTable } from "./table.ts";
import { type Target, targets } from "./targets.ts";

/** How the cache is measured. */
export interface CacheOptions {
  readonly seconds: number;
  readonly rounds: number;
  readonly warmSeconds: number;
  readonly concurrency: number;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
}

/** Settings of the hub for each case. */
async function casesOf(redisUrl: string): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> {
  const nowhere = `redis://127.0.0.1:${await findPort()}`;
  return new Map([
    ["no cache", { CACHE_ENABLED: "false" }],
    ["memory", { CACHE_ENABLED: "true" }],
    ["Redis and memory", { CACHE_ENABLED: "true", REDIS_URL: redisUrl }],
    ["Redis alone", { CACHE_ENABLED: "true", REDIS_URL: redisUrl, CACHE_BYTES_MAX: "0" }],
    ["Redis down", { CACHE_ENABLED: "true", REDIS_URL: nowhere }],
  ]);
}

/**
 * Asks a governed hub (a) again and again, with each kind of cache in turn. Requests are not shared while they are in flight, so that what is saved is the
 * cache's doing. The answer of each is checked first.
 *
 * @returns The table.
 */
export async function runCache(options: CacheOptions): Promise<string> {
  const { signal, say } = options;
  const redis = await startOwnRedis();
  const market = await openMarket({ cores: undefined, nodeOptions: [], signal });
  try {
    const base = targets.find(({ name, sharing }) => name === "hub-governed" && sharing === "off");
    const workload = workloads.find(({ name }) => name === "a");
    if (base === undefined || workload === undefined) throw new Error("The benchmark lacks the governed hub or (a).");
    const asked: Asked[] = [];
    const makeRequest = createRequests(market);
    const cases = [...(await casesOf(redis.url))].map(
      ([name, settings]): Target => ({
        ...base,
        name,
        environment: (place) => ({ ...base.environment(place), ...place.government(name), ...settings }),
      }),
    );
    for (const target of [...cases, ...cachingPeers()]) {
      const { name } = target;
      // One start after the other, as each takes a core.
      const contender = { target, program: await market.start(target), answerBytes: new Map<string, number>() };
      const question = { workload, mode: "equal" } as const;
      const one: Asked = { contender, question, requestAt: makeRequest(contender, question) };
      const fault = await checkAnswer(market, one);
      if (fault !== undefined) throw new Error(`${name}: ${fault}`);
      await measureSlice(market, one, { ...options, seconds: options.warmSeconds });
      asked.push(one);
      say(`${name} is warm`);
    }
    const slices = await measureRounds(options, (one, seconds) => measureSlice(market, one, { ...options, seconds }), asked);
    return describe(slices);
  } finally {
    await market.close();
    await redis.stop();
  }
}

/** Gateways that keep whole answers in memory; none where they aren't installed. */
function cachingPeers(): readonly Target[] {
  if (!existsSync(new URL("peers/node_modules/", import.meta.url))) return [];
  return ["apollo", "hive-rust"].flatMap((peer) => {
    const found = targets.find(({ name, sharing }) => name === peer && sharing !== "on");
    if (found === undefined) return [];
    return [{ ...found, name: `${peer}, whole answers kept`, environment: (place) => ({ ...found.environment(place), CACHE: "on" }) }];
  });
}

type Measure = (one: Asked, seconds: number) => Promise<Slice>;

async function measureRounds({ rounds, seconds, signal, say }: CacheOptions, measure: Measure, asked: readonly Asked[]): Promise<Slice[]> {
  const slices: Slice[] = [];
  for (let round = 0; round < rounds && !signal.aborted; round += 1) {
    for (let index = 0; index < asked.length; index += 1) {
      const one = asked[(index + round) % asked.length];
      // They take turns, another one first each time.
      if (one !== undefined) slices.push(await measure(one, seconds));
    }
    say(`round ${round + 1} of ${rounds}`);
  }
  return slices;
}

function describe(slices: readonly Slice[]): string {
  const names = [...new Set(slices.map(({ target }) => target))];
  const cpuOf = (name: string): number => median(slices.filter(({ target }) => target === name).map(({ cpuMs }) => cpuMs));
  const without = cpuOf(names[0] ?? "");
  const rows = names.map((name) => {
    const own = slices.filter(({ target }) => target === name);
    const cpu = cpuOf(name);
    return [
      name,
      cpu.toFixed(3),
      `${(without / cpu).toFixed(2)}x`,
      median(own.map(({ requestsPerSecond }) => requestsPerSecond)).toFixed(0),
      median(own.map(({ p50Ms }) => p50Ms)).toFixed(1),
      median(own.map(({ callsPerRequest }) => callsPerRequest)).toFixed(2),
    ];
  });
  return writeTable([["(a), equal requests", "CPU ms/request", "requests per CPU s", "requests/s", "p50 ms", "calls/request"], ...rows]);
}
