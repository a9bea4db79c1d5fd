import type { CacheEngine } from "../../gateway/cache/engine.ts";
import { createMemoryEpochs } from "../../gateway/cache/epochs.ts";
import { createRecordMemory } from "../../gateway/cache/shelf.ts";
import type { Catalogue } from "../../schema/catalogue.ts";

/** An engine in memory, whose clock stands still, with how its lookups ended. */
export interface TestEngine extends CacheEngine {
  /** `subgraph what result` of each lookup. */
  readonly lookups: string[];
  /** Moves the clock. */
  readonly advance: (ms: number) => void;
}

/** Makes an engine as a hub has it that shares its cache with no other. */
export function createTestEngine(parts: Partial<CacheEngine> = {}): TestEngine {
  let nowMs = 1_000_000;
  const lookups: string[] = [];
  return {
    table: createMemoryEpochs("0123456789abcdef"),
    memory: createRecordMemory(64 * 1024 * 1024),
    store: undefined,
    isStrict: false,
    negativeMs: 5_000,
    leaseWaitMs: 0,
    nowMs: () => nowMs,
    random: () => 0,
    count: ({ subgraph, what, result }) => void lookups.push(`${subgraph} ${what} ${result}`),
    refreshing: new Set(),
    ...parts,
    lookups,
    advance: (ms) => {
      nowMs += ms;
    },
  };
}

/** A catalogue in which everything is open and may be kept for an hour. */
export function keepEverything({ fields }: Catalogue): Catalogue {
  const kept = [...fields.values()].map(
    (field) =>
      [
        field.coordinate,
        { ...field, classification: { level: "OPEN", personal: false, identifier: "NONE" }, maxAgeSeconds: 3_600 },
      ] as const,
  );
  return { fields: new Map(kept), unclassified: [] };
}
