import { composeServices } from "@apollo/composition";
import { parse } from "graphql";
import { expect, test } from "vitest";
import { clearOperation } from "../../gateway/access/clear.ts";
import { arrange } from "../../gateway/plan/arrange.ts";
import type { PlanEngine } from "../../gateway/plan/engine.ts";
import { createPlanner } from "../../gateway/plan/plan.ts";
import { startPlanProcesses } from "../../gateway/plan/processes.ts";
import { readSupergraph } from "../../schema/supergraph.ts";

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])\n`;
const pos = "type Pos @shareable { x: Int! }";

interface Opened {
  readonly engine: PlanEngine;
  readonly apiSchema: ReturnType<typeof readSupergraph>["apiSchema"];
  readonly tryText: (text: string) => Promise<unknown>;
}

async function open(subgraphs: Readonly<Record<string, string>>): Promise<Opened> {
  const services = Object.entries(subgraphs).map(([name, sdl]) => ({ name, url: `http://${name}.invalid/`, typeDefs: parse(link + sdl) }));
  const { supergraphSdl = "" } = composeServices(services);
  const engine = await startPlanProcesses({ supergraphSdl, processesMax: 1, startTimeoutMs: 20_000 });
  const tryText = (text: string): Promise<unknown> => engine.plan({ text, operationName: undefined, labels: [], roll: 0 }, 3_000);
  return { engine, apiSchema: readSupergraph(supergraphSdl).apiSchema, tryText };
}

test("a key under two names with a field of another subgraph between them doesn't hold the planner", async () => {
  const { engine, apiSchema, tryText } = await open({
    a: `type P @key(fields: "id") @key(fields: "code") @key(fields: "pos { x }") { id: ID! code: String! pos: Pos! } ${pos}`,
    c: `type P @key(fields: "code") @key(fields: "pos { x }") { code: String! pos: Pos! f: [Int] } ${pos}`,
    d: `type Query { root: [P] } type P @key(fields: "pos { x }") { pos: Pos! } ${pos}`,
    e: `type P @key(fields: "id code") { id: ID! code: String! }`,
  });
  try {
    const text = "{ root { k: id f id } }";
    // When the planner ends with the operation as it is written, there is no need to write it otherwise.
    await expect(tryText(text)).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
    expect(await tryText(arrange(parse(text), apiSchema, new Set())?.text ?? "")).toBeDefined();
  } finally {
    await engine.close();
  }
}, 30_000);

test("an operation that the planner doesn't end with in one order is planned in the other", async () => {
  const { engine, apiSchema, tryText } = await open({
    a: `type P @key(fields: "id") @key(fields: "code") @key(fields: "pos { x }") { id: ID! code: String! pos: Pos! } ${pos}`,
    b: `type Query { root: [P] } type P @key(fields: "pos { x }") { pos: Pos! } ${pos}`,
    c: `type P @key(fields: "code") @key(fields: "pos { x }") { id: ID! @shareable code: String! pos: Pos! tag: String } ${pos}`,
    d: `type P @key(fields: "id") { id: ID! f: [Int] }`,
  });
  const planner = createPlanner({ engine, apiSchema, overrideLabels: [], timeoutMs: 6_000, concurrencyMax: 1, waitingMax: 1 });
  try {
    const text = "{ root { tag f } }";
    await expect(tryText(text)).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
    const document = parse(text);
    const cleared = clearOperation({ schema: apiSchema, document, operationName: undefined, entitlement: undefined, onDenied: "withhold" });
    const { fetches } = await planner.plan(cleared, { draw: 0, set: new Set() });
    expect(fetches.flatMap(({ coordinates }) => coordinates ?? [])).toEqual(expect.arrayContaining(["Query.root", "P.tag", "P.f"]));
  } finally {
    await planner.close();
  }
}, 30_000);
