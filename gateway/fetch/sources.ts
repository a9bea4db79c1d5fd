import { createFeed, type Feed } from "./feed.ts";
import { openSocket } from "./socket.ts";
import { createStreamClient, type StreamClient } from "./stream.ts";
import type { SourceBounds, SourceCall } from "./subscription.ts";

/** Where subscriptions of the subgraphs come from. */
export interface EventSources {
  /** Subscribes. Never throws: what goes wrong comes as the feed's failure. */
  open(call: SourceCall): Feed;
  /** Hangs up wherever something is still open. */
  close(): Promise<void>;
}

/** The subgraphs and how they are subscribed to. */
export interface EventSourcesOptions {
  readonly urls: ReadonlyMap<string, string>;
  /** By subgraph: `sse`, `ws` (at the subgraph's own address), or the address of its WebSocket. `sse` where none is named. */
  readonly transports: Readonly<Record<string, string>>;
  readonly bounds: SourceBounds;
}

/** Prepares subscriptions at subgraphs; nothing is connected before one is opened. */
export function createEventSources({ urls, transports, bounds }: EventSourcesOptions): EventSources {
  const clients = new Map<string, StreamClient>();
  const feeds = new Set<Feed>();

  function streamClient(subgraph: string, url: string): StreamClient {
    const known = clients.get(subgraph);
    if (known !== undefined) return known;
    const client = createStreamClient(url, bounds);
    clients.set(subgraph, client);
    return client;
  }

  function connect(call: SourceCall, writer: Parameters<StreamClient["open"]>[1]): () => void {
    const { subgraph } = call;
    const url = urls.get(subgraph);
    const transport = Object.hasOwn(transports, subgraph) ? transports[subgraph] : undefined;
    if (url === undefined) {
      writer.fail("SUBGRAPH_UNAVAILABLE");
      return () => undefined;
    }
    if (transport === undefined || transport === "sse") return streamClient(subgraph, url).open(call, writer);
    return openSocket({ url: transport === "ws" ? socketUrl(url) : transport, call, writer, bounds });
  }

  return {
    open(call): Feed {
      const feed = createFeed(bounds, (writer) => {
        const hangUp = connect(call, writer);
        return () => {
          feeds.delete(feed);
          hangUp();
        };
      });
      feeds.add(feed);
      return feed;
    },
    async close(): Promise<void> {
      for (const feed of feeds) feed.close();
      await Promise.all([...clients.values()].map((client) => client.close()));
    },
  };
}

function socketUrl(url: string): string {
  return url.startsWith("unix:") ? `ws+${url}` : url.replace(/^http/, "ws");
}
