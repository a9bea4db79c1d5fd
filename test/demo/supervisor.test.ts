import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lockDirectory } from "../../demo/lock.ts";
import { findTakenPorts } from "../../demo/ports.ts";
import { type ProcessPlan, planProcesses } from "../../demo/processes.ts";
import { readDemoSettings } from "../../demo/settings.ts";
import { createSupervisor, type Supervisor } from "../../demo/supervisor.ts";
import { startNode } from "../services/child.ts";
import { findFreePort, isAlive, makeDirectory, removeDirectory, waitUntilGone } from "../services/process.ts";

let directory: string;
let supervisor: Supervisor;
let said: string[];

beforeEach(async () => {
  directory = await makeDirectory("supervisor");
  said = [];
  supervisor = makeSupervisor(10_000);
});

afterEach(async () => {
  await supervisor.stop();
  await removeDirectory(directory);
});

function makeSupervisor(readyTimeoutMs: number): Supervisor {
  return createSupervisor({
    logDirectory: directory,
    readyTimeoutMs,
    stopMs: 700,
    backoffMs: 5,
    say: (name, text) => said.push(`${name} ${text}`),
  });
}

async function planChild(env: Readonly<Record<string, string>>): Promise<ProcessPlan> {
  const port = await findFreePort();
  return {
    name: "child",
    args: ["test/demo/programs/child.ts"],
    heapMb: 64,
    env: { PORT: String(port), ...env },
    port,
    portSetting: "CHILD_PORT",
    readyUrl: `http://127.0.0.1:${port}/`,
  };
}

async function waitFor(isTrue: () => boolean): Promise<void> {
  const endMs = Date.now() + 15_000;
  while (!isTrue()) {
    if (Date.now() > endMs) throw new Error(`It did not happen; said so far: ${said.join(" | ")}`);
    await sleep(20);
  }
}

function childPid(): number {
  const pid = supervisor.pids().get("child");
  if (pid === undefined) throw new Error("The child is not running");
  return pid;
}

describe("the supervisor", () => {
  it("refuses to go on with a process that ends at once, and shows its last lines", async () => {
    await expect(supervisor.start(await planChild({ SERVES: "no", DIES_AFTER_MS: "1" }))).rejects.toThrow(
      /child ended with exit code 3.*an ordinary line.*a complaint/s,
    );
  });

  it("refuses to go on with a process that is not ready in time", async () => {
    supervisor = makeSupervisor(500);
    await expect(supervisor.start(await planChild({ SERVES: "no" }))).rejects.toThrow(/child was not ready within/);
  });

  it("waits until a process is ready, relays its progress and keeps the rest in its log", async () => {
    await supervisor.start(await planChild({}));
    await waitFor(() => said.length > 0);
    expect(said).toEqual(["child seeding 40%"]);
    expect(await readFile(`${directory}/child.log`, "utf8")).toContain("an ordinary line");
  });

  it("restarts a process that was killed, and says so", async () => {
    await supervisor.start(await planChild({}));
    const firstPid = childPid();
    process.kill(firstPid, "SIGKILL");
    await waitFor(() => said.includes("child is ready again."));
    expect(said.some((line) => line.startsWith("child ended with signal SIGKILL; it is restarted in 0.0 s."))).toBe(true);
    expect(childPid()).not.toBe(firstPid);
  });

  it("gives a process up that ends again and again", async () => {
    await supervisor.start(await planChild({ DIES_ONCE_ASKED: "yes" }));
    await waitFor(() => said.some((line) => line.includes("It stays down")));
    expect(said.filter((line) => line.includes("it is restarted in"))).toHaveLength(5);
    expect(supervisor.pids().size).toBe(0);
  });

  it("stops every process and restarts none", async () => {
    const plans = await Promise.all([planChild({}), planChild({})]);
    await Promise.all(plans.map((plan, index) => supervisor.start({ ...plan, name: `child${index}` })));
    const pids = [...supervisor.pids().values()];
    expect(pids).toHaveLength(2);
    await supervisor.stop();
    expect(pids.filter(isAlive)).toEqual([]);
    expect(supervisor.pids().size).toBe(0);
    expect(said.filter((line) => line.includes("restarted"))).toEqual([]);
  });

  it("kills a process that does not end when asked", async () => {
    await supervisor.start(await planChild({ STUBBORN: "yes" }));
    const pid = childPid();
    await supervisor.stop();
    expect(isAlive(pid)).toBe(false);
  });

  it("leaves no process behind when it is killed itself", async () => {
    const port = await findFreePort();
    const parent = startNode(["test/demo/programs/parent.ts", directory, String(port)]);
    const [line] = (await once(createInterface({ input: parent.stdout }), "line")) as [string];
    const pid = Number(/^pid (\d+)$/.exec(line)?.[1]);
    expect(isAlive(pid)).toBe(true);
    parent.kill("SIGKILL");
    await waitUntilGone(pid, 20_000);
  });
});

