import type { JsonObject } from "./joined.ts";
import type { FetchStep } from "./layout.ts";

/** What a call of a subgraph came to, as far as a cache looks at it. */
export interface CallResult {
  readonly kind: "data" | "failure";
  readonly data?: JsonObject | undefined;
  readonly errors?: readonly { readonly path: readonly (string | number)[] }[];
}

/** Texts that are only ever sent together. */
export interface Texts {
  join(separator: string): string;
}

/** A call that a cache makes for what it doesn't hold. */
export interface CacheCall {
  /** The operation's text, where it is narrower than the fetch's own. */
  readonly text: string | undefined;
  /** The representations as JSON, for each attachment of the fetch. */
  readonly representations: readonly Texts[];
  /** Variables of the caller's operation that the text uses. */
  readonly variableNames: readonly string[];
  /** State of the epochs when the call left: calls of different states are never shared. */
  readonly mark: string;
  /** Whether it is made for the cache alone, so that no caller's hanging up ends it. */
  readonly isDetached: boolean;
}

/** Why a lookup found nothing that may be served. */
export type MissReason = "absent" | "fields" | "expired" | "epoch" | "unavailable";

/** How the lookups of one fetch ended. */
export interface CacheNotes {
  readonly hits: number;
  /** Hits beyond their age, served while they are fetched anew or can't be. */
  readonly stale: number;
  readonly misses: number;
  /** The first reason for a miss. */
  readonly reason: MissReason | undefined;
  /** When the oldest part that was served left its department, in epoch milliseconds; undefined without a hit. */
  readonly oldestFetchedAtMs: number | undefined;
  /** When the first part that was served runs out, in epoch milliseconds; undefined without a hit. */
  readonly expiresAtMs: number | undefined;
}

/** One fetch of a request, on its way through a cache. */
export interface CacheRequest<Result extends CallResult> {
  /** Coerced variables. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** Texts of the distinct representations, for each attachment of the fetch; empty for a fetch from the root. */
  readonly representations: readonly (readonly string[])[];
  /** On whose behalf: what isn't shared is kept apart for each. Undefined when that isn't known; then only what is shared is kept. */
  readonly asker: string | undefined;
  /** A state of the epochs that the caller has seen; nothing older is served. */
  readonly seenMark: string | undefined;
  /** Asks the subgraph. Never rejects. */
  readonly call: (call: CacheCall) => Promise<Result>;
  readonly note: (notes: CacheNotes) => void;
}

/** What `obtain` gives where the cache had a part in the answer. */
export interface CachedData {
  readonly kind: "data";
  readonly data: JsonObject;
  readonly errors: readonly { readonly path: readonly (string | number)[] }[];
}

/** A fetch, compiled for a cache. */
export interface CachedFetch {
  /** Gives what the fetch asks for, from the cache where it may. Data that it gives is shared: nobody changes it. */
  obtain<Result extends CallResult>(request: CacheRequest<Result>): Promise<Result | CachedData>;
}

/** Keeps what departments answer, as they allow it. It never fails a request: a store that doesn't answer is a miss. */
export interface FetchCache {
  /**
   * @param before Fetches that have ended when this one begins.
   * @returns Undefined when nothing of the fetch may be kept.
   */
  compile(fetch: FetchStep, before: readonly FetchStep[]): CachedFetch | undefined;
  /**
   * Tells that a mutation was run at a subgraph: nothing that was fetched from it before is served any more.
   * @returns The mark that tells of it; undefined when it couldn't be told to other hubs.
   */
  touch(subgraph: string): Promise<string | undefined>;
  /** Whole answers that hubs of one store share; undefined where there is no such store. */
  readonly answers: SharedAnswers | undefined;
  /** The state of the epochs; equal marks mean that nothing was invalidated between. Undefined while that can't be told without asking, empty while nothing is served. */
  mark(): string | undefined;
}

/** Whole answers in a store that hubs share, which sees neither keys nor values. */
export interface SharedAnswers {
  /** Never rejects. @returns Undefined where there is none, or the store didn't answer in time. */
  read(key: string): Promise<Uint8Array | undefined>;
  /** Returns at once; the write goes on behind. */
  write(key: string, bytes: Uint8Array, lifetimeMs: number): void;
}

/**
 * A store of bytes with lifetimes, behind every cache of the hub. Two drivers (memory and Redis) pass one conformance suite.
 */
export interface ByteStore {
  /** Values in the order of the keys; undefined where there is none or the store did not answer in time. Never rejects. */
  getMany(keys: readonly string[]): Promise<readonly (Uint8Array | undefined)[]>;
  /** Resolves when kept or given up; never rejects. A lifetime of 0 or less keeps nothing. */
  set(key: string, value: Uint8Array, lifetimeMs: number): Promise<void>;
  /** Resolves when gone or given up; never rejects. */
  delete(key: string): Promise<void>;
  isHealthy(): boolean;
  close(): Promise<void>;
}

/** Begins to measure: what it gives tells for which share of the time since then, from 0 to 1, the thread was busy. */
export type LoadMeter = () => () => number;

/** Milliseconds since the epoch. */
export type Clock = () => number;

/** An event name and facts; never personal data, tokens or variables. */
export interface Log {
  info(facts: Readonly<Record<string, unknown>>, event: string): void;
  warn(facts: Readonly<Record<string, unknown>>, event: string): void;
  error(facts: Readonly<Record<string, unknown>>, event: string): void;
}
