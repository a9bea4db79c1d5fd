import type { GraphQLSchema } from "graphql";
import type { ClearedOperation } from "../core/cleared.ts";
import type { SetConditions } from "../core/conditions.ts";
import { HubError } from "../core/errors.ts";
import { createGate } from "../core/gate.ts";
import type { FetchPlan } from "../core/layout.ts";
import { arrange } from "./arrange.ts";
import { type PlanEngine, planGraphs, trueGraph } from "./engine.ts";
import { layOut } from "./layout.ts";

/** What a plan is for, besides its operation. */
export interface PlanCase {
  /** What `draw` gave. */
  readonly draw: number;
  /** The variables of `@skip` and `@include` that are true: what they exclude isn't planned. */
  readonly set: SetConditions;
}

/** Plans cleared operations over one supergraph. */
export interface Planner {
  /**
   * Draws the lot for `@override(label: "percent(n)")`: requests that draw alike have one plan.
   *
   * @param random From 0 to 1.
   * @returns The draw to plan with, from 0 to 100; always 0 where the supergraph has no such override.
   */
  draw(random: number): number;
  /**
   * @throws {HubError} DEADLINE_EXCEEDED when planning takes too long; OVERLOADED when too many wait; OPERATION_NOT_SUPPORTED
   * for a plan that the hub doesn't run.
   */
  plan(cleared: ClearedOperation, planCase: PlanCase): Promise<FetchPlan>;
  close(): Promise<void>;
}

/** What a planner needs. */
export interface PlannerOptions {
  readonly engine: PlanEngine;
  readonly apiSchema: GraphQLSchema;
  /** Labels of `@override` that are on. */
  readonly overrideLabels: readonly string[];
  readonly timeoutMs: number;
  /** How many operations may be planned at once. */
  readonly concurrencyMax: number;
  /** How many may wait to be planned. */
  readonly waitingMax: number;
}

/** Creates the planner of one supergraph. Limits on the operation are checked before it gets here. */
export function createPlanner({ engine, apiSchema, overrideLabels, timeoutMs, concurrencyMax, waitingMax }: PlannerOptions): Planner {
  const gate = createGate(concurrencyMax, waitingMax, "the planner");
  const steps = [0, ...engine.overrides.percentages.toSorted((left, right) => left - right)];
  return {
    draw(random): number {
      // The lower end of the interval between two percentages stands for all of it.
      return steps.findLast((step) => step <= random * 100) ?? 0;
    },
    async plan(cleared, { draw, set }): Promise<FetchPlan> {
      const arranged = cleared.document === undefined ? undefined : arrange(cleared.document, apiSchema, set);
      if (arranged === undefined) return layOut(undefined, { schema: apiSchema, arranged, set });
      const leave = await gate.enter(timeoutMs);
      try {
        return await planInGraphs(async (graph) => {
          const { operationName } = cleared;
          const node = await engine.plan({ text: arranged.text, operationName, labels: overrideLabels, roll: draw, graph }, timeoutMs);
          return layOut(node, { schema: apiSchema, arranged, set });
        });
      } finally {
        leave();
      }
    },
    close: () => engine.close(),
  };
}

/** Plans in one graph after the other until one gives a plan that can be run. @throws what went wrong in the true one. */
async function planInGraphs(plan: (graph: number) => Promise<FetchPlan>): Promise<FetchPlan> {
  const failures: unknown[] = [];
  for (let graph = 0; graph < planGraphs; graph += 1) {
    try {
      // Most operations are planned in the first graph.
      // oxlint-disable-next-line no-await-in-loop
      return await plan(graph);
    } catch (error) {
      // What takes too long in one graph does so in the others, and meanwhile others wait.
      if (error instanceof HubError && error.code !== "OPERATION_NOT_SUPPORTED") throw error;
      failures.push(error);
    }
  }
  throw failures[trueGraph];
}