describe("before the start", () => {
  it("names a port that is in use, the process that needs it and the setting that moves it", async () => {
    const holder = createServer().listen(0, "127.0.0.1");
    await once(holder, "listening");
    const address = holder.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const plan = { ...(await planChild({})), port };
    expect(await findTakenPorts([plan])).toEqual([
      `Port ${port} for child is in use. End the program that has it, or choose another with CHILD_PORT.`,
    ]);
    holder.close();
    await once(holder, "close");
    expect(await findTakenPorts([plan])).toEqual([]);
  });

  it("names a port that two processes would share", async () => {
    const port = await findFreePort();
    const plan = await planChild({});
    expect(
      await findTakenPorts([
        { ...plan, port },
        { ...plan, name: "other", port },
      ]),
    ).toEqual([`Port ${port} is given twice, also to other. Choose another with CHILD_PORT.`]);
    expect(
      await findTakenPorts([
        { ...plan, otherPorts: [port] },
        { ...plan, name: "other", port },
      ]),
    ).toEqual([`Port ${port} is given twice, also to other. Choose another with CHILD_PORT.`]);
  });

  it("names every setting that is wrong", () => {
    expect(() => readDemoSettings({ HUB_PORT: "four", POPULATION: "7", REDIS_URL: "http://x" })).toThrow(
      /HUB_PORT.*POPULATION.*REDIS_URL/s,
    );
  });

  it("moves every port and address with the settings", () => {
    const { sources, hub } = planProcesses(
      readDemoSettings({ HUB_PORT: "5000", IDENTITY_PORT: "5001", DEPARTMENTS_PORT: "5100", DATA_DIR: "/x" }),
    );
    const departments = sources.filter(({ portSetting }) => portSetting === "DEPARTMENTS_PORT");
    expect(departments.flatMap(({ port, otherPorts = [] }) => [port, ...otherPorts])).toEqual([
      5100, 5101, 5102, 5103, 5104, 5105, 5106, 5107, 5108, 5109, 5110, 5111, 5112,
    ]);
    expect(departments.at(-1)).toMatchObject({ name: "departments", readyUrl: "http://127.0.0.1:5112/health" });
    expect(hub.env["ISSUER"]).toBe("http://127.0.0.1:5001");
    expect(JSON.parse(hub.env["SUBGRAPH_URLS"] ?? "")).toMatchObject({
      transport: "http://127.0.0.1:5102/graphql",
      consent: "http://127.0.0.1:5110/graphql",
    });
    expect(hub.env["JOURNAL_DIR"]).toBe("/x/journal");
  });

  it("refuses a data folder that another demonstration uses, and takes one over whose owner is gone", async () => {
    const unlock = await lockDirectory(directory);
    await expect(lockDirectory(directory)).rejects.toThrow(`Another demonstration (process ${process.pid})`);
    await unlock();
    const gone = spawn(process.execPath, ["--eval", ""]);
    await once(gone, "exit");
    await writeFile(`${directory}/supervisor.pid`, String(gone.pid));
    await (await lockDirectory(directory))();
  });
});
