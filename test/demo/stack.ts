import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { departments } from "../../demo/processes.ts";
import { findFreePort, isAlive, makeDirectory, removeDirectory, withDeadline } from "../services/process.ts";

/** The whole demonstration, started as `npm start` does. */
export interface Demo {
  readonly dataDirectory: string;
  readonly hubUrl: string;
  readonly pid: number;
  /** Everything printed so far. */
  output(): string;
  /** SIGTERM to the supervisor; resolves with its exit code. */
  stop(): Promise<number | null>;
}

/** How to start it. */
export interface DemoOptions {
  /** A folder that an earlier start left its data in; a new one is made, and removed by {@link stopAndRemove}, when none is given. */
  readonly dataDirectory?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const readyMs = 360_000;
const stopMs = 30_000;
const departmentCount = departments.length;
const tetherUrl = new URL("../../demo/tether.ts", import.meta.url).href;

/** Starts the demonstration on free ports with a small population and waits for its welcome. */
export async function startDemo(options: DemoOptions = {}): Promise<Demo> {
  const dataDirectory = options.dataDirectory ?? (await makeDirectory("demo"));
  const hubPort = await findFreePort();
  const ports = {
    HUB_PORT: hubPort,
    IDENTITY_PORT: await findFreePort(),
    REGISTRY_PORT: await findFreePort(),
    FEEDS_PORT: await findFreePort(),
    DEPARTMENTS_PORT: await findFreeRange(departmentCount),
  };
  const given = Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, String(port)]));
  // The channel ends the supervisor, and so all of it, when the test process is gone.
  const child = spawn(process.execPath, ["--import", tetherUrl, "demo/main.ts"], {
    env: { ...process.env, POPULATION: "500", DATA_DIR: dataDirectory, ...given, ...options.env },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const lines: string[] = [];
  const exited = once(child, "exit") as Promise<[number | null]>;
  const welcomed = new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on("line", (line) => {
        lines.push(line);
        if (line.startsWith("Ctrl-C")) resolve();
      });
    }
    void exited.then(([code]) => reject(new Error(`The demonstration ended with ${code}:\n${lines.join("\n")}`)));
  });
  welcomed.catch(() => undefined);
  await withDeadline(welcomed, readyMs, "The demonstration did not come up").catch(async (error: unknown) => {
    child.kill("SIGTERM");
    throw new Error(`${String(error)}\n${lines.join("\n")}`);
  });
  return {
    dataDirectory,
    hubUrl: `http://127.0.0.1:${hubPort}`,
    pid: pidOf(child),
    output: () => lines.join("\n"),
    async stop() {
      if (child.exitCode === null) child.kill("SIGTERM");
      const [code] = await withDeadline(exited, stopMs, "The demonstration did not stop");
      return code;
    },
  };
}

/** Ends the demonstration and removes its data. */
export async function stopAndRemove(demo: Demo | undefined): Promise<void> {
  if (demo === undefined) return;
  if (isAlive(demo.pid)) await demo.stop();
  await removeDirectory(demo.dataDirectory);
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error("The demonstration could not be started");
  return child.pid;
}

/** The first of `count` free ports that follow each other. */
async function findFreeRange(count: number): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const first = randomInt(12_000, 32_000 - count);
    const free = await Promise.all(Array.from({ length: count }, (_, index) => isFree(first + index)));
    if (free.every(Boolean)) return first;
  }
  throw new Error("No free range of ports found in 50 attempts");
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}
