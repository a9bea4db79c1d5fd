import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { openSharedEngine, type SharedEngine, type SharedEngineOptions } from "../../gateway/cache/open.ts";
import { collectLog } from "../services/log.ts";

/** What an engine on Redis is opened with, where a test doesn't say. */
export interface RedisEngineParts extends Partial<SharedEngineOptions> {
  readonly url: string;
}

/** Opens an engine on Redis, closed when the test ends, and waits until it follows the table. */
export async function openRedisEngine(parts: RedisEngineParts): Promise<SharedEngine> {
  const shared = startRedisEngine(parts);
  await waitUntil(() => shared.table.isFresh());
  return shared;
}

/** The same without waiting, for a Redis that isn't there. */
export function startRedisEngine(parts: RedisEngineParts): SharedEngine {
  const shared = openSharedEngine({
    isCluster: false,
    secrets: [Buffer.alloc(32, 1)],
    nowMs: Date.now,
    monotonicMs: () => performance.now(),
    random: () => 0,
    newSecret: () => randomBytes(32),
    bytesMax: 64 * 1024 * 1024,
    negativeMs: 5_000,
    // What a busy test machine keeps; the deadline of service is tested with a Redis that fails.
    readMs: 2_000,
    isStrict: false,
    leaseWaitMs: 0,
    count: () => undefined,
    log: collectLog().log,
    ...parts,
  });
  onTestFinished(() => shared.close());
  return shared;
}

/** Waits until something is so; fails after 20 s. */
export async function waitUntil(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = Date.now() + 20_000;
  // One look after the other is the point.
  while (!(await isSo())) {
    if (Date.now() > endMs) throw new Error("It did not come about within 20 s");
    await sleep(5);
  }
}
