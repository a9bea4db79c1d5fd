import { type ChildProcess, fork } from "node:child_process";
import { getCompileCacheDir } from "node:module";
import { fileURLToPath } from "node:url";
import { HubError } from "../core/errors.ts";
import type { Overrides, PlanEngine, PlanRequest } from "./engine.ts";
import type { PlanNode } from "./nodes.ts";

/** What a planner's process is told. */
export type WorkerOrder =
  | { readonly kind: "read"; readonly supergraphSdl: string }
  | { readonly kind: "plan"; readonly request: PlanRequest };

/** What it answers: one message for each order, in order. */
export type WorkerAnswer =
  | { readonly kind: "ready"; readonly overrides: Overrides }
  | { readonly kind: "planned"; readonly node?: PlanNode | undefined }
  | { readonly kind: "failed"; readonly message: string };

/** What planner processes are started with. */
export interface ProcessesOptions {
  readonly supergraphSdl: string;
  /** How many may run at once. */
  readonly processesMax: number;
  /** Longest that a process may take to start and to read the supergraph, in milliseconds. */
  readonly startTimeoutMs: number;
  /** How long a process waits for an operation before it is ended, in milliseconds; as long as the engine when left out. */
  readonly idleMs?: number | undefined;
  /** A process that was started ahead; the engine ends it. */
  readonly first?: EarlyPlanner | undefined;
}

/** Longest that a planner's process may usually take to start and to read the supergraph, in milliseconds. */
export const plannerStartMs = 20_000;

/** How long a planner's process usually waits for an operation before it is ended, in milliseconds. */
export const plannerIdleMs = 60_000;

/** One process of the planner. */
export interface PlannerProcess {
  /** Rejects with a {HubError} DEADLINE_EXCEEDED after `timeoutMs`, and the process is then killed. */
  ask(order: WorkerOrder, timeoutMs: number): Promise<WorkerAnswer>;
  isAlive(): boolean;
  /** Calls the listener when the process has ended. */
  onEnd(listener: () => void): void;
  end(): Promise<void>;
}

/** A process that was started before it is known whether the supergraph can be served; it reads the supergraph already. */
export interface EarlyPlanner {
  readonly worker: PlannerProcess;
  readonly supergraphSdl: string;
  readonly answer: Promise<WorkerAnswer>;
}

/** Starts a process of the planner and has it read a supergraph, while the caller does something else. */
export function startEarly(supergraphSdl: string, timeoutMs: number): EarlyPlanner {
  const worker = forkPlanner();
  const answer = worker.ask({ kind: "read", supergraphSdl }, timeoutMs);
  // Whoever takes the process over hears of a failure; if nobody does, nobody misses it.
  answer.catch(() => undefined);
  return { worker, supergraphSdl, answer };
}

/**
 * Starts an engine that plans in processes of its own.
 *
 * The planner is native code that no signal of the same process can stop, and an operation may hold it for seconds or
 * end it; a process can be killed. The first process starts at once, further ones when they are needed, and one that
 * was killed is replaced with the next operation.
 *
 * @throws {Error} when the supergraph can't be read.
 */
