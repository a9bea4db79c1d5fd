import { composeServices } from "@apollo/composition";
import { parse } from "graphql";
import { expect, test } from "vitest";
import { createPlanEngine } from "../../gateway/plan/engine.ts";
import type { FetchNode, PlanNode } from "../../gateway/plan/nodes.ts";
import { createRequiresCheck } from "../../gateway/plan/requires.ts";

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@requires", "@external"])\n`;

function compose(parts: Readonly<Record<string, string>>): string {
  const { supergraphSdl, errors } = composeServices(
    Object.entries(parts).map(([name, sdl]) => ({ name, url: `http://${name}.invalid/`, typeDefs: parse(link + sdl) })),
  );
  if (supergraphSdl === undefined) throw new Error(errors?.map(({ message }) => message).join("\n"));
  return supergraphSdl;
}

const supergraph = compose({
  goods: `type Query { goods: [Good!] } type Good @key(fields: "id") { id: ID! weight: Int size: Size } type Size { long: Int }`,
  post: `type Query { parcel: Parcel } type Parcel { good: Good }
    type Good @key(fields: "id") { id: ID! weight: Int @external size: Size @external postage: Int @requires(fields: "weight size { long }") }
    type Size { long: Int @external }`,
});

const find = createRequiresCheck(supergraph);

/** A call for entities, as the planner writes it. */
function entityCall(operation: string, requires: readonly string[], serviceName = "post"): PlanNode {
  const selections = requires.map((name) => ({ kind: "Field" as const, name }));
  const call = {
    kind: "Fetch",
    serviceName,
    operation: `query($representations:[_Any!]!){_entities(representations: $representations){${operation}}}`,
    requires: [{ kind: "InlineFragment", typeCondition: "Good", selections }],
  };
  return { kind: "Flatten", path: [{ Field: "goods" }, "@"], node: call as unknown as FetchNode };
}

test("a computed field without one of its inputs in the representation is found, under an alias and in a batch too", () => {
  expect(find(entityCall("...on Good{postage}", ["__typename", "id", "weight"]))).toBe("Good.postage");
  expect(find(entityCall("...on Good{price: postage}", ["__typename", "id"]))).toBe("Good.postage");
  expect(find({ kind: "Sequence", nodes: [{ kind: "Parallel", nodes: [entityCall("...on Good{postage}", ["id"])] }] })).toBe(
    "Good.postage",
  );
});

test("a computed field that is asked for without a representation is found", () => {
  const call = { kind: "Fetch", serviceName: "post", operation: "{parcel{good{id postage}}}" };
  expect(find(call as unknown as PlanNode)).toBe("Good.postage");
});

test("a computed field with all its inputs, and what is no computed field there, is let pass", () => {
  expect(find(entityCall("...on Good{postage}", ["__typename", "id", "weight", "size"]))).toBeUndefined();
  expect(find(entityCall("...on Good{weight size{long}}", ["__typename", "id"], "goods"))).toBeUndefined();
});

test("the planner's own plans pass, and an engine that plans one gives it", async () => {
  const engine = createPlanEngine(supergraph);
  const plan = await engine.plan(
    { text: "{ goods { postage } parcel { good { postage } } }", operationName: undefined, labels: [], roll: 0 },
    1_000,
  );
  expect(plan).toBeDefined();
  if (plan !== undefined) expect(find(plan)).toBeUndefined();
});
