import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Child, startChild, waitUntilReady } from "../demo/child.ts";
import { findTakenPorts } from "../demo/ports.ts";
import { hubUrl, planProcesses } from "../demo/processes.ts";
import { readDemoSettings } from "../demo/settings.ts";

/** The demonstration, up and ready. */
export interface RunningDemo {
  /** The hub's address without a path. */
  readonly url: string;
  /** The access token of a demo client. */
  readToken(clientId: string): Promise<string>;
  /** The body of a demo question's request. */
  readRequest(name: string): Promise<string>;
  /** Resolves when it is gone; by SIGTERM, or by SIGKILL after a while. */
  stop(): Promise<void>;
}

/** How the demonstration is started. */
export interface StartOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted when it is to be stopped, also while it starts. */
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
}

const dataDirectory = fileURLToPath(new URL("../.data/bench", import.meta.url));
const startTimeoutMs = 15 * 60_000;
const handoutTimeoutMs = 60_000;
// The demonstration gives its own processes 5 s.
const stopMs = 12_000;
const pollMs = 100;
const portsTries = 50;
// Below the ports that Linux gives to clients (32768 and up), so that no connection of the machine takes one in between.
const firstPort = 20_000;
const lastPort = 32_000;
const portsStep = 20;

/**
 * Starts `demo/main.ts` on free ports with a data folder of its own, which is kept: the first start seeds it, later ones are quick.
 *
 * @throws {Error} When it can't be started in time; nothing is left running then.
 */
export async function startDemo({ env, signal, say }: StartOptions): Promise<RunningDemo> {
  const ports = await findPorts(env);
  const settings = { ...env, ...ports, DATA_DIR: dataDirectory, START_TIMEOUT_S: String(startTimeoutMs / 1000) };
  const url = hubUrl(readDemoSettings(settings));
  const startedMs = Date.now();
  let isUp = false;
  const plan = {
    name: "demo",
    args: ["demo/main.ts"],
    heapMb: 256,
    env: settings,
    port: Number(ports.HUB_PORT),
    portSetting: "HUB_PORT",
    readyUrl: `${url}/ready`,
  };
  const child = startChild(plan, (line) => {
    // What follows is the welcome, with tokens in it.
    if (!isUp) console.error(line);
    isUp ||= line.includes("is up after");
  });
  const stop = (): Promise<void> => child.stop(stopMs);
  signal.addEventListener("abort", () => void stop(), { once: true });
  try {
    signal.throwIfAborted();
    const fault = await waitUntilReady(plan, child, startTimeoutMs);
    if (fault !== undefined) throw new Error(`The demonstration ${fault}; its processes' output is in ${join(dataDirectory, "logs")}`);
    await waitForTokens({ child, sinceMs: startedMs });
  } catch (error) {
    await stop();
    throw error;
  }
  say(`the demonstration is up at ${url}`);
  return {
    url,
    stop,
    readToken: async (clientId) => (await readFile(tokenFile(clientId), "utf8")).trim(),
    readRequest: (name) => readFile(join(dataDirectory, "requests", `${name}.json`), "utf8"),
  };
}

function tokenFile(clientId: string): string {
  return join(dataDirectory, "tokens", `${clientId}.jwt`);
}

/** Tokens of an earlier run lie in the kept folder, so only new ones count. They are handed out last and together. */
async function waitForTokens({ child, sinceMs }: { readonly child: Child; readonly sinceMs: number }): Promise<void> {
  const endMs = performance.now() + handoutTimeoutMs;
  const files = ["housing-app", "stats-analyst"].map(tokenFile);
  while (!(await areNew(files, sinceMs))) {
    if (child.hasEnded()) throw new Error(`The demonstration ended with ${await child.ended}`);
    if (performance.now() > endMs) throw new Error("The demonstration did not hand out its tokens in time.");
    await sleep(pollMs);
  }
}

async function areNew(files: readonly string[], sinceMs: number): Promise<boolean> {
  const times = await Promise.all(files.map((file) => stat(file).catch(() => undefined)));
  return times.every((found) => found !== undefined && found.mtimeMs >= sinceMs);
}

type Ports = Readonly<Record<"HUB_PORT" | "IDENTITY_PORT" | "DEPARTMENTS_PORT" | "REGISTRY_PORT" | "FEEDS_PORT", string>>;

async function findPorts(env: StartOptions["env"]): Promise<Ports> {
  const places = Math.floor((lastPort - firstPort) / portsStep);
  for (let attempt = 0; attempt < portsTries; attempt += 1) {
    const base = firstPort + Math.floor(Math.random() * places) * portsStep;
    const ports = portsFrom(base);
    const { sources, hub } = planProcesses(readDemoSettings({ ...env, ...ports }));
    if ((await findTakenPorts([...sources, hub])).length === 0) return ports;
  }
  throw new Error(`No free ports were found between ${firstPort} and ${lastPort}.`);
}

function portsFrom(base: number): Ports {
  return {
    HUB_PORT: String(base),
    IDENTITY_PORT: String(base + 1),
    REGISTRY_PORT: String(base + 2),
    FEEDS_PORT: String(base + 3),
    // The departments follow each other.
    DEPARTMENTS_PORT: String(base + 4),
  };
}