export async function startPlanProcesses(options: ProcessesOptions): Promise<PlanEngine> {
  const workers = new Set<PlannerProcess>();
  const idle: PlannerProcess[] = [];
  let idleTimer: NodeJS.Timeout | undefined;
  let ending: Promise<unknown> = Promise.resolve();
  let isClosed = false;

  async function start(early: EarlyPlanner): Promise<{ worker: PlannerProcess; overrides: Overrides }> {
    const { worker } = early;
    workers.add(worker);
    worker.onEnd(() => workers.delete(worker));
    const answer = await early.answer;
    if (answer.kind === "ready" && !isClosed) return { worker, overrides: answer.overrides };
    await worker.end();
    throw new Error(answer.kind === "failed" ? answer.message : "The planner was closed.");
  }

  /** Operations are kept prepared, so hours may pass without a new one; a process that waits holds some 90 MB. */
  function rest(worker: PlannerProcess): void {
    idle.push(worker);
    if (options.idleMs === undefined) return;
    clearTimeout(idleTimer);
    idleTimer = setTimeout(() => {
      ending = Promise.all(idle.splice(0).map((waiting) => waiting.end()));
    }, options.idleMs).unref();
  }

  async function obtain(): Promise<PlannerProcess> {
    await ending;
    for (let worker = idle.pop(); worker !== undefined; worker = idle.pop()) {
      if (worker.isAlive()) return worker;
    }
    if (isClosed || workers.size >= options.processesMax)
      throw new HubError("OVERLOADED", "Every planner is busy; try again later.", { processesMax: options.processesMax });
    return (await start(startEarly(options.supergraphSdl, options.startTimeoutMs))).worker;
  }

  const first = await start(await takeEarly(options));
  rest(first.worker);
  return {
    overrides: first.overrides,
    async plan(request, timeoutMs): Promise<PlanNode | undefined> {
      const worker = await obtain();
      const answer = await worker.ask({ kind: "plan", request }, timeoutMs);
      rest(worker);
      if (answer.kind === "planned") return answer.node;
      if (answer.kind === "failed") throw unplanned(answer.message);
      throw new Error("The planner answered out of turn.");
    },
    async close(): Promise<void> {
      isClosed = true;
      clearTimeout(idleTimer);
      await Promise.all([...workers].map((worker) => worker.end()));
    },
  };
}

/** What the planner says is about its own graph, so it is for the log alone. */
function unplanned(reason: string): HubError {
  const message = "The planner has no plan for this operation, though it is valid. Ask for its fields in several operations.";
  return new HubError("OPERATION_NOT_SUPPORTED", message, {}, new Error(reason));
}

/** The file may have changed since the process was started. */
async function takeEarly({ first, supergraphSdl, startTimeoutMs }: ProcessesOptions): Promise<EarlyPlanner> {
  if (first?.supergraphSdl === supergraphSdl) return first;
  await first?.worker.end();
  return startEarly(supergraphSdl, startTimeoutMs);
}

interface Question {
  readonly resolve: (answer: WorkerAnswer) => void;
  readonly reject: (error: Error) => void;
}

/** Starts a process of the planner. It loads its code at once and waits for a supergraph; it ends with its parent, if not before. */
function forkPlanner(): PlannerProcess {
  const compileCache = getCompileCacheDir();
  const child = fork(fileURLToPath(new URL("worker.ts", import.meta.url)), [], {
    // It needs nothing of the environment, which holds secrets; compiled code that this process keeps is kept for it too.
    env: compileCache === undefined ? {} : { NODE_COMPILE_CACHE: compileCache },
    execArgv: [],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  let question: Question | undefined;
  let isAlive = true;
  const listeners: (() => void)[] = [];
  const ended = new Promise<void>((resolve) => {
    const end = (): void => {
      if (!isAlive) return;
      isAlive = false;
      for (const listener of listeners) listener();
      question?.reject(new Error("The planner's process has ended."));
      resolve();
    };
    child.once("exit", end);
    child.once("error", end);
  });
  child.on("message", (answer) => {
    question?.resolve(answer as WorkerAnswer);
    question = undefined;
  });

  return {
    async ask(order, timeoutMs): Promise<WorkerAnswer> {
      const answered = new Promise<WorkerAnswer>((resolve, reject) => {
        question = { resolve, reject };
      });
      const timer = setTimeout(() => {
        question?.reject(new HubError("DEADLINE_EXCEEDED", "The operation took too long to plan; ask for less at once.", { timeoutMs }));
        question = undefined;
        child.kill("SIGKILL");
      }, timeoutMs);
      send(child, order);
      try {
        return await answered;
      } catch (error) {
        // The place of a process is free only when it has really ended.
        child.kill("SIGKILL");
        await ended;
        throw error;
      } finally {
        clearTimeout(timer);
      }
    },
    isAlive: () => isAlive,
    onEnd: (listener) => void listeners.push(listener),
    async end(): Promise<void> {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

function send(child: ChildProcess, order: WorkerOrder): void {
  // A process that has just ended says so through its exit.
  if (child.connected) child.send(order, () => undefined);
}
