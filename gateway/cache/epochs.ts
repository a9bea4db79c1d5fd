import { SLOTS } from "./slots.ts";

/** Slots of one subgraph that are to change. */
export interface Bump {
  readonly subgraph: string;
  readonly slots: readonly number[];
}

/**
 * The epochs of everything that is kept.
 *
 * An epoch is an incarnation and a counter. The incarnation is random, made with the table, so a table that was lost comes back as one in which nothing
 * that was kept is valid. What is kept is valid while its epochs equal the table's: nothing is ever deleted to be invalid.
 */
export interface EpochTable {
  /** Names the table; undefined while there is none, and nothing is valid then. */
  incarnation(): string | undefined;
  /** Changes with every change of the table that this process knows. */
  revision(): number;
  /** Counters of a subgraph's slots, as this process knows them; never ahead of the truth. */
  counters(subgraph: string): Float64Array;
  /** `incarnation.version`: the version counts invalidations. Empty while there is no table. */
  mark(): string;
  /** Whether the counters are those of this moment, or of so short a time ago as the guarantee allows. */
  isFresh(): boolean;
  /** Makes the counters those of this moment or a later one. @returns Whether that could be done in time. */
  sync(): Promise<boolean>;
  /** Whether the table can't be reached: then nothing is served of what is kept. */
  isDown(): boolean;
  /** Changes slots. @returns The mark that tells of the change; undefined when it couldn't be kept. Then nothing may have changed, or all. */
  bump(bumps: readonly Bump[]): Promise<string | undefined>;
}

/** Counters of all subgraphs that were ever bumped. */
export interface Counters {
  of(subgraph: string): Float64Array;
  clear(): void;
}

/** Makes counters that stand at 0. Their memory is bounded by the subgraphs of the graph: 32 KB each. */
export function createCounters(): Counters {
  const tables = new Map<string, Float64Array>();
  return {
    of(subgraph): Float64Array {
      let table = tables.get(subgraph);
      if (table === undefined) {
        table = new Float64Array(SLOTS);
        tables.set(subgraph, table);
      }
      return table;
    },
    // Whoever holds an old table would go on with it, so tables are emptied, not replaced.
    clear: () => {
      for (const table of tables.values()) table.fill(0);
    },
  };
}

/** Makes the table of a hub that shares its cache with no other: it is always fresh. */
export function createMemoryEpochs(incarnation: string): EpochTable {
  const counters = createCounters();
  let version = 0;
  return {
    incarnation: () => incarnation,
    revision: () => version,
    counters: (subgraph) => counters.of(subgraph),
    mark: () => `${incarnation}.${version}`,
    isFresh: () => true,
    sync: async () => true,
    isDown: () => false,
    bump: async (bumps) => {
      for (const { subgraph, slots } of bumps) {
        const table = counters.of(subgraph);
        for (const slot of slots) table[slot] = (table[slot] ?? 0) + 1;
      }
      version += 1;
      return `${incarnation}.${version}`;
    },
  };
}

/** A mark in its parts; undefined for what is none. */
export function readMark(mark: string): { readonly incarnation: string; readonly version: number } | undefined {
  const parts = /^([0-9a-f]{16})\.(\d{1,15})$/.exec(mark);
  return parts === null ? undefined : { incarnation: parts[1] ?? "", version: Number(parts[2]) };
}

/** Whether a table has all that a caller has seen: the same table, and no fewer invalidations. */
export function hasSeen(table: EpochTable, seenMark: string): boolean {
  const seen = readMark(seenMark);
  const own = readMark(table.mark());
  return seen !== undefined && own !== undefined && seen.incarnation === own.incarnation && seen.version <= own.version;
}
