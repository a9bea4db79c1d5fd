import { existsSync } from "node:fs";
import { startOwnRedis } from "../test/services/redis.ts";
import { median, type Slice } from "./figures.ts";
import { workloads } from "./graph/workloads.ts";
import { describeMachine, keepReport } from "./machine.ts";
import { type Market, openMarket } from "./market.ts";
import { type Asked, checkAnswer, createRequests, measureSlice } from "./measure.ts";
import { measureOverlap } from "./overlap.ts";
import { pinItself } from "./peers.ts";
import { findPort } from "./process.ts";
import { writeTable } from "./table.ts";
import { measureTaken } from "./taken.ts";
import { type Place, type Target, targets } from "./targets.ts";

/** How the cache is measured. */
export interface CacheOptions {
  readonly seconds: number;
  readonly rounds: number;
  readonly warmSeconds: number;
  readonly concurrency: number;
  /** Whether the tables are written into docs/performance.md. */
  readonly isWritten: boolean;
  /** Entities of a type that is invalidated. */
  readonly entries: number;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
}

/** Settings of the hub for each case. Whoever uses Redis has a database of his own there. */
async function casesOf(redisUrl: string): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> {
  const nowhere = `redis://127.0.0.1:${await findPort()}`;
  return new Map([
    ["no cache", { CACHE_ENABLED: "false" }],
    ["memory", { CACHE_ENABLED: "true" }],
    ["Redis and memory", { CACHE_ENABLED: "true", REDIS_URL: `${redisUrl}/1` }],
    ["Redis alone", { CACHE_ENABLED: "true", REDIS_URL: `${redisUrl}/2`, CACHE_BYTES_MAX: "0" }],
    ["Redis down", { CACHE_ENABLED: "true", REDIS_URL: nowhere }],
  ]);
}

/**
 * Asks a governed hub (a) again and again, with each kind of cache in turn, and gateways that keep whole answers. Requests are not shared while they are in
 * flight, so that what is saved is the cache's doing. The answer of each is checked first. Then asks them for what overlaps, and fills the hub's with entities.
 *
 * @returns The tables.
 */
export async function runCache(options: CacheOptions): Promise<string> {
  const { signal, say } = options;
  const cores = pinItself();
  const redis = await startOwnRedis();
  const market = await openMarket({ cores, nodeOptions: [], signal });
  try {
    const base = targets.find(({ name, sharing }) => name === "hub-governed" && sharing === "off");
    if (base === undefined) throw new Error("The benchmark lacks the governed hub.");
    const cases = [...(await casesOf(redis.url))].map(
      ([name, settings]): Target => ({
        ...base,
        name,
        environment: (place) => ({ ...base.environment(place), ...place.government(name), ...settings }),
      }),
    );
    const asked: Asked[] = [];
    // One start after the other, as each takes a core.
    for (const target of [...cases, ...cachingPeers(redis.url)]) asked.push(await startWarm(market, target, options));
    const slices = await measureRounds(options, (one, seconds) => measureSlice(market, one, { ...options, seconds }), asked);
    const equal = describe(slices);
    const overlapping = asked.map(({ contender }) => contender).filter(({ target }) => !apart.has(target.name));
    const overlap = await measureOverlap(market, overlapping, options);
    await Promise.all(asked.map(({ contender }) => contender.program.stop()));
    const taken = await measureTaken(market, base, { entries: options.entries, redisUrl: redis.url, say });
    const report = [
      ...describeMachine(cores !== undefined).map((fact) => `- ${fact}`),
      ...[equal, overlap, taken].map((table) => `\n\`\`\`text\n${table}\n\`\`\``),
    ].join("\n");
    if (options.isWritten) await keepReport("cache", report);
    return report;
  } finally {
    await market.close();
    await redis.stop();
  }
}

/** What tells nothing of questions that overlap. */
const apart: ReadonlySet<string> = new Set(["Redis down"]);

async function startWarm(market: Market, target: Target, options: CacheOptions): Promise<Asked> {
  const workload = workloads.find(({ name }) => name === "a");
  if (workload === undefined) throw new Error("The benchmark lacks (a).");
  const contender = { target, program: await market.start(target), answerBytes: new Map<string, number>() };
  const question = { workload, mode: "equal" } as const;
  const one: Asked = { contender, question, requestAt: createRequests(market)(contender, question) };
  const fault = await checkAnswer(market, one);
  if (fault !== undefined) throw new Error(`${target.name}: ${fault}`);
  await measureSlice(market, one, { ...options, seconds: options.warmSeconds });
  options.say(`${target.name} is warm`);
  return one;
}

/** Gateways that keep whole answers, in memory or in Redis, and share what is in flight if they can; none where they aren't installed. */
function cachingPeers(redisUrl: string): readonly Target[] {
  if (!existsSync(new URL("peers/node_modules/", import.meta.url))) return [];
  return ["apollo", "hive-rust"].flatMap((peer, index) => {
    const found = targets.find(({ name, sharing }) => name === peer && sharing !== "off");
    if (found === undefined) return [];
    return ["memory", "redis"].map((cache) => ({
      ...found,
      name: `${peer}, whole answers in ${cache === "redis" ? "Redis" : cache}`,
      environment: (place: Place) => ({ ...found.environment(place), CACHE: cache, REDIS_URL: `${redisUrl}/${3 + index}` }),
    }));
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
