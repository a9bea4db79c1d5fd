import { QueryPlanner } from "@graphql-hive/router-query-planner";
import type { GraphQLSchema } from "graphql";
import type { ClearedOperation } from "../core/cleared.ts";
import { HubError } from "../core/errors.ts";
import { createGate } from "../core/gate.ts";
import type { FetchPlan } from "../core/layout.ts";
import { layOut } from "./layout.ts";

/** Plans cleared operations over one supergraph. */
export interface Planner {
  /**
   * @throws {HubError} DEADLINE_EXCEEDED when planning takes too long; OPERATION_NOT_SUPPORTED for a plan that the hub
   * doesn't run.
   */
  plan(cleared: ClearedOperation): Promise<FetchPlan>;
}

/** What a planner needs. */
export interface PlannerOptions {
  readonly supergraphSdl: string;
  readonly apiSchema: GraphQLSchema;
  readonly timeoutMs: number;
  /** How many operations may be planned at once. */
  readonly concurrencyMax: number;
  /** How many may wait to be planned. */
  readonly waitingMax: number;
}

/**
 * Creates the planner of one supergraph.
 *
 * Planning runs off the serving thread; limits on the operation are checked before it gets here, since the planner
 * can't be stopped once it has begun.
 *
 * @throws {Error} when the planner can't read the supergraph.
 */
export function createPlanner({ supergraphSdl, apiSchema, timeoutMs, concurrencyMax, waitingMax }: PlannerOptions): Planner {
  const planner = new QueryPlanner(supergraphSdl);
  const gate = createGate(concurrencyMax, waitingMax, "the planner");
  const noLabels = new Set<string>();
  return {
    async plan(cleared): Promise<FetchPlan> {
      if (cleared.document === undefined) return layOut(undefined, apiSchema);
      const leave = await gate.enter(timeoutMs);
      // The place is free only when the planner has really ended: one that is late still holds a thread.
      const planning = planner.planAsync(cleared.text, cleared.operationName, noLabels, 0).finally(leave);
      const plan = await withDeadline(planning, timeoutMs);
      return layOut(plan.node, apiSchema);
    },
  };
}

async function withDeadline<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new HubError("DEADLINE_EXCEEDED", "The operation took too long to plan; ask for less at once.", { timeoutMs })),
      timeoutMs,
    );
  });
  try {
    return await Promise.race([work, late]);
  } catch (error) {
    // A late planner may still fail afterwards; nobody waits for it any more.
    work.catch(() => undefined);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
