import type { Runtime } from "../../gateway/start.ts";

/** A runtime by a test's own clock, in which nothing else moves: no chance, no load, one request id and one secret. */
export function createStillRuntime(nowMs: () => number): Runtime {
  return {
    nowMs,
    monotonicMs: () => 0,
    meterLoad: () => () => 0,
    random: () => 0.5,
    newRequestId: () => "request-1",
    newSecret: () => new Uint8Array(32).fill(7),
  };
}
