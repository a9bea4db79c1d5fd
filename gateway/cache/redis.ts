import { Redis } from "ioredis";
import type { ByteStore, Clock, Log } from "../core/ports.ts";
import { type Breaker, createBreaker } from "./breaker.ts";

/** Where a Redis is and how long to wait for it. */
export interface RedisStoreOptions {
  /** `redis://` or `rediss://`, with user and password where needed. */
  readonly url: string;
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
  readonly client: Redis;
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
const connectMs = 1_000;
/** A connection with commands on it that stays silent for this long is replaced. */
const silenceMs = 2_000;
const reconnectMs = { min: 50, max: 2_000 };
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
  const client = new Redis(settings.url, {
    lazyConnect: true,
    // Version 2 of the protocol holds all that is used here and asks for no negotiation.
    protocol: 2,
    disableClientInfo: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: connectMs,
    socketTimeout: silenceMs,
    retryStrategy: (attempt) => Math.min(reconnectMs.min * 2 ** Math.min(attempt - 1, 10), reconnectMs.max),
  });
  const { failuresMax, openMs, nowMs, log } = settings;
  const onChange = (isOpen: boolean): void =>
    isOpen ? log.warn({ failures: failuresMax, openMs }, "cache.breaker-open") : log.info({}, "cache.breaker-closed");
  const breaker = createBreaker({ nowMs, failuresMax, openMs, onChange });
  const state: State = { options: settings, client, breaker, reads: 0, writeBytes: 0, isClosed: false };
  watchConnection(state);
  return {
    getMany: (keys) => getMany(state, keys),
    set: (key, value, lifetimeMs) => set(state, { key, value, lifetimeMs }),
    delete: (key) => remove(state, key),
    isHealthy: () => isReady(state) && !breaker.isOpen(),
    close: async () => {
      state.isClosed = true;
      client.disconnect();
    },
  };
}

/** Connects, and logs each change once, not each attempt. */
function watchConnection({ client, breaker, options: { log } }: State): void {
  let told = "";
  client.on("error", (error: Error) => {
    // Node's error for a name with several addresses has a code and no message.
    const words = error.message || ("code" in error ? String(error.code) : error.name);
    if (words !== told) {
      told = words;
      log.warn({ error: words }, "cache.connection-failed");
    }
  });
  client.on("ready", () => {
    told = "";
    log.info({}, "cache.connected");
    breaker.succeed();
  });
  // The error event has told it already, and the reconnection goes on by itself.
  client.connect().catch(() => undefined);
}

function isReady({ client, isClosed }: State): boolean {
  return client.status === "ready" && !isClosed;
}

async function getMany(state: State, keys: readonly string[]): Promise<readonly (Uint8Array | undefined)[]> {
  const { client, breaker, options } = state;
  if (keys.length === 0 || !isReady(state) || state.reads >= options.readsMax || !breaker.enter()) {
    return keys.map(() => undefined);
  }
  state.reads += 1;
  const reply = client.mgetBuffer(keys.map((key) => options.prefix + key)).finally(() => {
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

async function set(state: State, entry: { readonly key: string; readonly value: Uint8Array; readonly lifetimeMs: number }): Promise<void> {
  const { client, breaker, options } = state;
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
  const reply = client.set(options.prefix + key, bytes, "PX", milliseconds).finally(() => {
    state.writeBytes -= value.byteLength;
  });
  await giveUpAfter(reply, options.writeMs);
}

async function remove(state: State, key: string): Promise<void> {
  if (isReady(state) && !state.breaker.isOpen()) {
    await giveUpAfter(state.client.del(state.options.prefix + key), state.options.writeMs);
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

/**
 * Settles like the promise, or rejects after `timeoutMs`.
 * After a pause of this process the timer comes due before the reply that lies in the socket is read, so the socket gets one more turn.
 */
async function withDeadline<T>(promise: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => setImmediate(() => reject(new Error(`No reply within ${timeoutMs} ms`))), timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
