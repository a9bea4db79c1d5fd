import { Worker } from "node:worker_threads";
import { createPlanEngine, type PlanEngine } from "./engine.ts";
import type { WorkerAnswer, WorkerOrder } from "./processes.ts";

/** The planner's process: it reads one supergraph, then plans one operation after the other until its parent is gone. */
function serve(parent: number, answer: (message: WorkerAnswer) => void): (order: WorkerOrder) => void {
  let engine: PlanEngine | undefined;
  let isWatched = false;
  return (order) => {
    switch (order.kind) {
      case "read":
        try {
          engine = createPlanEngine(order.supergraphSdl);
          answer({ kind: "ready", overrides: engine.overrides });
        } catch (error) {
          answer({ kind: "failed", message: messageOf(error) });
        }
        return;
      case "plan":
        if (!isWatched) watchParent(parent);
        isWatched = true;
        engine?.plan(order.request, 0).then(
          (node) => answer({ kind: "planned", node }),
          (error: unknown) => answer({ kind: "failed", message: messageOf(error) }),
        );
    }
  };
}

/** Needed only where the planner's own code is at something, so nobody waits for it at the start. */
function watchParent(parent: number): void {
  const resourceLimits = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 };
  new Worker(new URL("watch.ts", import.meta.url), { workerData: parent, resourceLimits }).unref();
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function main(): void {
  const obey = serve(process.ppid, (message) => process.send?.(message, undefined, undefined, () => undefined));
  process.on("message", (order) => obey(order as WorkerOrder));
  process.on("disconnect", () => process.exit(0));
  // A terminal's Ctrl-C or hang-up goes to the whole group; the parent still plans what it has begun, and ends this process then.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => undefined);
}

if (import.meta.main) main();
