import { followEpochs } from "../gateway/cache/follow.ts";
import { openRedisLink } from "../gateway/cache/link.ts";
import { readConfig } from "../gateway/config.ts";
import { LEVELS } from "../schema/statement.ts";
import { type Shell, UsageError } from "./command.ts";

/** Longest that Redis may take, in milliseconds. */
const timeoutMs = 5_000;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

/**
 * Replaces the salt of a level in the Redis that the hub's settings name.
 *
 * @throws {UsageError} for a level that isn't one.
 */
export async function shredLevel(name: string | undefined, shell: Shell, usage: string): Promise<number> {
  const level = LEVELS.find((one) => one === name);
  if (level === undefined) throw new UsageError(`--level is one of ${LEVELS.join(", ")}`, usage);
  const { redisUrl, isRedisCluster } = readConfig(shell.environment);
  if (redisUrl === undefined) throw new Error("REDIS_URL isn't set; a hub without Redis keeps things in its memory alone");
  const { createRuntime } = await import("../gateway/main.ts");
  const link = openRedisLink({ url: redisUrl, isCluster: isRedisCluster, log: silent });
  const table = followEpochs({
    link,
    monotonicMs: () => shell.clock(),
    newSecret: createRuntime().newSecret,
    log: silent,
    pollMs: 50,
    lagMsMax: timeoutMs,
    readMs: timeoutMs,
    writeMs: timeoutMs,
    onShred: () => undefined,
  });
  try {
    const endMs = shell.clock() + timeoutMs;
    while (!link.isReady() && shell.clock() < endMs) {
      // oxlint-disable-next-line no-await-in-loop
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    if (!(await table.shred(level))) throw new Error("Redis doesn't answer, so nothing is forgotten");
    shell.output(`What is kept of ${level} can't be read any more.\n`);
    return 0;
  } finally {
    table.close();
    link.close();
  }
}
