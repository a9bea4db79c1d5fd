import { composeServices } from "@apollo/composition";
import { parse } from "graphql";
import { expect, test } from "vitest";
import type { ClearedOperation } from "../../gateway/core/cleared.ts";
import { createPlanEngine } from "../../gateway/plan/engine.ts";
import { createInputNarrowing } from "../../gateway/plan/narrow.ts";
import { createPlanner } from "../../gateway/plan/plan.ts";
import { readSupergraph } from "../../schema/supergraph.ts";

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@requires", "@external", "@interfaceObject"])\n`;

function compose(parts: Readonly<Record<string, string>>): string {
  const { supergraphSdl, errors } = composeServices(
    Object.entries(parts).map(([name, sdl]) => ({ name, url: `http://${name}.invalid/`, typeDefs: parse(link + sdl) })),
  );
  if (supergraphSdl === undefined) throw new Error(errors?.map(({ message }) => message).join("\n"));
  return supergraphSdl;
}

/** Shops knows books and films; ratings knows only that they are media, and computes `score` from their `votes`. */
const supergraph = compose({
  shops: `type Query { media: [Media] }
    interface Named { id: ID! }
    interface Media @key(fields: "id") { id: ID! votes: Int }
    type Book implements Media & Named @key(fields: "id") { id: ID! votes: Int pages: Int }
    type Film implements Media & Named @key(fields: "id") { id: ID! votes: Int length: Int }`,
  ratings: `type Query { rated: [Media] }
    type Media @interfaceObject @key(fields: "id") { id: ID! votes: Int @external score: Int @requires(fields: "votes") stars: Int }`,
});

/** Each call as its subgraph and text, and the types that its representations are made of. */
async function callsOf(text: string): Promise<readonly string[]> {
  const { apiSchema } = readSupergraph(supergraph);
  const engine = createPlanEngine(supergraph);
  const planner = createPlanner({ engine, apiSchema, overrideLabels: [], timeoutMs: 5_000, concurrencyMax: 1, waitingMax: 1 });
  const cleared: Partial<ClearedOperation> = { document: parse(text), text, operationName: undefined };
  const { fetches } = await planner.plan(cleared as ClearedOperation, { draw: 0, set: new Set() });
  return fetches.map(({ subgraph, text: call, attachments }) => {
    const types = attachments.flatMap(({ requires }) =>
      requires.map((each) => (each.kind === "fragment" ? each.typeCondition : each.name)),
    );
    return [subgraph, /\{.*\}$/.exec(call)?.[0].replaceAll(/\(.*?\)/g, ""), ...types].join(" ");
  });
}

test("what a field of an interface object is computed from is not fetched for types of which the field isn't asked", async () => {
  expect(await callsOf("{ rated { stars ... on Book { score } } }")).toEqual([
    "ratings {rated{__typename id stars}}",
    "shops {_entities{...on Media{__typename}...on Book{id votes}}} Media",
    "ratings {_entities{...on Media{score}}} Book",
  ]);
});

test("such a field is not computed for types of which it isn't asked, also where their inputs are there", async () => {
  expect(await callsOf("{ media { stars ... on Book { score } ... on Film { votes } } }")).toEqual([
    "shops {media{__typename id ...on Book{__typename id votes} ...on Film{votes}}}",
    "ratings {_e0: _entities{...on Media{score}} _e1: _entities{...on Media{stars}}} Book Media",
  ]);
});

test("a field that is asked of every type is computed for all", async () => {
  expect(await callsOf("{ rated { score } }")).toEqual([
    "ratings {rated{__typename id}}",
    "shops {_entities{...on Media{votes}}} Media",
    "ratings {_entities{...on Media{score}}} Media",
  ]);
  expect(await callsOf("{ media { ... on Named { id } score } }")).toEqual([
    "shops {media{__typename id votes}}",
    "ratings {_entities{...on Media{score}}} Media",
  ]);
});

test("a graph in which nobody knows an interface as an object needs no narrowing", () => {
  expect(createInputNarrowing(compose({ shops: "type Query { name: String }" }))).toBeUndefined();
});
