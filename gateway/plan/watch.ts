import { workerData } from "node:worker_threads";

/*
 * Runs beside the planner, in a thread of its own: while the planner's own code is at an operation, nothing else of its thread runs, so it wouldn't learn
 * that its parent is gone.
 */

/** How often it is looked, in milliseconds. */
const lookMs = 1_000;

const parent: unknown = workerData;

setInterval(() => {
  // A process whose parent has ended is given to another one. Ending in good order would wait for the planner.
  if (process.ppid !== parent) process.kill(process.pid, "SIGKILL");
}, lookMs);
