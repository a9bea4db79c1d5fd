import { Cluster, Redis } from "ioredis";
import type { Log } from "../core/ports.ts";

/** Where a Redis is. */
export interface LinkOptions {
  /** `redis://` or `rediss://`, with user and password where needed. Of a cluster, any of its nodes. */
  readonly url: string;
  readonly isCluster: boolean;
  readonly log: Log;
}

/** A connection to Redis that comes back by itself. */
export interface RedisLink {
  readonly client: Redis | Cluster;
  readonly isCluster: boolean;
  isReady(): boolean;
  /** Called each time the connection is ready. */
  onReady(listener: () => void): void;
  /**
   * Gives the connection up for a new one: what is on it may answer late, or never, and nobody could tell which reply is whose.
   * Does nothing in a cluster, whose nodes the client replaces by itself: without them it would know no more than the first one's address.
   */
  renew(): void;
  close(): void;
}

const connectMs = 1_000;
/** A connection with commands on it that stays silent for this long is replaced. */
const silenceMs = 2_000;
const reconnectMs = { min: 50, max: 2_000 };

/**
 * Opens a link. Commands are sent on a ready connection or not at all, so nothing queues up for a Redis that is away.
 */
export function openRedisLink({ url, isCluster, log }: LinkOptions): RedisLink {
  const retry = (attempt: number): number => Math.min(reconnectMs.min * 2 ** Math.min(attempt - 1, 10), reconnectMs.max);
  const shared = {
    // Version 2 of the protocol holds all that is used here and asks for no negotiation.
    protocol: 2 as const,
    disableClientInfo: true,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: connectMs,
    socketTimeout: silenceMs,
  };
  const client = isCluster
    ? new Cluster([url], {
        lazyConnect: true,
        enableOfflineQueue: false,
        redisOptions: shared,
        clusterRetryStrategy: retry,
        slotsRefreshTimeout: connectMs,
        slotsRefreshInterval: 5_000,
        // Every one of these is tried within the deadline of whoever asks.
        maxRedirections: 4,
        retryDelayOnFailover: 20,
        retryDelayOnClusterDown: 20,
      })
    : new Redis(url, { ...shared, lazyConnect: true, enableOfflineQueue: false, retryStrategy: retry });
  let isClosed = false;
  watchConnection(client, log);
  return {
    client,
    isCluster,
    isReady: () => client.status === "ready" && !isClosed,
    onReady: (listener) => void client.on("ready", listener),
    renew: () => {
      if (client instanceof Redis && client.status === "ready" && !isClosed) client.disconnect(true);
    },
    close: () => {
      isClosed = true;
      client.disconnect();
    },
  };
}

/** Connects, and logs each change once, not each attempt. */
function watchConnection(client: Redis | Cluster, log: Log): void {
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
  });
  // The error event has told it already, and the reconnection goes on by itself.
  client.connect().catch(() => undefined);
}
