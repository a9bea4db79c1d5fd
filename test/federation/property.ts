import { composeServices } from "@apollo/composition";
import { type DocumentNode, execute, type GraphQLSchema, parse, validate } from "graphql";
import { getVariableValues } from "graphql/execution/values.js";
import { clearOperation } from "../../gateway/access/clear.ts";
import type { FetchCache } from "../../gateway/core/ports.ts";
import type { Problem } from "../../gateway/core/problem.ts";
import { createRunner } from "../../gateway/fetch/run.ts";
import { createTypeKnowledge } from "../../gateway/fetch/types.ts";
import type { Upstream } from "../../gateway/fetch/upstream.ts";
import { createPlanner, type Planner } from "../../gateway/plan/plan.ts";
import { createProjector } from "../../gateway/project/project.ts";
import { createSink } from "../../gateway/project/sink.ts";
import { compileStraight } from "../../gateway/project/straight.ts";
import { readSupergraph, type Supergraph } from "../../schema/supergraph.ts";
import { type Chance, createChance } from "./chance.ts";
import { findDifference, findUntruth } from "./compare.ts";
import { buildMonolith, type MonolithContext, resolveMonolith, subgraphSdl } from "./graphs.ts";
import { setOf } from "./harness.ts";
import { type Model, makeModel } from "./model.ts";
import { makeOperation, type RandomOperation } from "./operations.ts";
import type { SharedPlanner } from "./planners.ts";
import { buildSubgraphs, type LocalSubgraphs } from "./subgraphs.ts";
import { createWorld, type Faults, nameOf } from "./values.ts";

/** How a random federation fared. */
export interface FederationResult {
  readonly isComposed: boolean;
  readonly operations: number;
  /** Answers that were not what they must be. */
  readonly failures: readonly string[];
  /**
   * Operations that the planner itself can't do: it ends, finds no plan, leaves out inputs, or writes a call that its subgraph's schema
   * forbids. Their answer is an error, or holds nothing wrong and an error for whatever is missing.
   */
  readonly plannerFaults: readonly string[];
}

interface Scene {
  readonly seed: number;
  readonly model: Model;
  readonly apiSchema: GraphQLSchema;
  readonly monolith: GraphQLSchema;
  readonly subgraphs: LocalSubgraphs;
  readonly planner: Planner;
  /** One for all operations of the federation; undefined without. */
  readonly cache: FetchCache | undefined;
}

/** What a federation is tried with. */
export interface Trying {
  readonly shared: SharedPlanner;
  /** Left out where nothing is kept. With a cache nothing is at fault: what was kept before would be served all the same. */
  readonly makeCache?: (supergraph: Supergraph) => FetchCache;
}

/** Makes a federation from a seed and holds the hub's answers to random operations against the monolith's. */
export async function tryFederation(seed: number, operationsMax: number, { shared, makeCache }: Trying): Promise<FederationResult> {
  const chance = createChance(seed);
  const model = makeModel(chance, seed, { isNarrowing: true });
  const nothing = { isComposed: false, operations: 0, failures: [], plannerFaults: [] };
  const { supergraphSdl } = composeServices(
    model.subgraphs.map((name) => ({ name, url: `http://${name}.invalid/`, typeDefs: parse(subgraphSdl(model, name)) })),
  );
  if (supergraphSdl === undefined) return nothing;
  const supergraph = readSupergraph(supergraphSdl);
  const { apiSchema } = supergraph;
  const engine = await shared.read(supergraphSdl);
  const planner = createPlanner({ engine, apiSchema, overrideLabels: [], timeoutMs: 10_000, concurrencyMax: 2, waitingMax: 10 });
  const scene: Scene = {
    seed,
    model,
    apiSchema,
    monolith: buildMonolith(model),
    subgraphs: buildSubgraphs(model),
    planner,
    cache: makeCache?.(supergraph),
  };
  const failures: string[] = [];
  const plannerFaults: string[] = [];
  let operations = 0;
  for (let attempt = 0; attempt < operationsMax * 8 && operations < operationsMax; attempt += 1) {
    const operation = makeOperation(apiSchema, chance);
    const document = parse(operation.text, { noLocation: true });
    if (validate(apiSchema, document).length > 0 || validate(scene.monolith, document).length > 0) continue;
    operations += 1;
    // One operation is planned after the other, by one process.
    const finding = await tryOperation(scene, {
      operation,
      document,
      faults: scene.cache === undefined ? makeFaults(chance, model, isChange(document)) : { kind: "none" },
      random: chance.int(100) / 100,
    });
    if (finding?.kind === "failure") failures.push(finding.text);
    if (finding?.kind === "planner") plannerFaults.push(finding.text);
  }
  return { isComposed: true, operations, failures, plannerFaults };
}

/** Whether others compute fields from a subgraph's: it is then the planner's choice whether they come with the object or by a look-up. */
function givesInputs({ entities }: Model, subgraph: string): boolean {
  return entities.some(({ fields }) => {
    const needed = new Set(fields.flatMap(({ requires }) => requires.map(nameOf)));
    return fields.some((field) => needed.has(field.name) && field.subgraphs.includes(subgraph));
  });
}

function isChange(document: DocumentNode): boolean {
  return document.definitions.some((definition) => definition.kind === "OperationDefinition" && definition.operation === "mutation");
}

