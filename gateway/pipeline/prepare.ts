import { type DocumentNode, type GraphQLSchema, getOperationAST, Kind } from "graphql";
import { LRUCache } from "lru-cache";
import type { Catalogue } from "../../schema/catalogue.ts";
import type { EntityKeys } from "../../schema/entities.ts";
import { createVariableJudge, type VariableJudge } from "../access/variables.ts";
import type { Basis } from "../core/answer.ts";
import type { Caller } from "../core/caller.ts";
import type { ClearedOperation } from "../core/cleared.ts";
import { conditionVariables } from "../core/conditions.ts";
import type { FetchCache } from "../core/ports.ts";
import { createRunner, type Runner } from "../fetch/run.ts";
import type { TypeKnowledge } from "../fetch/types.ts";
import type { Upstream } from "../fetch/upstream.ts";
import type { Planner } from "../plan/plan.ts";
import { createProjector, type Projector } from "../project/project.ts";
import { createSink } from "../project/sink.ts";
import { compileStraight } from "../project/straight.ts";
import { basisOf } from "./basis.ts";
import { type Judged, judgedOf } from "./record.ts";
import { planUse, type UsePlan } from "./usage.ts";

/** An operation, compiled for one entitlement: everything that does not depend on variables, but for those of `@skip` and `@include`. */
export interface PreparedOperation {
  /** Equal keys, within one supergraph, mean the same prepared operation. */
  readonly key: string;
  readonly cleared: ClearedOperation;
  /** How it was judged, for records; undefined when the hub runs unrestricted. */
  readonly judged: Judged | undefined;
  /** What its answers rest on. */
  readonly basis: Basis;
  readonly judgeVariables: VariableJudge;
  readonly runner: Runner;
  readonly projector: Projector;
  /** How it uses agreements that set limits; undefined when none does. */
  readonly use: UsePlan | undefined;
}

/** What operations are prepared with. */
export interface PreparerOptions {
  readonly apiSchema: GraphQLSchema;
  readonly catalogue: Catalogue;
  readonly entityKeys: EntityKeys;
  readonly planner: Planner;
  readonly types: TypeKnowledge;
  readonly upstream: Upstream;
  readonly cache: FetchCache | undefined;
  /** What keys of pseudonyms are derived from; undefined when the hub runs unrestricted. */
  readonly pseudonymSecret: Uint8Array | undefined;
  /** A number from 0 to 1, for overrides of a share of the requests. */
  readonly random: () => number;
  /** How many prepared operations are kept. */
  readonly entriesMax: number;
}

/** An operation and who asked it: enough to prepare it anew, under other agreements or for another graph. */
export interface Ask {
  readonly document: DocumentNode;
  /** The document's hash; equal hashes mean equal documents. */
  readonly documentHash: string;
  readonly operationName: string | undefined;
  /** Undefined when the hub runs unrestricted. */
  readonly caller: Caller | undefined;
}

/** Values of the variables that `@skip` and `@include` name. */
export type Conditions = Readonly<Record<string, boolean>>;

/** What was asked, and under which conditions. */
export interface PastAsk extends Ask {
  readonly conditions: Conditions;
}

/** What identifies a prepared operation, and how to clear it when it isn't known. */
export interface PrepareRequest {
  /** Equal keys mean the same document, operation name, entitlement and reaction to denials. */
  readonly key: string;
  readonly ask: Ask;
  /** As the request gives them. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** Limits, validates and clears. */
  readonly clear: () => ClearedOperation;
}

/** Prepares each operation once for each combination of its conditions that is asked for, however many ask at the same time. */
export interface Preparer {
  /** @throws {HubError} what clearing or planning throws; failures are not kept. */
  prepare(request: PrepareRequest): PreparedOperation | Promise<PreparedOperation>;
  /** What was prepared and used last, the latest first. */
  recent(countMax: number): readonly PastAsk[];
}

/** An operation under one combination of its conditions, and one draw of it for overrides of a share of the requests. */
interface Variant {
  readonly key: string;
  readonly draw: number;
  readonly conditions: Conditions;
}

