import { composeServices } from "@apollo/composition";
import { execute, type GraphQLSchema, parse, validate } from "graphql";
import { getVariableValues } from "graphql/execution/values.js";
import { clearOperation } from "../../gateway/access/clear.ts";
import { readReplyText } from "../../gateway/fetch/reply.ts";
import { createRunner } from "../../gateway/fetch/run.ts";
import { createTypeKnowledge } from "../../gateway/fetch/types.ts";
import type { Upstream } from "../../gateway/fetch/upstream.ts";
import { createPlanner } from "../../gateway/plan/plan.ts";
import { createProjector } from "../../gateway/project/project.ts";
import { readSupergraph } from "../../schema/supergraph.ts";
import { createChance } from "./chance.ts";
import { buildMonolith, buildSubgraph, linkedSdl } from "./graphs.ts";
import { type Model, makeModel } from "./model.ts";
import { makeOperation } from "./operations.ts";

/** How a random federation fared. */
export interface FederationResult {
  readonly isComposed: boolean;
  readonly operations: number;
  readonly failures: readonly string[];
}

/** Makes a federation from a seed and holds the hub's answers to random operations against the monolith's. */
export async function tryFederation(seed: number, operationsMax: number): Promise<FederationResult> {
  const chance = createChance(seed);
  const model = makeModel(chance, seed);
  if (model.roots.length === 0) return { isComposed: false, operations: 0, failures: [] };
  const composed = composeServices(
    model.subgraphs.map((name) => ({ name, url: `http://${name}.invalid/`, typeDefs: parse(linkedSdl(model, name)) })),
  );
  if (composed.supergraphSdl === undefined) return { isComposed: false, operations: 0, failures: [] };
  const hub = createHub(composed.supergraphSdl, model);
  const monolith = buildMonolith(model);
  const failures: string[] = [];
  let operations = 0;
  for (let attempt = 0; attempt < operationsMax * 4 && operations < operationsMax; attempt += 1) {
    const { text, variables } = makeOperation(hub.apiSchema, chance);
    const document = parse(text);
    if (validate(hub.apiSchema, document).length > 0 || validate(monolith, document).length > 0) continue;
    operations += 1;
    const expected = await execute({ schema: monolith, document, variableValues: variables });
    const actual = await hub
      .ask(text, variables)
      .catch((error: unknown) => ({ data: `threw ${error instanceof Error ? (error.stack ?? "") : ""}`, hasErrors: true }));
    const isEqual = JSON.stringify(actual.data) === JSON.stringify(expected.data) && (actual.hasErrors || expected.errors === undefined);
    if (!isEqual)
      failures.push(
        `seed ${seed}\n${text}\n${JSON.stringify(variables)}\nhub      ${JSON.stringify(actual.data)}\nmonolith ${JSON.stringify(expected.data)}`,
      );
  }
  return { isComposed: true, operations, failures };
}

interface PropertyHub {
  readonly apiSchema: GraphQLSchema;
  ask(text: string, variables: Record<string, unknown>): Promise<{ readonly data: unknown; readonly hasErrors: boolean }>;
}

function createHub(supergraphSdl: string, model: Model): PropertyHub {
  const { apiSchema } = readSupergraph(supergraphSdl);
  const upstream = createLocalUpstream(model);
  const planner = createPlanner({ supergraphSdl, apiSchema, timeoutMs: 20_000, concurrencyMax: 2, waitingMax: 10 });
  const types = createTypeKnowledge(apiSchema);
  return {
    apiSchema,
    async ask(text, given): Promise<{ data: unknown; hasErrors: boolean }> {
      const cleared = clearOperation({
        schema: apiSchema,
        document: parse(text),
        operationName: undefined,
        entitlement: undefined,
        onDenied: "withhold",
      });
      const plan = await planner.plan(cleared);
      const operation = cleared.asked.definitions.find((definition) => definition.kind === "OperationDefinition");
      const { coerced: variables = {} } = getVariableValues(apiSchema, operation?.variableDefinitions ?? [], given);
      const runner = createRunner({ plan, types, upstream, cache: undefined, schemaHash: "", lifetimeOf: () => undefined });
      const { joined, problems } = await runner.run({
        variables,
        headersFor: async () => ({}),
        deadlineAtMs: Date.now() + 20_000,
        nowMs: Date.now,
      });
      const projected = createProjector({ schema: apiSchema, cleared, plan }).project({
        joined,
        problems,
        variables,
        introspection: undefined,
      });
      return { data: JSON.parse(projected.dataText), hasErrors: projected.problems.length > 0 };
    },
  };
}

/** Subgraphs in the same process: the transport has tests of its own. Each refuses operations that aren't valid in its schema. */
function createLocalUpstream(model: Model): Upstream {
  const schemas = new Map(model.subgraphs.map((name) => [name, buildSubgraph(model, name)]));
  return {
    async call({ subgraph, body }) {
      const schema = schemas.get(subgraph);
      if (schema === undefined) throw new Error(`No subgraph ${subgraph}.`);
      const { query, variables } = JSON.parse(body) as { query: string; variables?: Record<string, unknown> };
      const document = parse(query);
      const errors = validate(schema, document);
      if (errors.length > 0)
        throw new Error(`The subgraph ${subgraph} refuses ${query}: ${errors.map((error) => error.message).join(" ")}`);
      return readReplyText(JSON.stringify(await execute({ schema, document, variableValues: variables ?? {}, contextValue: {} })));
    },
    async close() {},
  };
}
