import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Child, startChild, waitUntilReady } from "./child.ts";
import { createOutputLog, type OutputLog } from "./output.ts";
import type { ProcessPlan } from "./processes.ts";

/** What a supervisor is made from. */
export interface SupervisorOptions {
  /** Folder for one log file a process. */
  readonly logDirectory: string;
  readonly readyTimeoutMs: number;
  /** How long a process may take to end after SIGTERM before it is killed. */
  readonly stopMs: number;
  /** First wait before a restart; it doubles with each one that follows. */
  readonly backoffMs: number;
  /** A message for the person at the terminal. */
  readonly say: (name: string, text: string) => void;
}

/** Runs processes and keeps them running. */
export interface Supervisor {
  /**
   * Starts a process; resolves when it is ready.
   *
   * @throws {Error} With its last lines of output, when it ends or isn't ready in time.
   */
  start(plan: ProcessPlan): Promise<void>;
  /** Pids of the running processes by name. */
  pids(): ReadonlyMap<string, number>;
  /** Stops every process, the one started last first. Nothing is restarted from here on. May be called again. */
  stop(): Promise<void>;
}

interface Running {
  readonly plan: ProcessPlan;
  readonly log: OutputLog;
  child: Child;
  /** When it was restarted, in milliseconds of the supervisor's clock; the newest last. */
  restarts: readonly number[];
}

/** What the functions below share. */
interface State {
  readonly options: SupervisorOptions;
  readonly running: Running[];
  readonly timers: Set<NodeJS.Timeout>;
  stopping: Promise<void> | undefined;
}

const restartsMax = 5;
const restartWindowMs = 5 * 60_000;
const backoffMaxMs = 30_000;

/** Makes a supervisor that runs nothing yet. */
export function createSupervisor(options: SupervisorOptions): Supervisor {
  const state: State = { options, running: [], timers: new Set(), stopping: undefined };
  return {
    start: (plan) => startProcess(state, plan),
    pids: () =>
      new Map(state.running.flatMap(({ plan, child }) => (child.pid === undefined || child.hasEnded() ? [] : [[plan.name, child.pid]]))),
    stop() {
      state.stopping ??= stopAll(state);
      return state.stopping;
    },
  };
}

async function startProcess(state: State, plan: ProcessPlan): Promise<void> {
  const { options } = state;
  await mkdir(options.logDirectory, { recursive: true, mode: 0o700 });
  if (state.stopping !== undefined) {
    throw new Error("The supervisor is stopping");
  }
  const log = createOutputLog(logFile(options, plan));
  const process: Running = { plan, log, child: launch(options, plan, log), restarts: [] };
  state.running.push(process);
  const fault = await waitUntilReady(plan, process.child, options.readyTimeoutMs);
  if (fault !== undefined) {
    throw new Error([`${plan.name} ${fault}. Its last lines:`, ...log.tail().map((line) => `  ${line}`)].join("\n"));
  }
  restartAfterEnd(state, process);
}

function launch(options: SupervisorOptions, plan: ProcessPlan, log: OutputLog): Child {
  return startChild(plan, (line) => {
    log.write(line);
    if (line.startsWith("seeding ")) {
      // The name stands in front already.
      options.say(plan.name, line.replace(`seeding ${plan.name}`, "seeding"));
    }
  });
}

function restartAfterEnd(state: State, process: Running): void {
  void process.child.ended.then((how) => {
    if (state.stopping === undefined) {
      scheduleRestart(state, process, how);
    }
  });
}

function scheduleRestart(state: State, process: Running, how: string): void {
  const { options, timers } = state;
  const { plan } = process;
  const nowMs = performance.now();
  process.restarts = process.restarts.filter((atMs) => nowMs - atMs < restartWindowMs);
  if (process.restarts.length >= restartsMax) {
    options.say(plan.name, `ended with ${how}, after ${restartsMax} restarts. It stays down; see ${logFile(options, plan)}.`);
    return;
  }
  const waitMs = Math.min(options.backoffMs * 2 ** process.restarts.length, backoffMaxMs);
  process.restarts = [...process.restarts, nowMs];
  options.say(plan.name, `ended with ${how}; it is restarted in ${(waitMs / 1000).toFixed(1)} s. See ${logFile(options, plan)}.`);
  const timer = setTimeout(() => {
    timers.delete(timer);
    void restart(state, process);
  }, waitMs);
  timers.add(timer);
}

async function restart(state: State, process: Running): Promise<void> {
  const { options } = state;
  process.child = launch(options, process.plan, process.log);
  restartAfterEnd(state, process);
  const fault = await waitUntilReady(process.plan, process.child, options.readyTimeoutMs);
  if (fault === undefined && state.stopping === undefined) {
    options.say(process.plan.name, "is ready again.");
  }
}

async function stopAll({ options, running, timers }: State): Promise<void> {
  for (const timer of timers) {
    clearTimeout(timer);
  }
  await running.at(-1)?.child.stop(options.stopMs);
  await Promise.all(running.map(({ child }) => child.stop(options.stopMs)));
  for (const { log } of running) {
    log.close();
  }
}

function logFile({ logDirectory }: SupervisorOptions, { name }: ProcessPlan): string {
  return join(logDirectory, `${name}.log`);
}
