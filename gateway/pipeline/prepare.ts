import type { DocumentNode, GraphQLSchema } from "graphql";
import { LRUCache } from "lru-cache";
import type { Catalogue } from "../../schema/catalogue.ts";
import type { ClearedOperation } from "../core/cleared.ts";
import type { ReplyCache } from "../core/ports.ts";
import { lifetimeOf } from "../fetch/lifetime.ts";
import { createRunner, type Runner } from "../fetch/run.ts";
import type { TypeKnowledge } from "../fetch/types.ts";
import type { Upstream } from "../fetch/upstream.ts";
import type { Planner } from "../plan/plan.ts";
import { createProjector, type Projector } from "../project/project.ts";

/** An operation, compiled for one entitlement: everything that does not depend on variables. */
export interface PreparedOperation {
  readonly cleared: ClearedOperation;
  readonly runner: Runner;
  readonly projector: Projector;
}

/** What operations are prepared with. */
export interface PreparerOptions {
  readonly apiSchema: GraphQLSchema;
  readonly catalogue: Catalogue;
  readonly schemaHash: string;
  readonly planner: Planner;
  readonly types: TypeKnowledge;
  readonly upstream: Upstream;
  readonly cache: ReplyCache | undefined;
  /** How many prepared operations are kept. */
  readonly entriesMax: number;
}

/** What identifies a prepared operation, and how to clear it when it isn't known. */
export interface PrepareRequest {
  /** Equal keys mean the same document, operation name, entitlement and reaction to denials. */
  readonly key: string;
  readonly document: DocumentNode;
  /** Limits, validates and clears. */
  readonly clear: () => ClearedOperation;
}

/** Prepares each operation once, however many ask at the same time. */
export interface Preparer {
  /** @throws {HubError} what clearing or planning throws; failures are not kept. */
  prepare(request: PrepareRequest): PreparedOperation | Promise<PreparedOperation>;
}

/** Creates a bounded store of prepared operations. */
export function createPreparer(options: PreparerOptions): Preparer {
  const prepared = new LRUCache<string, PreparedOperation>({ max: options.entriesMax });
  const flights = new Map<string, Promise<PreparedOperation>>();

  async function compile(cleared: ClearedOperation): Promise<PreparedOperation> {
    const { apiSchema, catalogue, schemaHash, planner, types, upstream, cache } = options;
    const plan = await planner.plan(cleared);
    const runner = createRunner({ plan, types, upstream, cache, schemaHash, lifetimeOf: (fetch) => lifetimeOf(fetch, catalogue) });
    return { cleared, runner, projector: createProjector({ schema: apiSchema, cleared, plan }) };
  }

  async function fly(request: PrepareRequest): Promise<PreparedOperation> {
    const operation = await compile(request.clear());
    prepared.set(request.key, operation);
    return operation;
  }

  return {
    prepare(request): PreparedOperation | Promise<PreparedOperation> {
      const known = prepared.get(request.key);
      if (known !== undefined) return known;
      const joined = flights.get(request.key);
      if (joined !== undefined) return joined;
      const flight = fly(request).finally(() => flights.delete(request.key));
      flights.set(request.key, flight);
      return flight;
    },
  };
}
