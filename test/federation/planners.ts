import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { HubError } from "../../gateway/core/errors.ts";
import type { PlanEngine } from "../../gateway/plan/engine.ts";
import type { WorkerAnswer, WorkerOrder } from "../../gateway/plan/processes.ts";

/** The hub's own planner process, which here reads one supergraph after the other. */
export interface SharedPlanner {
  /** @throws {Error} when the planner can't read it. The engines of earlier supergraphs then plan no more. */
  read(supergraphSdl: string): Promise<PlanEngine>;
  close(): Promise<void>;
}

/** How long a supergraph may take to be read, in milliseconds. */
const readMs = 60_000;

/** Starts the planner when it is first needed, and again whenever it has ended: its native code may end it. */
export function createSharedPlanner(): SharedPlanner {
  let child: ChildProcess | undefined;

  async function ask(order: WorkerOrder, timeoutMs: number): Promise<WorkerAnswer> {
    const asked = child ?? start();
    child = asked;
    return await new Promise<WorkerAnswer>((resolve, reject) => {
      const timer = setTimeout(() => {
        child = undefined;
        asked.removeAllListeners();
        asked.kill("SIGKILL");
        reject(new HubError("DEADLINE_EXCEEDED", "The planner was stopped.", { timeoutMs }));
      }, timeoutMs);
      const end = (): void => {
        clearTimeout(timer);
        if (child === asked) child = undefined;
        reject(new Error("The planner's process has ended."));
      };
      asked.once("exit", end);
      asked.once("message", (answer) => {
        clearTimeout(timer);
        asked.off("exit", end);
        resolve(answer as WorkerAnswer);
      });
      asked.send(order);
    });
  }

  async function read(supergraphSdl: string): Promise<Extract<WorkerAnswer, { kind: "ready" }>> {
    const answer = await ask({ kind: "read", supergraphSdl }, readMs);
    if (answer.kind === "ready") return answer;
    throw new Error(answer.kind === "failed" ? answer.message : "The planner answered out of turn.");
  }

  return {
    async read(supergraphSdl): Promise<PlanEngine> {
      const { overrides } = await read(supergraphSdl);
      let reader = child;
      return {
        overrides,
        async plan(request, timeoutMs) {
          if (child === undefined || child !== reader) {
            await read(supergraphSdl);
            reader = child;
          }
          const answer = await ask({ kind: "plan", request }, timeoutMs);
          if (answer.kind === "planned") return answer.node;
          throw new Error(answer.kind === "failed" ? answer.message : "The planner answered out of turn.");
        },
        async close() {},
      };
    },
    async close() {
      child?.removeAllListeners("exit");
      child?.kill("SIGKILL");
      child = undefined;
    },
  };
}

function start(): ChildProcess {
  return fork(fileURLToPath(new URL("../../gateway/plan/worker.ts", import.meta.url)), [], {
    env: {},
    execArgv: [],
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
}
