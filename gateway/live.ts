import type { Config } from "./config.ts";
import { createEventSources, type EventSources } from "./fetch/sources.ts";
import type { LiveBounds } from "./http/events.ts";
import { createSubscriptions, type Stage, type Subscriptions } from "./pipeline/subscribe.ts";
import { StartError } from "./start.ts";

/**
 * Prepares subscriptions at subgraphs.
 *
 * @param urls Addresses by subgraph.
 * @throws {StartError} for a setting that names no subgraph or no transport.
 */
export function openEventSources(config: Config, urls: ReadonlyMap<string, string>): EventSources {
  const transports = config.subgraphSubscriptions;
  for (const [subgraph, transport] of Object.entries(transports)) {
    if (!urls.has(subgraph))
      throw new StartError(`SUBGRAPH_SUBSCRIPTIONS names a subgraph that the supergraph does not have: ${subgraph}.`);
    if (transport !== "sse" && transport !== "ws" && !(/^wss?:/.test(transport) && URL.canParse(transport)))
      throw new StartError(`SUBGRAPH_SUBSCRIPTIONS says neither \`sse\` nor \`ws\` nor a WebSocket's address for ${subgraph}.`);
  }
  return createEventSources({
    urls,
    transports,
    bounds: {
      connectTimeoutMs: config.subgraphConnectTimeoutMs,
      openTimeoutMs: config.subgraphTimeoutMs,
      idleTimeoutMs: config.subscriptionIdleTimeoutMs,
      eventBytesMax: config.subscriptionEventBytesMax,
      eventsMax: config.subscriptionWaitingMax,
      bytesMax: config.subscriptionWaitingBytesMax,
    },
  });
}

/** Opens the runner of subscriptions over whatever stage is in force. */
export function openSubscriptions(config: Config, current: () => Stage): Subscriptions {
  return createSubscriptions({
    current,
    subscriptionsMax: config.subscriptionsMax,
    sendTimeoutMs: config.subscriptionSendTimeoutMs,
    rejudgeMs: config.subscriptionKeepaliveMs,
  });
}

/** The bounds of callers' connections that stay open. */
export function liveBoundsOf(config: Config): LiveBounds {
  return {
    keepaliveMs: config.subscriptionKeepaliveMs,
    sendTimeoutMs: config.subscriptionSendTimeoutMs,
    socketsMax: config.socketsMax,
    socketOperationsMax: config.socketOperationsMax,
    socketInitTimeoutMs: config.socketInitTimeoutMs,
    origins: config.socketOrigins,
  };
}
