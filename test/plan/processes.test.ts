import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { composeServices } from "@apollo/composition";
import { parse } from "graphql";
import { afterEach, expect, test, vi } from "vitest";
import { HubError } from "../../gateway/core/errors.ts";
import type { PlanEngine, PlanRequest } from "../../gateway/plan/engine.ts";
import { startPlanProcesses } from "../../gateway/plan/processes.ts";
import { startNode } from "../services/child.ts";
import { isAlive } from "../services/process.ts";

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@override"])\n`;

const engines: PlanEngine[] = [];

afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
});

function compose(): string {
  const a = `${link} type Query { node: Node } type Node @key(fields: "id") { id: ID! left: Node right: Node size: Int }`;
  const b = `${link} type Node @key(fields: "id") { id: ID! size: Int @override(from: "a", label: "percent(25)") }`;
  const { supergraphSdl, errors } = composeServices(
    Object.entries({ a, b }).map(([name, sdl]) => ({ name, url: `http://${name}.invalid/`, typeDefs: parse(sdl) })),
  );
  if (supergraphSdl === undefined) throw new Error(errors?.map(({ message }) => message).join("\n"));
  return supergraphSdl;
}

async function start(processesMax = 1, idleMs?: number): Promise<PlanEngine> {
  const engine = await startPlanProcesses({ supergraphSdl: compose(), processesMax, startTimeoutMs: 20_000, idleMs });
  engines.push(engine);
  return engine;
}

function request(text: string, roll = 50): PlanRequest {
  return { text, operationName: undefined, labels: [], roll };
}

/** Few bytes, 2^24 selections when written out: the limits refuse it long before it gets here. */
function hostile(): string {
  const depth = 24;
  const fragments = Array.from(
    { length: depth },
    (_, index) => `fragment F${index} on Node { left { ...F${index + 1} } right { ...F${index + 1} } }`,
  );
  return `{ node { ...F0 } } ${fragments.join(" ")} fragment F${depth} on Node { id size }`;
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof HubError ? error.code : String(error);
}

test("what the planner has no plan for is refused in words for its caller, with the planner's own as the cause", async () => {
  const engine = await start();
  const error: unknown = await engine.plan(request("{ node { weight } }"), 5_000).catch((reason: unknown) => reason);
  if (!(error instanceof HubError)) throw new TypeError(String(error));
  expect(error.code).toBe("OPERATION_NOT_SUPPORTED");
  expect(error.message).not.toContain("weight");
  expect(String(error.cause)).toContain("weight");
  expect(await engine.plan(request("{ node { size } }"), 5_000)).toBeDefined();
});

test("a supergraph that can't be read is refused with the reason", async () => {
  await expect(startPlanProcesses({ supergraphSdl: "type Query {", processesMax: 1, startTimeoutMs: 20_000 })).rejects.toThrow(/./);
});

test("an operation that would hold the planner is killed at its deadline, and the next one is planned", async () => {
  const engine = await start();
  expect(await codeOf(engine.plan(request(hostile()), 300))).toBe("DEADLINE_EXCEEDED");
  expect(await engine.plan(request("{ node { id } }"), 20_000)).toMatchObject({ kind: "Fetch", serviceName: "a" });
});

test("an operation that can't be planned is an error of its own, and the planner goes on", async () => {
  const engine = await start();
  expect(await codeOf(engine.plan(request("{ nothing { id } }"), 20_000))).not.toBe("undefined");
  expect(await engine.plan(request("{ node { id } }"), 20_000)).toMatchObject({ kind: "Fetch" });
});

test("two operations are planned at once where two processes may run, a third is refused", async () => {
  const engine = await start(2);
  const codes = await Promise.all([
    codeOf(engine.plan(request(hostile()), 2_000)),
    engine.plan(request("{ node { id } }"), 20_000).then((node) => node?.kind),
    codeOf(engine.plan(request("{ node { id } }"), 20_000)),
  ]);
  expect(codes).toEqual(["DEADLINE_EXCEEDED", "Fetch", "OVERLOADED"]);
});

test("overrides of a share of the requests are known, and the roll decides", async () => {
  const engine = await start();
  expect(engine.overrides.percentages).toEqual([25]);
  expect(await engine.plan(request("{ node { size } }", 24), 20_000)).toMatchObject({ kind: "Sequence" });
  expect(await engine.plan(request("{ node { size } }", 25), 20_000)).toMatchObject({ kind: "Fetch", serviceName: "a" });
});

test("nothing is planned by an engine that was closed", async () => {
  const engine = await start();
  await engine.close();
  expect(await codeOf(engine.plan(request("{ node { id } }"), 1_000))).toBe("OVERLOADED");
});

/** Processes of a parent that are planners. */
function plannersOf(parent: number): readonly number[] {
  const isPlanner = (name: string): boolean => {
    try {
      const own = /^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${name}/status`, "utf8"))?.[1];
      return own === String(parent) && readFileSync(`/proc/${name}/cmdline`, "utf8").includes("plan/worker.ts");
    } catch {
      // It has ended meanwhile.
      return false;
    }
  };
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && isPlanner(name))
    .map(Number);
}

test("planners are seen by this test", async () => {
  await start();
  expect(plannersOf(process.pid).length).toBe(1);
});

test("a process that nobody needs for long is ended, and the next operation starts another", async () => {
  const engine = await start(1, 50);
  for (let tries = 0; tries < 1_000 && plannersOf(process.pid).length > 0; tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 10));
  expect(plannersOf(process.pid).length).toBe(0);
  expect(await engine.plan(request("{ node { id } }"), 20_000)).toBeDefined();
});

test("a planner that is at an operation when its hub is killed ends as well", async () => {
  const program = startNode([fileURLToPath(new URL("programs/orphan.ts", import.meta.url)), compose(), hostile()]);
  await once(program.stdout, "data");
  const [planner = 0] = plannersOf(program.pid ?? 0);
  expect(isAlive(planner)).toBe(true);
  program.kill("SIGKILL");
  await vi.waitFor(() => expect(isAlive(planner)).toBe(false), { timeout: 20_000 });
});
