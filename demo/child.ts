import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { ProcessPlan } from "./processes.ts";

const rootDirectory = fileURLToPath(new URL("..", import.meta.url));
const tetherUrl = new URL("tether.ts", import.meta.url).href;
const lineCharsMax = 4_000;
const pollMs = 150;
const probeTimeoutMs = 2_000;

/** A process that was started. */
export interface Child {
  readonly pid: number | undefined;
  /** Resolves with how it ended, such as `exit code 1` or `signal SIGKILL`; never rejects. */
  readonly ended: Promise<string>;
  hasEnded(): boolean;
  /** SIGTERM to the process and its own children, then SIGKILL after `stopMs`; resolves when it is gone. */
  stop(stopMs: number): Promise<void>;
}

/**
 * Starts a process of the demonstration in a group of its own, so that a Ctrl-C in the terminal reaches the supervisor alone
 * and the order of stopping is the supervisor's. It is tied to the supervisor by a channel (see tether.ts).
 */
export function startChild(plan: ProcessPlan, onLine: (line: string) => void): Child {
  const child = spawn(process.execPath, [`--max-old-space-size=${plan.heapMb}`, "--import", tetherUrl, ...plan.args], {
    cwd: rootDirectory,
    detached: true,
    env: { ...process.env, ...plan.env },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  for (const stream of [child.stdout, child.stderr]) {
    if (stream !== null) {
      createInterface({ input: stream }).on("line", (line) => onLine(line.slice(0, lineCharsMax)));
    }
  }
  let end: string | undefined;
  const ended = new Promise<string>((resolve) => {
    const finish = (how: string): void => {
      end = how;
      resolve(how);
    };
    child.once("error", (error) => finish(error.message));
    child.once("exit", (code, signal) => finish(signal === null ? `exit code ${code}` : `signal ${signal}`));
  });
  return {
    pid: child.pid,
    ended,
    hasEnded: () => end !== undefined,
    async stop(stopMs) {
      signalGroup(child, "SIGTERM");
      const timer = setTimeout(() => signalGroup(child, "SIGKILL"), stopMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

/**
 * Asks `plan.readyUrl` until it answers 200.
 *
 * @returns undefined when it is ready, else why it isn't: it ended, or it was not ready in time.
 */
export async function waitUntilReady(plan: ProcessPlan, child: Child, timeoutMs: number): Promise<string | undefined> {
  const endMs = performance.now() + timeoutMs;
  return await new Promise((resolve) => {
    void child.ended.then((how) => resolve(`ended with ${how}`));
    const poll = async (): Promise<void> => {
      if (await isReady(plan.readyUrl)) {
        resolve(undefined);
      } else if (performance.now() > endMs) {
        resolve(`was not ready within ${Math.round(timeoutMs / 1000)} s`);
      } else if (!child.hasEnded()) {
        setTimeout(() => void poll(), pollMs);
      }
    };
    void poll();
  });
}

async function isReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(probeTimeoutMs) });
    await response.body?.cancel();
    return response.status === 200;
  } catch {
    return false;
  }
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) {
    return;
  }
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It ended in between.
  }
}
