import { randomBytes, randomUUID } from "node:crypto";
import { ConfigError, readConfig } from "./config.ts";
import { startHub } from "./hub.ts";
import { describeStartError, type Runtime } from "./start.ts";

/** The clock and the randomness of the process, read nowhere else. */
export function createRuntime(): Runtime {
  return {
    nowMs: Date.now,
    monotonicMs: () => performance.now(),
    meterLoad,
    random: Math.random,
    newRequestId: randomUUID,
    newSecret: () => randomBytes(32),
  };
}

function meterLoad(): () => number {
  const before = performance.eventLoopUtilization();
  return () => performance.eventLoopUtilization(before).utilization;
}

async function main(): Promise<void> {
  const hub = await startHub({ config: readConfig(process.env), isUnrestricted: false, runtime: createRuntime() });
  process.stdout.write(`hub listens on ${hub.url}\n`);
  process.on("SIGHUP", () => void hub.reload());
  let isEnding = false;
  const end = (): void => {
    if (isEnding) return;
    isEnding = true;
    hub.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once("SIGTERM", end);
  process.once("SIGINT", end);
  // A supervisor that starts the hub with a channel is gone when the channel is.
  process.once("disconnect", end);
}

if (import.meta.main) {
  main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof ConfigError ? error.message : describeStartError(error)}\n`);
    process.exit(1);
  });
}
