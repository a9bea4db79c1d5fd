import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { chown, mkdtemp, rm } from "node:fs/promises";
import { createServer, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A user to run a program as. */
export interface User {
  readonly uid: number;
  readonly gid: number;
}

/** How to start a server and how to know that it is up. */
export interface ServerPlan {
  readonly command: string;
  readonly args: readonly string[];
  /** A folder that belongs to the server and is removed with it. */
  readonly directory: string;
  /** What the server prints when it accepts connections. */
  readonly ready: RegExp;
  /** Name without `SIG` of the signal that ends it quickly and cleanly. */
  readonly stopSignal: "TERM" | "INT";
  readonly readyMs: number;
  readonly user?: User | undefined;
  readonly env?: Readonly<Record<string, string>>;
}

/** A running server. */
export interface Server {
  readonly pid: number;
  /** Ends the server and removes its folder; resolves when both are done. May be called again. */
  stop(): Promise<void>;
}

/**
 * The guard is the server's parent. It waits for the end of its standard input, which comes when the test process closes it
 * or dies in whatever way, and then ends the server and removes its folder. So no server outlives its test.
 */
const guardScript = `
directory=$1; signal=$2; shift 2
"$@" </dev/null 2>&1 &
server=$!
echo "guard-pid $server"
cat >/dev/null
kill -CONT "$server" 2>/dev/null
kill "-$signal" "$server" 2>/dev/null
tries=0
while kill -0 "$server" 2>/dev/null && [ "$tries" -lt 50 ]; do sleep 0.1; tries=$((tries + 1)); done
kill -KILL "$server" 2>/dev/null
wait
rm -rf "$directory"
`;

const stopMs = 15_000;
const outputCharsMax = 4_096;

/**
 * Starts a server under a guard and waits until it says that it is ready.
 *
 * @throws {Error} With the last output, when it ends first or takes longer than `readyMs`.
 */
export async function startServer(plan: ServerPlan): Promise<Server> {
  const guard = spawn("sh", ["-c", guardScript, "guard", plan.directory, plan.stopSignal, plan.command, ...plan.args], {
    cwd: plan.directory,
    detached: true,
    stdio: ["pipe", "pipe", "ignore"],
    env: { PATH: process.env["PATH"] ?? "", LC_ALL: "C", ...plan.env },
    ...(plan.user === undefined ? {} : plan.user),
  });
  const exited = once(guard, "exit");
  exited.catch(() => undefined);
  const stop = async (): Promise<void> => {
    guard.stdin?.end();
    await withDeadline(exited, stopMs, `${plan.command} did not stop`);
  };
  try {
    const pid = await waitUntilReady(guard, plan);
    unrefGuard(guard);
    return { pid, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function waitUntilReady(guard: ChildProcess, plan: ServerPlan): Promise<number> {
  let output = "";
  guard.stdin?.on("error", () => undefined);
  guard.stdout?.setEncoding("utf8").on("data", (text: string) => {
    output = (output + text).slice(-outputCharsMax);
  });
  let pid: number | undefined;
  let failure: unknown;
  guard.once("error", (error) => {
    failure = error;
  });
  const endMs = Date.now() + plan.readyMs;
  while (Date.now() < endMs && failure === undefined) {
    pid ??= Number(/^guard-pid (\d+)$/m.exec(output)?.[1]) || undefined;
    if (pid !== undefined && plan.ready.test(output)) {
      return pid;
    }
    if (pid !== undefined && !isAlive(pid)) {
      break;
    }
    await sleep(20);
  }
  throw new Error(`${plan.command} did not become ready: ${output.trim()}`, { cause: failure });
}

/** A test file that forgot to stop a server still ends; the guard does the rest. */
function unrefGuard(guard: ChildProcess): void {
  guard.unref();
  for (const stream of [guard.stdin, guard.stdout]) {
    if (stream instanceof Socket) {
      stream.unref();
    }
  }
}

/** Whether a process with this pid exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Waits until no process has this pid. */
export async function waitUntilGone(pid: number, timeoutMs: number): Promise<void> {
  const endMs = Date.now() + timeoutMs;
  while (isAlive(pid)) {
    if (Date.now() > endMs) {
      throw new Error(`Process ${pid} is still there after ${timeoutMs} ms`);
    }
    await sleep(20);
  }
}

/** Settles like the promise, or rejects with the message after `timeoutMs`. */
export async function withDeadline<T>(promise: Promise<T>, timeoutMs: number, message: string): Promise<T> {
  const done = new AbortController();
  const late = sleep(timeoutMs, undefined, { signal: done.signal }).then(() => {
    throw new Error(`${message} within ${timeoutMs} ms`);
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([promise, late]);
  } finally {
    done.abort();
  }
}

/** A new empty folder under the system's temporary folder, owned by `user` where one is given. */
export async function makeDirectory(name: string, user?: User): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), `crossharbour-${name}-`));
  if (user !== undefined) {
    await chown(directory, user.uid, user.gid);
  }
  return directory;
}

/** Removes a folder and all that is in it. */
export async function removeDirectory(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
}

/**
 * A loopback port that nothing listens on. It is below the range that Linux gives to outgoing connections (32768 and up),
 * so that a server can be restarted on it without losing it to one of those.
 */
export async function findFreePort(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const port = randomInt(12_000, 32_000);
    if (await isFree(port)) {
      return port;
    }
  }
  throw new Error("No free loopback port found in 50 attempts");
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}

/**
 * Runs `start` with a free port, and again with another one when it fails because somebody else took the port meanwhile.
 *
 * @throws The error of the last of three attempts.
 */
export async function withFreePort<T>(start: (port: number) => Promise<T>): Promise<T> {
  let failure: unknown;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      return await start(await findFreePort());
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}
