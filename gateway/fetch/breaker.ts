import type { Clock } from "../core/ports.ts";

/** Stops calls to a subgraph that keeps failing, and lets one through now and then. */
export interface Breaker {
  /** Whether a call may leave. After a pause it lets a single call try. */
  isClosed(): boolean;
  /** Tells how a call ended. */
  note(isSuccess: boolean): void;
}

/** When a breaker opens and for how long. */
export interface BreakerOptions {
  /** Failures in a row that open it. */
  readonly failuresMax: number;
  readonly pauseMs: number;
  readonly nowMs: Clock;
}

/** Creates a closed breaker. */
export function createBreaker({ failuresMax, pauseMs, nowMs }: BreakerOptions): Breaker {
  let failures = 0;
  let closedAgainAtMs = 0;
  return {
    isClosed(): boolean {
      if (failures < failuresMax) return true;
      const now = nowMs();
      if (now < closedAgainAtMs) return false;
      // One call tries; the others wait for another pause, or for its success.
      closedAgainAtMs = now + pauseMs;
      return true;
    },
    note(isSuccess): void {
      if (isSuccess) {
        failures = 0;
        return;
      }
      failures += 1;
      if (failures >= failuresMax) closedAgainAtMs = nowMs() + pauseMs;
    },
  };
}
