import { Client } from "undici";

/** Where connections lead, and how many there may be. */
export interface ConnectionsOptions {
  readonly origin: string;
  readonly socketPath: string | undefined;
  readonly connectionsMax: number;
  readonly connectTimeoutMs: number;
}

/** A connection for one exchange. */
export interface Taken {
  readonly client: Client;
  /** Lets the next exchange have it. */
  readonly giveBack: () => void;
}

/** Keep-alive connections to one address. */
export interface Connections {
  take(): Taken;
  close(): Promise<void>;
}

/**
 * Keeps connections of which the one that was used last is used next: it and what belongs to it are still in the processor's cache, and no more are
 * open than are needed at once. undici's pool passes over a connection until the turn of the event loop after its reply, and takes a colder one.
 */
export function createConnections({ origin, socketPath, connectionsMax, connectTimeoutMs }: ConnectionsOptions): Connections {
  const all = new Set<Client>();
  const free: Client[] = [];

  function open(): Client {
    const socket = socketPath === undefined ? {} : { socketPath };
    const client = new Client(origin, { connectTimeout: connectTimeoutMs, allowH2: false, ...socket });
    all.add(client);
    return client;
  }

  function find(): Client {
    const [oldest] = all;
    // All can be taken where exchanges were given up that their connections aren't done with; a connection takes one after the other.
    return free.pop() ?? (oldest === undefined || all.size < connectionsMax ? open() : oldest);
  }

  return {
    take(): Taken {
      const client = find();
      let isTaken = true;
      return {
        client,
        giveBack(): void {
          if (isTaken && !free.includes(client)) free.push(client);
          isTaken = false;
        },
      };
    },
    async close(): Promise<void> {
      await Promise.all([...all].map((client) => client.destroy()));
    },
  };
}
