import type { ByteStore, Clock, Log } from "../core/ports.ts";
import { type Breaker, createBreaker } from "./breaker.ts";
import { withDeadline } from "./deadline.ts";
import type { RedisLink } from "./link.ts";

/** How long to wait for Redis, and for how much at once. */
export interface RedisStoreOptions {
  /** Closed with the store. */
  readonly link: RedisLink;
  readonly nowMs: Clock;
  readonly log: Log;
  /** Stands before every key. Default `crossharbour:`. */
  readonly prefix?: string;
  /** How long a read is waited for before it counts as a miss. Default 25 ms. */
  readonly readMs?: number;
  /** How long a write is waited for before it is given up. Default 250 ms. */
  readonly writeMs?: number;
  /** A longer value is not kept. Default 1 MiB. */
  readonly valueBytesMax?: number;
  /** Reads that may be on their way at once; more are misses. Default 1,000. */
  readonly readsMax?: number;
  /** Bytes of values that may be on their way at once; more are given up. Default 16 MiB. */
  readonly writeBytesMax?: number;
  /** Reads that fail in a row before Redis is left alone. Default 5. */
  readonly failuresMax?: number;
  /** How long it is left alone before one read may try. Default 1,000 ms. */
  readonly openMs?: number;
}

interface State {
  readonly options: Required<RedisStoreOptions>;
  readonly link: RedisLink;
  readonly breaker: Breaker;
  reads: number;
  writeBytes: number;
  isClosed: boolean;
}

const defaults = {
  prefix: "crossharbour:",
  readMs: 25,
  writeMs: 250,
  valueBytesMax: 1024 * 1024,
  readsMax: 1_000,
  writeBytesMax: 16 * 1024 * 1024,
  failuresMax: 5,
  openMs: 1_000,
};
/** Redis refuses lifetimes that would end beyond its own range; nothing here lives for a year. */
const lifetimeMsMax = 366 * 24 * 3_600 * 1_000;

/**
 * A store in Redis. It never rejects and never holds a request up for longer than `readMs`: a Redis that is slow, gone, full or
 * refuses the password gives misses, and is used again without anyone's hand once it answers.
 *
 * Commands are sent on a ready connection or not at all, so nothing queues up for a Redis that is away; what is on its way is
 * bounded in number and bytes.
 */
export function createRedisStore(options: RedisStoreOptions): ByteStore {
  const settings = { ...defaults, ...options };
  const { failuresMax, openMs, nowMs, log } = settings;
  const onChange = (isOpen: boolean): void =>
    isOpen ? log.warn({ failures: failuresMax, openMs }, "cache.breaker-open") : log.info({}, "cache.breaker-closed");
  const breaker = createBreaker({ nowMs, failuresMax, openMs, onChange });
  const { link } = settings;
  const state: State = { options: settings, link, breaker, reads: 0, writeBytes: 0, isClosed: false };
  link.onReady(() => breaker.succeed());
  return {
    getMany: (keys) => getMany(state, keys),
    set: (key, value, lifetimeMs) => set(state, { key, value, lifetimeMs }),
    delete: (key) => remove(state, key),
    isHealthy: () => isReady(state) && !breaker.isOpen(),
    close: async () => {
      state.isClosed = true;
      link.close();
    },
  };
}

function isReady({ link, isClosed }: State): boolean {
  return link.isReady() && !isClosed;
}

async function getMany(state: State, keys: readonly string[]): Promise<readonly (Uint8Array | undefined)[]> {
  const { breaker, options } = state;
  if (keys.length === 0 || !isReady(state) || state.reads >= options.readsMax || !breaker.enter()) {
    return keys.map(() => undefined);
  }
  state.reads += 1;
  const reply = readAll(state, keys).finally(() => {
    state.reads -= 1;
  });
  try {
    const values = await withDeadline(reply, options.readMs);
    breaker.succeed();
    return values.map((value) => value ?? undefined);
  } catch {
    breaker.fail();
    return keys.map(() => undefined);
  }
}

/** One command, or in a cluster one for each of the tags that stand in the keys' braces: keys of one tag are on one node. */
async function readAll({ link, options }: State, keys: readonly string[]): Promise<readonly (Buffer | null)[]> {
  const names = keys.map((key) => options.prefix + key);
  if (!link.isCluster) return await link.client.mgetBuffer(names);
  const groups = new Map<string, number[]>();
  for (const [index, name] of names.entries()) {
    const tag = /\{([^}]+)\}/.exec(name)?.[1] ?? name;
    const group = groups.get(tag) ?? [];
    groups.set(tag, group);
    group.push(index);
  }
  const values = new Array<Buffer | null>(names.length).fill(null);
  await Promise.all(
    [...groups.values()].map(async (indexes) => {
      const found = await link.client.mgetBuffer(indexes.map((index) => names[index] ?? ""));
      for (const [place, index] of indexes.entries()) values[index] = found[place] ?? null;
    }),
  );
  return values;
}

async function set(state: State, entry: { readonly key: string; readonly value: Uint8Array; readonly lifetimeMs: number }): Promise<void> {
  const { link, breaker, options } = state;
  const { key, value, lifetimeMs } = entry;
  if (!(lifetimeMs > 0) || value.byteLength > options.valueBytesMax) {
    await remove(state, key);
    return;
  }
  if (!isReady(state) || breaker.isOpen() || state.writeBytes + value.byteLength > options.writeBytesMax) {
    return;
  }
  state.writeBytes += value.byteLength;
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const milliseconds = Math.ceil(Math.min(lifetimeMs, lifetimeMsMax));
  const reply = link.client.set(options.prefix + key, bytes, "PX", milliseconds).finally(() => {
    state.writeBytes -= value.byteLength;
  });
  await giveUpAfter(reply, options.writeMs);
}

async function remove(state: State, key: string): Promise<void> {
  if (isReady(state) && !state.breaker.isOpen()) {
    await giveUpAfter(state.link.client.del(state.options.prefix + key), state.options.writeMs);
  }
}

/** A write that fails (a full Redis refuses it, for one) is a miss later, and no sign that reads would fail. */
async function giveUpAfter(reply: Promise<unknown>, timeoutMs: number): Promise<void> {
  try {
    await withDeadline(reply, timeoutMs);
  } catch {
    // Given up, as the port promises.
  }
}
