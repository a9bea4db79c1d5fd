import { afterAll, expect, test } from "vitest";
import { createFetchCache } from "../../gateway/cache/cache.ts";
import type { FetchCache } from "../../gateway/core/ports.ts";
import { createTypeKnowledge } from "../../gateway/fetch/types.ts";
import type { Supergraph } from "../../schema/supergraph.ts";
import { createSharedPlanner } from "../federation/planners.ts";
import { tryFederation } from "../federation/property.ts";
import { createTestEngine, keepEverything } from "./engine.ts";

/** First seed; another one may be given to look at other federations. */
const firstSeed = Number(process.env["FEDERATION_SEED"] ?? 1);
const federations = Number(process.env["FEDERATIONS"] ?? 12);
const operationsEach = 30;

const planner = createSharedPlanner();

afterAll(() => planner.close());

test(`random operations on random federations from seed ${firstSeed} on are answered from a cache that keeps everything as by the monolith`, {
  timeout: 600_000,
}, async () => {
  const failures: string[] = [];
  const ends = new Map<string, number>();
  for (let seed = firstSeed; seed < firstSeed + federations; seed += 1) {
    const engine = createTestEngine({
      count: ({ result, times }) => void ends.set(result, (ends.get(result) ?? 0) + times),
    });
    const makeCache = ({ apiSchema, catalogue, entityKeys }: Supergraph): FetchCache => {
      const types = createTypeKnowledge(apiSchema);
      return createFetchCache({
        engine,
        schema: apiSchema,
        catalogue: keepEverything(catalogue),
        schemaHash: "test",
        entityKeys,
        isRelated: (typeName, condition) => types.isRelated(typeName, condition),
      });
    };
    // The planner reads one supergraph at a time.
    const result = await tryFederation(seed, operationsEach, { shared: planner, makeCache });
    failures.push(...result.failures);
  }
  expect(failures.join("\n\n")).toBe("");
  // Each of these must have been tried often, or the property shows little.
  for (const result of ["absent", "fields", "hit-memory"]) expect(ends.get(result)).toBeGreaterThan(50);
});