interface Kept {
  readonly operation: PreparedOperation;
  readonly ask: PastAsk;
}

/** Creates a bounded store of prepared operations. */
export function createPreparer(options: PreparerOptions): Preparer {
  const prepared = new LRUCache<string, Kept>({ max: options.entriesMax });
  const flights = new Map<string, Promise<PreparedOperation>>();
  const sink = createSink();
  const conditionsOf = createConditionReader();

  async function compile(cleared: ClearedOperation, { key, draw, conditions }: Variant): Promise<PreparedOperation> {
    const { apiSchema, catalogue, planner, types, upstream, cache, pseudonymSecret } = options;
    const plan = await planner.plan(cleared, { draw, set: new Set(namesSet(conditions)) });
    const use = planUse(cleared, { catalogue, entityKeys: options.entityKeys });
    const judged = judgedOf(cleared);
    const basis = basisOf(judged, cleared);
    const writing = { schema: apiSchema, cleared, plan, sink, pseudonymSecret, tally: use?.tally, basis };
    const runner = createRunner({
      plan,
      types,
      upstream,
      cache,
      isConditioned: cleared.isConditioned,
      conditioned: conditionedOf(cleared),
      straight: compileStraight(writing),
    });
    return {
      key,
      cleared,
      judged,
      basis,
      judgeVariables: createVariableJudge(apiSchema, cleared),
      runner,
      projector: createProjector(writing),
      use,
    };
  }

  async function fly(request: PrepareRequest, variant: Variant): Promise<PreparedOperation> {
    const operation = await compile(request.clear(), variant);
    prepared.set(variant.key, { operation, ask: { ...request.ask, conditions: variant.conditions } });
    return operation;
  }

  return {
    prepare(request): PreparedOperation | Promise<PreparedOperation> {
      const draw = options.planner.draw(options.random());
      const conditions = conditionsOf(request);
      const key = [request.key, ...(draw === 0 ? [] : [draw]), ...namesSet(conditions).map((name) => `$${name}`)].join(" ");
      const known = prepared.get(key);
      if (known !== undefined) return known.operation;
      const joined = flights.get(key);
      if (joined !== undefined) return joined;
      const flight = fly(request, { key, draw, conditions }).finally(() => flights.delete(key));
      flights.set(key, flight);
      return flight;
    },
    recent: (countMax) => [...prepared.values()].slice(0, countMax).map(({ ask }) => ask),
  };
}

/** Coordinates whose values an agreement's conditions may keep back. */
function conditionedOf({ verdict }: ClearedOperation): ReadonlySet<string> {
  const governed = [...verdict].filter(([, decision]) => decision.kind !== "deny" && decision.where !== undefined);
  return new Set(governed.map(([coordinate]) => coordinate));
}

function namesSet(conditions: Conditions): string[] {
  const names: string[] = [];
  for (const name in conditions) if (conditions[name] === true) names.push(name);
  return names;
}

const unconditional: Conditions = {};

/** Reads the conditions of requests before their variables are checked: what isn't a Boolean is refused later, whatever was prepared. */
function createConditionReader(): (request: PrepareRequest) => Conditions {
  const namesByDocument = new WeakMap<DocumentNode, readonly string[]>();

  return ({ ask: { document, operationName }, variables }): Conditions => {
    let names = namesByDocument.get(document);
    if (names === undefined) {
      names = conditionVariables(document);
      namesByDocument.set(document, names);
    }
    if (names.length === 0) return unconditional;
    const declared = getOperationAST(document, operationName)?.variableDefinitions ?? [];
    return Object.fromEntries(
      names.map((name) => {
        if (Object.hasOwn(variables, name)) return [name, variables[name] === true];
        const fallback = declared.find(({ variable }) => variable.name.value === name)?.defaultValue;
        return [name, fallback?.kind === Kind.BOOLEAN && fallback.value];
      }),
    );
  };
}
