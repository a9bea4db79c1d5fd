import type { GraphQLSchema } from "graphql";
import type { Catalogue } from "../../schema/catalogue.ts";
import type { FetchCache, SharedAnswers } from "../core/ports.ts";
import { type BroadenSite, broadenPlan, findAnchors } from "./broaden.ts";
import { compilePlan, type Plan } from "./compile.ts";
import type { CacheEngine, GraphSite, SharedStore } from "./engine.ts";
import { encodeKey } from "./key.ts";
import { createLacks } from "./lacks.ts";
import { type Broadening, type ObtainSite, obtain } from "./obtain.ts";
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
  const context = { schema, catalogue };
  const lacks = createLacks(engine.nowMs);
  const siteOf = (plan: Plan): ObtainSite => ({
    engine,
    graph,
    subgraph: plan.fetch.subgraph,
    plan,
    bound: new Map(),
    narrowed: new Map(),
    broad: undefined,
  });
  return {
    compile(fetch, before) {
      const plan = compilePlan(fetch, before, context);
      if (plan === undefined) return undefined;
      const site = { ...siteOf(plan), broad: createBroadening(plan, { lacks, context }, siteOf) };
      return { obtain: (request) => obtain(site, request) };
    },
    touch: (subgraph) => engine.table.bump([{ subgraph, slots: [SUBGRAPH_SLOT] }]),
    answers: engine.store === undefined ? undefined : shareAnswers(engine.store, graph.schemaHash),
    mark: () => {
      const { table, isStrict } = engine;
      // While nothing is served of what is kept, nothing that is shared can be older than what is asked for.
      if (table.isDown()) return "";
      return !isStrict && table.isFresh() ? table.mark() : undefined;
    },
  };
}

/** Makes a plan ask for more as soon as it is known what records of its kind lack. */
function createBroadening(plan: Plan, broadenSite: BroadenSite, siteOf: (plan: Plan) => ObtainSite): Broadening | undefined {
  const { lacks, context } = broadenSite;
  const anchors = findAnchors(plan, context);
  if (anchors.length === 0) return undefined;
  let seen: readonly unknown[] = anchors.map(() => undefined);
  let made: ObtainSite | undefined;
  return {
    lacked: () => {
      for (const { name, branches } of anchors) lacks.learn(name, branches);
    },
    find: () => {
      const known = anchors.map(({ name }) => lacks.of(name));
      if (known.some((branches, index) => branches !== seen[index])) {
        const broad = broadenPlan(plan, anchors, broadenSite);
        made = broad === undefined ? undefined : siteOf(broad);
        seen = known;
      }
      return made;
    },
    failed: () => {
      for (const { name } of anchors) lacks.shun(name);
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
