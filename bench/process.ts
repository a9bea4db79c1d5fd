import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, openSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A program that is measured. */
export interface ProgramOptions {
  readonly name: string;
  readonly command: readonly string[];
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly port: number;
  /** Core that it may use; undefined leaves that to the system. */
  readonly core: number | undefined;
  readonly logsFolder: string;
  readonly startTimeoutMs: number;
  readonly signal: AbortSignal;
}

/** A running program. */
export interface Program {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
  /** Ends it and its children; resolves when it is gone. */
  stop(): Promise<void>;
}

const stopMs = 5_000;
const pollMs = 100;
const bootPath = "/graphql";
/** Linux counts processes' time in ticks of 10 ms on every platform that Node runs on (USER_HZ, proc(5)). */
const tickMs = 10;

/**
 * Starts a program in a process group of its own and waits until it answers over HTTP.
 *
 * @throws {Error} with the end of its output when it ends or isn't ready in time; nothing of it is left running then.
 */
export async function startProgram(options: ProgramOptions): Promise<Program> {
  const { name, port, core, logsFolder, environment } = options;
  mkdirSync(logsFolder, { recursive: true });
  const logFile = join(logsFolder, `${name.replaceAll(/\W+/g, "-")}.log`);
  const log = openSync(logFile, "w");
  const [file = "", ...args] = [...(core === undefined ? [] : ["taskset", "-c", String(core)]), ...options.command];
  const kept = Object.fromEntries(
    ["PATH", "HOME", "LANG"].flatMap((key) => (process.env[key] === undefined ? [] : [[key, process.env[key]]])),
  );
  const child = spawn(file, args, { cwd: options.folder, detached: true, env: { ...kept, ...environment }, stdio: ["ignore", log, log] });
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  const stop = async (): Promise<void> => {
    signalGroup(child, "SIGTERM");
    const timer = setTimeout(() => signalGroup(child, "SIGKILL"), stopMs);
    await ended;
    clearTimeout(timer);
  };
  try {
    await waitForHttp(options, child);
    if (child.pid === undefined) throw new Error("has no process");
    return { name, port, pid: child.pid, stop };
  } catch (error) {
    await stop();
    const output = readFileSync(logFile, "utf8").slice(-1_500);
    throw new Error(`${name} ${error instanceof Error ? error.message : "failed"}\n${output}`, { cause: error });
  }
}

async function waitForHttp({ port, startTimeoutMs, signal }: ProgramOptions, child: ChildProcess): Promise<void> {
  const endMs = performance.now() + startTimeoutMs;
  while (!(await answers(port))) {
    signal.throwIfAborted();
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`ended with ${child.exitCode ?? child.signalCode}`);
    if (performance.now() > endMs) throw new Error(`was not ready within ${startTimeoutMs / 1_000} s`);
    await sleep(pollMs);
  }
}

async function answers(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}${bootPath}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"query":"{ __typename }"}',
      signal: AbortSignal.timeout(2_000),
    });
    await response.body?.cancel();
    return response.status < 500;
  } catch {
    return false;
  }
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It has ended.
  }
}

/** What processes used of the machine. */
export interface Usage {
  /** CPU milliseconds since they started, with those of children that have ended. */
  readonly cpuMs: number;
  readonly residentBytes: number;
}

/** Reads the usage of a process and everything that it started, from `/proc`. */
export function readUsage(pid: number): Usage {
  let cpuMs = 0;
  let residentBytes = 0;
  for (const one of familyOf(pid)) {
    const { ticks, residentKilobytes } = readProcess(one);
    cpuMs += ticks * tickMs;
    residentBytes += residentKilobytes * 1_024;
  }
  return { cpuMs, residentBytes };
}

function familyOf(pid: number): readonly number[] {
  const found = [pid];
  for (const parent of found) {
    for (const task of listTasks(parent)) {
      const children = readText(`/proc/${parent}/task/${task}/children`).trim();
      if (children !== "") found.push(...children.split(" ").map(Number));
    }
  }
  return found;
}

function listTasks(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

function readProcess(pid: number): { readonly ticks: number; readonly residentKilobytes: number } {
  // The name, in brackets, may hold anything; what follows it are the third field and the rest of proc(5)'s list.
  const stat = readText(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index] ?? 0), 0);
  const resident = /^VmRSS:\s+(\d+) kB/m.exec(readText(`/proc/${pid}/status`))?.[1];
  return { ticks, residentKilobytes: Number(resident ?? 0) };
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // Processes come and go.
    return "";
  }
}

/** A port that nothing listens on. */
export function findPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (typeof address === "object" && address !== null ? resolve(address.port) : reject(new Error("no port"))));
    });
  });
}
