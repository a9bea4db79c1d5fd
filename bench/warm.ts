import { createFetchCache } from "../gateway/cache/cache.ts";
import type { CacheEngine, LookupResult } from "../gateway/cache/engine.ts";
import { createMemoryEpochs } from "../gateway/cache/epochs.ts";
import { openSharedEngine } from "../gateway/cache/open.ts";
import type { FetchCache } from "../gateway/core/ports.ts";
import { createTypeKnowledge } from "../gateway/fetch/types.ts";
import type { Supergraph } from "../schema/supergraph.ts";
import { createTestEngine, keepEverything } from "../test/cache/engine.ts";
import { createSharedPlanner } from "../test/federation/planners.ts";
import { tryFederation } from "../test/federation/property.ts";
import { startOwnRedis } from "../test/services/redis.ts";
import type { SoakOptions } from "./soak.ts";

const operationsEach = 30;
const secret = Buffer.alloc(32, 1);

/**
 * Holds answers from a cache that keeps everything against those of one server with the same data: random operations on random federations, each
 * federation with one cache in memory, or every second one with one in a Redis of its own and no memory before it.
 *
 * @returns Whether no answer was wrong.
 */
export async function soakCache({ numbers, say }: SoakOptions): Promise<boolean> {
  const endMs = Date.now() + (numbers.get("minutes") ?? 0) * 60_000;
  const planner = createSharedPlanner();
  const redis = await startOwnRedis();
  const ends = new Map<LookupResult, number>();
  const count: CacheEngine["count"] = ({ result, times }) => void ends.set(result, (ends.get(result) ?? 0) + times);
  const random = (): Uint8Array => crypto.getRandomValues(new Uint8Array(32));
  const shared = openSharedEngine({
    url: redis.url,
    isCluster: false,
    secrets: [secret],
    nowMs: Date.now,
    monotonicMs: () => performance.now(),
    random: () => 0,
    newSecret: random,
    bytesMax: 0,
    negativeMs: 60_000,
    readMs: 2_000,
    isStrict: false,
    leaseWaitMs: 0,
    count,
    log: { info: () => undefined, warn: () => undefined, error: (facts, event) => say(`${event} ${JSON.stringify(facts)}`) },
  });
  const totals = { federations: 0, operations: 0, failures: 0 };
  let lastSaidMs = Date.now();
  for (let seed = numbers.get("seed") ?? 1; Date.now() < endMs; seed += 1) {
    const own = createTestEngine({ count, table: createMemoryEpochs("0123456789abcdef") });
    const engine = seed % 2 === 0 ? shared.engine : own;
    const makeCache = ({ apiSchema, catalogue, entityKeys }: Supergraph): FetchCache => {
      const types = createTypeKnowledge(apiSchema);
      const isRelated: typeof types.isRelated = (typeName, condition) => types.isRelated(typeName, condition);
      const kept = keepEverything(catalogue);
      return createFetchCache({ engine, schema: apiSchema, catalogue: kept, schemaHash: String(seed), entityKeys, isRelated });
    };
    // The planner reads one supergraph at a time.
    const result = await tryFederation(seed, operationsEach, { shared: planner, makeCache });
    totals.federations += result.isComposed ? 1 : 0;
    totals.operations += result.operations;
    totals.failures += result.failures.length;
    for (const failure of result.failures) console.log(`${failure}\n`);
    if (Date.now() - lastSaidMs < 30_000) continue;
    lastSaidMs = Date.now();
    say(`seed ${seed}: ${totals.operations} operations, ${totals.failures} failures`);
  }
  await Promise.all([planner.close(), shared.close()]);
  await redis.stop();
  const lookups = [...ends].map(([result, times]) => `${times} ${result}`).join(", ");
  console.log(`${totals.federations} federations, ${totals.operations} operations, ${totals.failures} failures; lookups: ${lookups}`);
  return totals.failures === 0 && totals.operations > 0;
}
