import { createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { JWK } from "jose";
import { z } from "zod";
import { createInvalidationVerifier, type InvalidationVerifier } from "../schema/invalidation.ts";
import type { CacheEngine } from "./cache/engine.ts";
import { bumpsOf, type InvalidationSite } from "./cache/invalidate.ts";
import { type EngineOptions, openMemoryEngine, openSharedEngine } from "./cache/open.ts";
import { followOrders } from "./cache/stream.ts";
import type { Config } from "./config.ts";
import type { Log } from "./core/ports.ts";
import { loadHubKey, type Runtime, StartError } from "./start.ts";
import type { Metrics } from "./telemetry/metrics.ts";

/** What the cache is built from. */
export interface CachingOptions {
  readonly config: Config;
  readonly runtime: Runtime;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly hubKey: JWK;
}

/** What became of a department's order. */
export type OrderResult =
  | { readonly kind: "done"; readonly mark: string }
  /** The token isn't a department's order of this moment. */
  | { readonly kind: "refused" }
  /** It couldn't be kept. */
  | { readonly kind: "unavailable" };

/** The cache that outlives supergraphs and agreements. */
export interface Caching {
  readonly engine: CacheEngine;
  /** Does what a department's signed order says. Once it is done, no lookup that begins later serves what was fetched before. */
  readonly invalidate: (token: string, site: InvalidationSite) => Promise<OrderResult>;
  /** From now on orders are taken from the departments' stream too. */
  readonly followOrders: (siteOf: () => InvalidationSite) => void;
  isHealthy(): boolean;
  close(): Promise<void>;
}

/**
 * Opens the cache: in Redis and memory where there is a Redis, else in memory alone.
 *
 * @throws {StartError} for keys that can't be read.
 */
export async function openCaching(options: CachingOptions): Promise<Caching> {
  const verifier = await readVerifier(options);
  return options.config.redisUrl === undefined
    ? openInMemory(options, verifier)
    : await openInRedis(options, options.config.redisUrl, verifier);
}

function openInMemory(options: CachingOptions, verifier: InvalidationVerifier | undefined): Caching {
  const engine = openMemoryEngine(engineOptions(options));
  return {
    engine,
    invalidate: (token, site) => invalidate({ engine, verifier }, token, site),
    followOrders: () => undefined,
    isHealthy: () => true,
    close: async () => undefined,
  };
}

/** How often departments' stream is looked at, and how long one command may take, in milliseconds. */
const ordersPollMs = 100;
const ordersTimeoutMs = 1_000;

async function openInRedis(options: CachingOptions, url: string, verifier: InvalidationVerifier | undefined): Promise<Caching> {
  const { config, runtime, log } = options;
  const shared = openSharedEngine({
    ...engineOptions(options),
    url,
    isCluster: config.isRedisCluster,
    secrets: await readSecrets(options),
    monotonicMs: runtime.monotonicMs,
    readMs: config.cacheTimeoutMs,
    isStrict: config.isCacheStrict,
    leaseWaitMs: config.cacheLeaseWaitMs,
    log,
  });
  const { engine, link } = shared;
  const closers: (() => void)[] = [];
  return {
    engine,
    invalidate: (token, site) => invalidate({ engine, verifier }, token, site),
    followOrders: (siteOf) => {
      if (verifier === undefined) return;
      const take = async (token: string): Promise<boolean> =>
        (await invalidate({ engine, verifier }, token, siteOf())).kind !== "unavailable";
      const consumer = runtime.newRequestId();
      const following = followOrders({ link, log, consumer, pollMs: ordersPollMs, timeoutMs: ordersTimeoutMs, take });
      closers.push(() => following.close());
    },
    isHealthy: () => shared.isHealthy(),
    close: async () => {
      for (const close of closers) close();
      await shared.close();
    },
  };
}

function engineOptions({ config, runtime, metrics }: CachingOptions): EngineOptions {
  return {
    bytesMax: config.cacheBytesMax,
    negativeMs: config.cacheNegativeMs,
    newSecret: runtime.newSecret,
    nowMs: runtime.nowMs,
    random: runtime.random,
    count: (lookups) => metrics.countLookups(lookups),
  };
}

interface Ordering {
  readonly engine: CacheEngine;
  readonly verifier: InvalidationVerifier | undefined;
}

async function invalidate({ engine, verifier }: Ordering, token: string, site: InvalidationSite): Promise<OrderResult> {
  const order = await verifier?.verify(token);
  if (order === undefined) return { kind: "refused" };
  const mark = await engine.table.bump([bumpsOf(site, order)]);
  return mark === undefined ? { kind: "unavailable" } : { kind: "done", mark };
}

/** The hub's own key first, then the one before it. */
async function readSecrets({ config, hubKey }: CachingOptions): Promise<readonly Uint8Array[]> {
  const previous = config.cachePreviousKeyFile === undefined ? [] : [await loadHubKey(config.cachePreviousKeyFile)];
  return [hubKey, ...previous].map(({ d }) =>
    createHmac("sha256", Buffer.from(d ?? "", "base64url"))
      .update("crossharbour cache")
      .digest(),
  );
}

const keysSchema = z.record(z.string(), z.looseObject({ keys: z.array(z.looseObject({ kty: z.string() })) }));

async function readVerifier({ config, runtime }: CachingOptions): Promise<InvalidationVerifier | undefined> {
  const file = config.departmentKeysFile;
  if (file === undefined) return undefined;
  try {
    const keys = keysSchema.parse(JSON.parse(await readFile(file, "utf8")));
    return await createInvalidationVerifier({ keys: new Map(Object.entries(keys)), nowMs: runtime.nowMs });
  } catch (cause) {
    throw new StartError(
      `The departments' keys ${file} (DEPARTMENT_KEYS_FILE) can't be used: ${cause instanceof Error ? cause.message : ""}`,
      cause,
    );
  }
}
