/** The steps of a request that are timed. */
export type StepName = "identify" | "prepare" | "fetch" | "project" | "record";

/** Times steps. */
export interface StepTimer {
  time<T>(step: StepName, work: () => T | Promise<T>): Promise<T>;
  timeNow<T>(step: StepName, work: () => T): T;
}

/**
 * Creates a timer.
 *
 * @param clock Monotonic milliseconds.
 * @param observe Gets each step's duration in milliseconds, waiting included.
 */
export function createStepTimer(clock: () => number, observe: (step: StepName, durationMs: number) => void): StepTimer {
  return {
    async time(step, work) {
      const startMs = clock();
      try {
        return await work();
      } finally {
        observe(step, clock() - startMs);
      }
    },
    timeNow(step, work) {
      const startMs = clock();
      try {
        return work();
      } finally {
        observe(step, clock() - startMs);
      }
    },
  };
}
