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
  /** When it was restarted, in milliseconds of the process's clock; the newest last. */
  restarts: readonly number[];
}

const restartsMax = 5;
const restartWindowMs = 5 * 60_000;
const backoffMaxMs = 30_000;

/** Makes a supervisor that runs nothing yet. */
export function createSupervisor(options: SupervisorOptions): Supervisor {
  const running: Running[] = [];
  const timers = new Set<NodeJS.Timeout>();
  let stopping: Promise<void> | undefined;

  const launch = (plan: ProcessPlan, log: OutputLog): Child =>
    startChild(plan, (line) => {
      log.write(line);
      if (line.startsWith("seeding ")) {
        // The name stands in front already.
        options.say(plan.name, line.replace(`seeding ${plan.name}`, "seeding"));
      }
    });

  const watch = (process: Running): void => {
    void process.child.ended.then((how) => {
      if (stopping === undefined) {
        scheduleRestart(process, how);
      }
    });
  };

  const scheduleRestart = (process: Running, how: string): void => {
    const { plan } = process;
    const nowMs = performance.now();
    process.restarts = process.restarts.filter((atMs) => nowMs - atMs < restartWindowMs);
    if (process.restarts.length >= restartsMax) {
      options.say(plan.name, `ended with ${how}, for the ${restartsMax + 1}th time. It stays down; see ${logFile(options, plan)}.`);
      return;
    }
    const waitMs = Math.min(options.backoffMs * 2 ** process.restarts.length, backoffMaxMs);
    process.restarts = [...process.restarts, nowMs];
    options.say(plan.name, `ended with ${how}; it is restarted in ${(waitMs / 1000).toFixed(1)} s. See ${logFile(options, plan)}.`);
    const timer = setTimeout(() => {
      timers.delete(timer);
      void restart(process);
    }, waitMs);
    timers.add(timer);
  };

  const restart = async (process: Running): Promise<void> => {
    process.child = launch(process.plan, process.log);
    watch(process);
    const fault = await waitUntilReady(process.plan, process.child, options.readyTimeoutMs);
    if (fault === undefined && stopping === undefined) {
      options.say(process.plan.name, "is ready again.");
    }
  };

  const stopAll = async (): Promise<void> => {
    for (const timer of timers) {
      clearTimeout(timer);
    }
    const last = running.at(-1);
    await last?.child.stop(options.stopMs);
    await Promise.all(running.map(({ child }) => child.stop(options.stopMs)));
    for (const { log } of running) {
      log.close();
    }
  };

  return {
    async start(plan) {
      await mkdir(options.logDirectory, { recursive: true, mode: 0o700 });
      if (stopping !== undefined) {
        throw new Error("The supervisor is stopping");
      }
      const log = createOutputLog(logFile(options, plan));
      const process: Running = { plan, log, child: launch(plan, log), restarts: [] };
      running.push(process);
      const fault = await waitUntilReady(plan, process.child, options.readyTimeoutMs);
      if (fault !== undefined) {
        throw new Error([`${plan.name} ${fault}. Its last lines:`, ...log.tail().map((line) => `  ${line}`)].join("\n"));
      }
      watch(process);
    },
    pids: () =>
      new Map(running.flatMap(({ plan, child }) => (child.pid === undefined || child.hasEnded() ? [] : [[plan.name, child.pid]]))),
    stop() {
      stopping ??= stopAll();
      return stopping;
    },
  };
}

function logFile({ logDirectory }: SupervisorOptions, { name }: ProcessPlan): string {
  return join(logDirectory, `${name}.log`);
}