function makeFaults(chance: Chance, model: Model, isMutation: boolean): Faults {
  const kind = chance.one(["none", "none", "none", "none", "none", "none", "fields", "fields", "dead", "lost"] as const);
  const subgraph = chance.one(model.subgraphs);
  const salt = chance.int(1_000);
  switch (kind) {
    case "none":
      return { kind };
    case "dead":
      // What the other mutations then do can be foretold in plain models alone.
      return isMutation && !model.isPlain ? { kind: "none" } : { kind, subgraph };
    case "lost":
      return model.isPlain && !givesInputs(model, subgraph) ? { kind, subgraph, salt } : { kind: "fields", salt };
    case "fields":
      return { kind, salt };
  }
}

interface Trial {
  readonly operation: RandomOperation;
  readonly document: DocumentNode;
  readonly faults: Faults;
  /** The lot for overrides, from 0 to 1. */
  readonly random: number;
}

interface Finding {
  readonly kind: "failure" | "planner";
  readonly text: string;
}

async function tryOperation(scene: Scene, trial: Trial): Promise<Finding | undefined> {
  const { faults, operation } = trial;
  const { upstream, refused, log } = scene.subgraphs.connect(createWorld(scene.model, faults, false));
  const hub = await askHub(scene, trial, upstream);
  const isForetold = faults.kind !== "dead" || scene.model.isPlain;
  const monolith = await askMonolith(scene, trial, isForetold ? faults : { kind: "none" });
  const tell = (what: string, kind: Finding["kind"]): Finding => ({
    kind,
    text: [
      `FEDERATION_SEED=${scene.seed}: ${what}${faults.kind === "none" ? "" : ` (faults: ${JSON.stringify(faults)})`}`,
      operation.text,
      JSON.stringify(operation.variables),
      ...log,
      ...refused,
      `hub      ${JSON.stringify(hub)}`,
      `monolith ${JSON.stringify({ data: monolith.data, errors: monolith.errors.map(({ path, message }) => ({ path, message })) })}`,
    ].join("\n"),
  });
  if (scene.cache !== undefined && !isChange(trial.document)) {
    const again = await askHub(scene, trial, upstream);
    if (JSON.stringify(again) !== JSON.stringify(hub))
      return tell(`another answer when it is asked again: ${JSON.stringify(again)}`, "failure");
  }
  if ("refusal" in hub) return tell(hub.refusal, hub.isPlanner ? "planner" : "failure");
  const answers = { hub, monolith, hidden: monolith.hidden };
  if (refused.length > 0) {
    const untruth = findUntruth(answers);
    return untruth === undefined ? tell("a call that its subgraph refuses", "planner") : tell(untruth, "failure");
  }
  if (hub.problems.some(({ code }) => code === "OPERATION_NOT_SUPPORTED")) return tell("a field that no call selects", "failure");
  const wrong = isForetold ? findDifference(answers) : findUntruth(answers);
  return wrong === undefined ? undefined : tell(wrong, "failure");
}

type HubAnswer =
  | { readonly data: unknown; readonly problems: readonly Problem[] }
  | { readonly refusal: string; readonly isPlanner: boolean };

async function askHub(
  { apiSchema, planner, cache }: Scene,
  { operation, document, random }: Trial,
  upstream: Upstream,
): Promise<HubAnswer> {
  const cleared = clearOperation({ schema: apiSchema, document, operationName: undefined, entitlement: undefined, onDenied: "withhold" });
  const definition = document.definitions.find((candidate) => candidate.kind === "OperationDefinition");
  const { coerced: variables = {} } = getVariableValues(apiSchema, definition?.variableDefinitions ?? [], operation.variables);
  let isPlanner = true;
  try {
    const plan = await planner.plan(cleared, { draw: planner.draw(random), set: setOf(variables) });
    const types = createTypeKnowledge(apiSchema);
    const writing = { schema: apiSchema, cleared, plan, sink: createSink(), pseudonymSecret: undefined };
    const runner = createRunner({ plan, types, upstream, cache });
    isPlanner = false;
    const run = { variables, headersFor: async () => ({}), deadlineAtMs: Date.now() + 20_000, nowMs: Date.now };
    const { joined, problems } = await runner.run(run);
    const projected = createProjector(writing).project({ joined, problems, introspection: undefined });
    const { passed } = await createRunner({ plan, types, upstream, cache, straight: compileStraight(writing) }).run(run);
    // A reply is passed on unread only where it is the very bytes that would be written.
    const written = `{"data":${projected.data.toString()}}`;
    for (const whole of [projected.whole, passed?.whole, passed && Buffer.from(`{"data":${passed.data.toString()}}`)]) {
      if (whole !== undefined && whole.toString() !== written) return { refusal: `${whole.toString()} is not ${written}`, isPlanner };
    }
    return { data: JSON.parse(projected.data.toString("utf8")), problems: projected.problems };
  } catch (error) {
    return { refusal: error instanceof Error ? (isPlanner ? error.message : String(error.stack)) : String(error), isPlanner };
  }
}

interface MonolithAnswer {
  readonly data: unknown;
  readonly errors: NonNullable<Awaited<ReturnType<typeof execute>>["errors"]>;
  readonly hidden: MonolithContext["hidden"];
}

async function askMonolith({ model, monolith }: Scene, { operation, document }: Trial, faults: Faults): Promise<MonolithAnswer> {
  const context: MonolithContext = { world: createWorld(model, faults, true), hidden: [] };
  const { data, errors = [] } = await execute({
    schema: monolith,
    document,
    variableValues: operation.variables,
    contextValue: context,
    fieldResolver: resolveMonolith as never,
  });
  return { data: data ?? null, errors, hidden: context.hidden };
}
