import { parse } from "graphql";
import { expect, test } from "vitest";
import { clearOperation } from "../../gateway/access/clear.ts";
import { createTypeKnowledge } from "../../gateway/fetch/types.ts";
import { createPreparer, type PreparedOperation } from "../../gateway/pipeline/prepare.ts";
import { createPlanEngine } from "../../gateway/plan/engine.ts";
import { createPlanner } from "../../gateway/plan/plan.ts";
import { withUnread } from "../federation/unread.ts";
import { compose, graphOf, OPEN } from "../schema/composing.ts";

const { sdl, apiSchema, catalogue, entityKeys } = graphOf(compose({ a: `type Query { x: Int ${OPEN} y: Int ${OPEN} }` }));

const preparer = createPreparer({
  apiSchema,
  catalogue,
  entityKeys,
  planner: createPlanner({
    engine: createPlanEngine(sdl),
    apiSchema,
    overrideLabels: [],
    timeoutMs: 5_000,
    concurrencyMax: 1,
    waitingMax: 10,
  }),
  types: createTypeKnowledge(apiSchema),
  upstream: withUnread({
    call: async () => ({ kind: "failure", code: "SUBGRAPH_UNAVAILABLE", isRetryable: false }),
    close: async () => undefined,
  }),
  cache: undefined,
  pseudonymSecret: undefined,
  random: () => 0,
  entriesMax: 3,
});

const document = parse(
  "query Q($a: Boolean!, $b: Boolean = true) { x @include(if: $a) y @skip(if: $b) } query R($a: Boolean!, $b: Boolean = false) { x @include(if: $a) y @skip(if: $b) }",
);

async function prepare(operationName: string, variables: Readonly<Record<string, unknown>>): Promise<PreparedOperation> {
  return await preparer.prepare({
    key: operationName,
    ask: { document, documentHash: "hash", operationName, caller: undefined },
    variables,
    clear: () => clearOperation({ schema: apiSchema, document, operationName, entitlement: undefined, onDenied: "withhold" }),
  });
}

test("an operation is prepared once for each combination of its conditions, defaults included, and no more are kept than may be", async () => {
  const first = await prepare("Q", { a: true, b: true });
  expect(await prepare("Q", { a: true })).toBe(first);
  expect(await prepare("Q", { a: true, other: true })).toBe(first);
  const others = [
    await prepare("Q", { a: false, b: true }),
    await prepare("Q", { a: true, b: false }),
    // A null is false, whatever the default says.
    await prepare("Q", { a: true, b: null }),
    await prepare("R", { a: true }),
  ];
  expect(others[2]).toBe(others[1]);
  expect(new Set([first, ...others].map(({ key }) => key))).toEqual(new Set(["Q $a $b", "Q $b", "Q $a", "R $a"]));
  expect(preparer.recent(10).map(({ operationName, conditions }) => ({ operationName, conditions }))).toEqual([
    { operationName: "R", conditions: { a: true, b: false } },
    { operationName: "Q", conditions: { a: true, b: false } },
    { operationName: "Q", conditions: { a: false, b: true } },
  ]);
  expect(await prepare("Q", { a: true })).not.toBe(first);
});
