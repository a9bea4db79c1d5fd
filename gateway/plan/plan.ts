import type { GraphQLSchema } from "graphql";
import type { ClearedOperation } from "../core/cleared.ts";
import type { SetConditions } from "../core/conditions.ts";
import { HubError } from "../core/errors.ts";
import { createGate } from "../core/gate.ts";
import type { FetchPlan } from "../core/layout.ts";
import { arrange } from "./arrange.ts";
import { type PlanEngine, planGraphs, trueGraph } from "./engine.ts";
import { layOut } from "./layout.ts";
import { reverseOrder } from "./order.ts";

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
   * where there is no plan, or one that the hub doesn't run.
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
  /** Half of it is for an operation as it stands, the other half for a second try at one that the planner doesn't end with. */
  readonly timeoutMs: number;
  /** How many operations may be planned at once. */
  readonly concurrencyMax: number;
  /** How many may wait to be planned. */
  readonly waitingMax: number;
}

/** Creates the planner of one supergraph. Limits on the operation are checked before it gets here. */
export function createPlanner({ engine, apiSchema, overrideLabels, timeoutMs, concurrencyMax, waitingMax }: PlannerOptions): Planner {
  const gate = createGate({ concurrencyMax, waitingMax, what: "the planner" });
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
        const asked = { operationName: cleared.operationName, labels: overrideLabels, roll: draw };
        return await planInGraphs(arranged.text, async ({ text, graph }) => {
          const node = await engine.plan({ ...asked, text, graph }, timeoutMs / 2);
          return layOut(node, { schema: apiSchema, arranged, set });
        });
      } finally {
        leave();
      }
    },
    close: () => engine.close(),
  };
}

/** One try at an operation. */
interface Try {
  readonly text: string;
  readonly graph: number;
}

/**
 * Plans in one graph after the other until one gives a plan that can be run. The planner never ends with some operations where their
 * selections stand in one order and does where they stand in another: once, when time is out, it is given the reverse.
 *
 * @throws what went wrong in the true graph.
 */
async function planInGraphs(text: string, plan: (asked: Try) => Promise<FetchPlan>): Promise<FetchPlan> {
  const failures = new Map<number, unknown>();
  let asked: Try = { text, graph: 0 };
  while (asked.graph < planGraphs) {
    try {
      // Most operations are planned in the first graph.
      // oxlint-disable-next-line no-await-in-loop
      return await plan(asked);
    } catch (error) {
      const isLate = error instanceof HubError && error.code === "DEADLINE_EXCEEDED";
      if (isLate && asked.text === text) {
        asked = { text: reverseOrder(text), graph: asked.graph };
        continue;
      }
      if (error instanceof HubError && error.code !== "OPERATION_NOT_SUPPORTED") throw error;
      failures.set(asked.graph, error);
      asked = { text: asked.text, graph: asked.graph + 1 };
    }
  }
  throw failures.get(trueGraph);
}
