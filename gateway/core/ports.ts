/** A reply of a subgraph that a cache holds. */
export interface CachedReply {
  /** The reply's `data` as JSON text. */
  readonly text: string;
  /** When the fetch left, in epoch milliseconds. */
  readonly fetchedAtMs: number;
}

/** What makes two fetches equal. */
export interface ReplyKey {
  readonly subgraph: string;
  readonly schemaHash: string;
  /** The operation's text as sent. */
  readonly operation: string;
  /** The variables' JSON text as sent. */
  readonly variables: string;
}

/** Keeps replies to fetches that touch OPEN fields alone. It never fails a request: a store that doesn't answer is a miss. */
export interface ReplyCache {
  read(key: ReplyKey): Promise<CachedReply | undefined>;
  /** Returns at once; the write goes on behind. */
  write(key: ReplyKey, reply: CachedReply, lifetimeMs: number): void;
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

/** Milliseconds since the epoch. */
export type Clock = () => number;

/** An event name and facts; never personal data, tokens or variables. */
export interface Log {
  info(facts: Readonly<Record<string, unknown>>, event: string): void;
  warn(facts: Readonly<Record<string, unknown>>, event: string): void;
  error(facts: Readonly<Record<string, unknown>>, event: string): void;
}
