import { QueryPlanner } from "@graphql-hive/router-query-planner";
import type { AnnexScope } from "./annexes.ts";
import { detachFields } from "./detach.ts";
import { widenUnions } from "./members.ts";
import { createInputNarrowing } from "./narrow.ts";
import type { PlanNode } from "./nodes.ts";
import { createRequiresCheck } from "./requires.ts";

/** What an engine plans. */
export interface PlanRequest {
  readonly text: string;
  readonly operationName: string | undefined;
  /** Labels of `@override` that are on. */
  readonly labels: readonly string[];
  /** Overrides of `percent(n)` are on where n is greater; from 0 to 100. */
  readonly roll: number;
  /**
   * The graph to plan it in, from 0 to one less than `planGraphs`: with unions widened, as it is, these two with inputs detached, and these two
   * with interface objects detached as well. The first that gives a plan gives the best one.
   */
  readonly graph?: number;
}

/** How many graphs there are to plan an operation in. */
export const planGraphs = 6;

/** The graph as it is. */
export const trueGraph = 1;

/** What a supergraph says of progressive overrides. */
export interface Overrides {
  /** The n of each `@override(label: "percent(n)")`. */
  readonly percentages: readonly number[];
  readonly labels: readonly string[];
}

/** Plans operations of one supergraph, wherever that is done. */
export interface PlanEngine {
  readonly overrides: Overrides;
  /**
   * @returns The planner's tree; undefined when there is nothing to fetch.
   * @throws {Error} when the planner has no plan, or a wrong one, or the supergraph has no such graph; from a process of its own a {HubError}
   * OPERATION_NOT_SUPPORTED with that as its cause.
   * @throws {HubError} DEADLINE_EXCEEDED when it takes longer than `timeoutMs`.
   */
  plan(request: PlanRequest, timeoutMs: number): Promise<PlanNode | undefined>;
  /** Ends what the engine has started. May be called again. */
  close(): Promise<void>;
}

/** A supergraph as the planner gets it, and the way from its plans to true ones. */
interface PlanGraph {
  readonly planner: QueryPlanner;
  readonly restore: (node: PlanNode) => PlanNode;
}

/**
 * Creates an engine that plans on the calling thread and can't be stopped: for a process of its own, and for operations
 * that are known not to be hostile.
 *
 * @throws {Error} when the supergraph can't be read.
 */
export function createPlanEngine(supergraphSdl: string): PlanEngine {
  const findMissing = createRequiresCheck(supergraphSdl);
  const narrowInputs = createInputNarrowing(supergraphSdl);
  const wide = readWide(supergraphSdl);
  const plain: PlanGraph = { planner: new QueryPlanner(supergraphSdl), restore: (node) => node };
  // Few operations need these, and reading a graph takes time and memory.
  const detached = (["inputs", "interfaces"] as const).flatMap((scope) => [
    once(() => (wide === undefined ? undefined : readDetached(wide, scope))),
    once(() => readDetached({ ...plain, sdl: supergraphSdl }, scope)),
  ]);
  const graphs = [(): PlanGraph | undefined => wide, (): PlanGraph => plain, ...detached];

  return {
    overrides: { percentages: plain.planner.overridePercentages, labels: plain.planner.overrideLabels },
    async plan({ text, operationName, labels, roll, graph = trueGraph }): Promise<PlanNode | undefined> {
      const found = graphs[graph]?.();
      if (found === undefined) throw new Error("There is no such graph.");
      const { node } = found.planner.plan(text, operationName, new Set(labels), roll);
      if (node === undefined && graph !== trueGraph) throw new Error("The true graph says whether there is nothing to fetch.");
      if (node === undefined) return undefined;
      const restored = found.restore(node);
      const narrowed = narrowInputs?.(restored, text) ?? restored;
      const missing = findMissing(narrowed);
      if (missing !== undefined) throw new Error(`The planner asks for ${missing} without what it is computed from.`);
      return narrowed;
    },
    close: async () => undefined,
  };
}

function readWide(supergraphSdl: string): (PlanGraph & { readonly sdl: string }) | undefined {
  const widened = widenUnions(supergraphSdl);
  return widened === undefined
    ? undefined
    : { sdl: widened.sdl, planner: new QueryPlanner(widened.sdl), restore: (node) => widened.narrow(node) };
}

function readDetached({ sdl, restore }: Pick<PlanGraph, "restore"> & { readonly sdl: string }, scope: AnnexScope): PlanGraph | undefined {
  const detached = detachFields(sdl, scope);
  if (detached === undefined) return undefined;
  return { planner: new QueryPlanner(detached.sdl), restore: (node) => restore(detached.attach(node)) };
}

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
