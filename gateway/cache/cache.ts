import type { GraphQLSchema } from "graphql";
import type { Catalogue } from "../../schema/catalogue.ts";
import type { FetchCache, SharedAnswers } from "../core/ports.ts";
import { compilePlan } from "./compile.ts";
import type { CacheEngine, GraphSite, SharedStore } from "./engine.ts";
import { encodeKey } from "./key.ts";
import { obtain } from "./obtain.ts";
import { SUBGRAPH_SLOT } from "./slots.ts";

/** What a cache of one supergraph is made of. */
export interface FetchCacheOptions extends GraphSite {
  /** Outlives supergraphs. */
  readonly engine: CacheEngine;
  readonly schema: GraphQLSchema;
  readonly catalogue: Catalogue;
}

/**
 * Creates the cache of one supergraph's fetches.
 *
 * Records are entities, known by what identifies them, and fields of the root, known by their arguments. What a record holds answers every question that asks
 * for no more, whatever entitlement asks: each answer is judged, projected and masked afterwards, as if it had just been fetched.
 */
export function createFetchCache({ engine, schema, catalogue, ...graph }: FetchCacheOptions): FetchCache {
  return {
    compile(fetch, before) {
      const plan = compilePlan(fetch, before, { schema, catalogue });
      if (plan === undefined) return undefined;
      const site = { engine, graph, subgraph: fetch.subgraph, plan, bound: new Map(), narrowed: new Map() };
      return { obtain: (request) => obtain(site, request) };
    },
    async touch(subgraph): Promise<void> {
      await engine.table.bump([{ subgraph, slots: [SUBGRAPH_SLOT] }]);
    },
    answers: engine.store === undefined ? undefined : shareAnswers(engine.store, graph.schemaHash),
    mark: () => {
      const { table, isStrict } = engine;
      // While nothing is served of what is kept, nothing that is shared can be older than what is asked for.
      if (table.isDown()) return "";
      return !isStrict && table.isFresh() ? table.mark() : undefined;
    },
  };
}

/** Stands for how answers are written and packed: a hub that does it otherwise reads none of another's. */
const answersVersion = "1";

function shareAnswers(store: SharedStore, schemaHash: string): SharedAnswers {
  const keyOf = (key: string): string =>
    encodeKey([
      ["a", answersVersion],
      ["s", schemaHash],
      ["k", key],
    ]);
  return {
    read: (key) => store.readAnswer(keyOf(key)),
    write: (key, bytes, lifetimeMs) => store.writeAnswer(keyOf(key), bytes, lifetimeMs),
  };
}
