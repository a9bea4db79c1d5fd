import type { Clock } from "../core/ports.ts";

/** When a breaker opens and for how long. */
export interface BreakerOptions {
  readonly nowMs: Clock;
  /** Failures in a row that open it. */
  readonly failuresMax: number;
  /** How long it stays open before one call may try. */
  readonly openMs: number;
  /** Told of each change; what it throws is not caught. */
  readonly onChange: (isOpen: boolean) => void;
}

/** Keeps calls away from something that does not answer. */
export interface Breaker {
  /**
   * Whether a call may go ahead; it has to end in `succeed` or `fail`.
   * While open, one call in each `openMs` may, and decides what comes next.
   */
  enter(): boolean;
  succeed(): void;
  fail(): void;
  isOpen(): boolean;
}

/** Makes a closed breaker. */
export function createBreaker(options: BreakerOptions): Breaker {
  const { nowMs, failuresMax, openMs, onChange } = options;
  let failures = 0;
  /** When the next call may try; undefined while closed. */
  let retryAtMs: number | undefined;
  return {
    enter: () => {
      if (retryAtMs === undefined) {
        return true;
      }
      const now = nowMs();
      if (now < retryAtMs) {
        return false;
      }
      // The time of the next trial is set at once, so that this one stays alone, and is not waited for if it never ends.
      retryAtMs = now + openMs;
      return true;
    },
    succeed: () => {
      failures = 0;
      if (retryAtMs !== undefined) {
        retryAtMs = undefined;
        onChange(false);
      }
    },
    fail: () => {
      failures += 1;
      if (retryAtMs === undefined && failures >= failuresMax) {
        retryAtMs = nowMs() + openMs;
        onChange(true);
      }
    },
    isOpen: () => retryAtMs !== undefined,
  };
}
