import type { Level } from "../../schema/catalogue.ts";
import type { EntityKeys } from "../../schema/entities.ts";
import type { Clock, MissReason } from "../core/ports.ts";
import type { EpochTable } from "./epochs.ts";
import type { Segment } from "./record.ts";
import type { IsRelated } from "./shape.ts";
import type { RecordMemory } from "./shelf.ts";

/** Where a record is kept. */
export interface RecordPlace {
  /** The whole key; see `encodeKey`. */
  readonly key: string;
  readonly level: Level;
}

/** The store that hubs share. It never rejects: what fails is a miss, or isn't kept. */
export interface SharedStore {
  /** In the order of the places; undefined where there is nothing, or nothing that can be read. */
  readMany(places: readonly RecordPlace[]): Promise<readonly (readonly Segment[] | undefined)[]>;
  /**
   * Reads what `bundle` has written of the same places and question, with one look and one seal for all of them.
   * @returns Undefined where there is no such bundle.
   */
  readBundle(places: readonly RecordPlace[], question: string): Promise<readonly (readonly Segment[])[] | undefined>;
  /** Writes the records of many places together as well, so that they are read at once the next time. Returns at once. */
  bundle(places: readonly RecordPlace[], question: string, records: readonly (readonly Segment[])[]): void;
  /** Returns at once; the write goes on behind. */
  write(place: RecordPlace, segments: readonly Segment[], lifetimeMs: number): void;
  /** Reads a whole answer that was written under the current secret. @returns Undefined where there is none, or none that can be read. */
  readAnswer(key: string): Promise<Uint8Array | undefined>;
  /** Keeps a whole answer, sealed as one that may hold data of every level. Returns at once. */
  writeAnswer(key: string, bytes: Uint8Array, lifetimeMs: number): void;
  /**
   * Takes a lease on work that other hubs may be at too.
   * @returns What gives it back; "taken" when another hub has it; undefined when that can't be told, or isn't to be waited for.
   */
  lease(name: string, lifetimeMs: number): Promise<(() => void) | "taken" | undefined>;
}

/** How a lookup ended: in memory, in the shared store, beyond its age, or why not. */
export type LookupResult = "hit-memory" | "hit-store" | "hit-stale" | MissReason;

/** Lookups of one kind that ended alike. */
export interface Lookups {
  readonly subgraph: string;
  /** A type, or a field of the root. */
  readonly what: string;
  readonly result: LookupResult;
  readonly times: number;
}

/** What outlives supergraphs and agreements. */
export interface CacheEngine {
  readonly table: EpochTable;
  readonly memory: RecordMemory;
  /** Undefined when the hub shares its cache with no other. */
  readonly store: SharedStore | undefined;
  /** Whether every lookup asks for the epochs of its moment. */
  readonly isStrict: boolean;
  /** How long it is remembered that there is no such entity, in milliseconds. */
  readonly negativeMs: number;
  /** How long a hub waits for what another one is fetching, in milliseconds. */
  readonly leaseWaitMs: number;
  readonly nowMs: Clock;
  /** A number from 0 to 1, for the jitter of lifetimes. */
  readonly random: () => number;
  /** Told how lookups of one kind ended. */
  readonly count: (lookups: Lookups) => void;
  /** Records that are being fetched anew behind answers. */
  readonly refreshing: Set<string>;
}

/** What a supergraph adds. */
export interface GraphSite {
  readonly schemaHash: string;
  readonly entityKeys: EntityKeys;
  readonly isRelated: IsRelated;
}
