import { HubError } from "./errors.ts";
import { admitWaiting, type Hall, type Narrowing, narrow, type Waiter, watchWaiting, widen } from "./widen.ts";

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

/** How many a gate lets through. */
export interface GateOptions {
  /** How many may be inside at once. */
  readonly concurrencyMax: number;
  /** How many may wait; one more is refused. */
  readonly waitingMax: number;
  /** Names the resource in the refusal. */
  readonly what: string;
  /** Lets in fewer as long as more would gain nothing; without it, as many as may be. */
  readonly narrowing?: Narrowing;
}

/** Creates a gate: first come, first served. */
export function createGate({ concurrencyMax, waitingMax, what, narrowing }: GateOptions): Gate {
  const few = Math.min(narrowing?.few ?? concurrencyMax, concurrencyMax);
  const hall: Hall = { inside: 0, limit: few, waiting: new Set(), isWatched: false };

  function leave(): void {
    hall.inside -= 1;
    narrow(hall, few);
    admitWaiting(hall);
  }

  function enterNow(): (() => void) | undefined {
    if (hall.inside >= hall.limit) return undefined;
    hall.inside += 1;
    return once(leave);
  }

  function wait(timeoutMs: number): Promise<() => void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        hall.waiting.delete(waiter);
        reject(new HubError("DEADLINE_EXCEEDED", `Waiting for ${what} took too long; try again later.`, { timeoutMs }));
      }, timeoutMs);
      const waiter: Waiter = {
        admit() {
          clearTimeout(timer);
          resolve(once(leave));
        },
      };
      hall.waiting.add(waiter);
      if (narrowing !== undefined && !hall.isWatched) watchWaiting(hall, { ...narrowing, concurrencyMax });
    });
  }

  return {
    enterNow,
    async enter(timeoutMs): Promise<() => void> {
      // Nobody is refused before all are inside who may.
      if (hall.waiting.size >= waitingMax) widen(hall, concurrencyMax);
      const entered = enterNow();
      if (entered !== undefined) return entered;
      if (hall.waiting.size >= waitingMax)
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
