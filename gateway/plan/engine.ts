import { QueryPlanner } from "@graphql-hive/router-query-planner";
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
}

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
   * @throws {HubError} DEADLINE_EXCEEDED when it takes longer than `timeoutMs`.
   */
  plan(request: PlanRequest, timeoutMs: number): Promise<PlanNode | undefined>;
  /** Ends what the engine has started. May be called again. */
  close(): Promise<void>;
}

/**
 * Creates an engine that plans on the calling thread and can't be stopped: for a process of its own, and for operations
 * that are known not to be hostile.
 *
 * @throws {Error} when the supergraph can't be read.
 */
export function createPlanEngine(supergraphSdl: string): PlanEngine {
  const planner = new QueryPlanner(supergraphSdl);
  const widened = widenUnions(supergraphSdl);
  const findMissing = createRequiresCheck(supergraphSdl);
  const narrowInputs = createInputNarrowing(supergraphSdl);
  const widePlanner = widened === undefined ? undefined : new QueryPlanner(widened.sdl);

  /** @returns Undefined when the widened graph has no plan or needs none: then the true graph decides. */
  function planWide({ text, operationName, labels, roll }: PlanRequest): PlanNode | undefined {
    if (widened === undefined || widePlanner === undefined) return undefined;
    try {
      const { node } = widePlanner.plan(text, operationName, new Set(labels), roll);
      return node === undefined ? undefined : widened.narrow(node);
    } catch {
      return undefined;
    }
  }

  return {
    overrides: { percentages: planner.overridePercentages, labels: planner.overrideLabels },
    async plan(request): Promise<PlanNode | undefined> {
      const { text, operationName, labels, roll } = request;
      const planned = planWide(request) ?? planner.plan(text, operationName, new Set(labels), roll).node;
      const node = planned === undefined ? undefined : (narrowInputs?.(planned, text) ?? planned);
      const missing = node === undefined ? undefined : findMissing(node);
      if (missing !== undefined) throw new Error(`The planner asks for ${missing} without what it is computed from.`);
      return node;
    },
    close: async () => undefined,
  };
}
