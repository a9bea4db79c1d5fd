import { HubError } from "./errors.ts";

/** Lets so many through at once and so many wait. */
export interface Gate {
  /** Enters where there is room now; undefined where one would have to wait. */
  enterNow(): (() => void) | undefined;
  /**
   * Resolves when there is room, with a function that gives the room back (call it once).
   * @throws {HubError} OVERLOADED when too many wait already; DEADLINE_EXCEEDED when the wait is too long.
   */
  enter(timeoutMs: number): Promise<() => void>;
}

interface Waiter {
  readonly admit: () => void;
}

/**
 * Creates a gate: first come, first served.
 *
 * @param concurrencyMax How many may be inside at once.
 * @param waitingMax How many may wait; one more is refused.
 * @param what Names the resource in the refusal.
 */
export function createGate(concurrencyMax: number, waitingMax: number, what: string): Gate {
  let inside = 0;
  const waiting = new Set<Waiter>();

  function leave(): void {
    const next = waiting.values().next().value;
    if (next === undefined) {
      inside -= 1;
      return;
    }
    waiting.delete(next);
    next.admit();
  }

  function wait(timeoutMs: number): Promise<() => void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(waiter);
        reject(new HubError("DEADLINE_EXCEEDED", `Waiting for ${what} took too long; try again later.`, { timeoutMs }));
      }, timeoutMs);
      const waiter: Waiter = {
        admit() {
          clearTimeout(timer);
          resolve(once(leave));
        },
      };
      waiting.add(waiter);
    });
  }

  return {
    enterNow(): (() => void) | undefined {
      if (inside >= concurrencyMax) return undefined;
      inside += 1;
      return once(leave);
    },
    async enter(timeoutMs): Promise<() => void> {
      if (inside < concurrencyMax) {
        inside += 1;
        return once(leave);
      }
      if (waiting.size >= waitingMax)
        throw new HubError("OVERLOADED", `Too many requests wait for ${what}; try again later.`, { waitingMax });
      return wait(timeoutMs);
    },
  };
}

function once(action: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    action();
  };
}
