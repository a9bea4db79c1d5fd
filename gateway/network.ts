import type { Supergraph } from "../schema/supergraph.ts";
import type { Config } from "./config.ts";
import type { EventSources } from "./fetch/sources.ts";
import { createUpstream, type Upstream } from "./fetch/upstream.ts";
import { openEventSources } from "./live.ts";
import { type Runtime, SourceError } from "./start.ts";
import type { Metrics } from "./telemetry/metrics.ts";

/**
 * The address of each subgraph: its setting's, else the supergraph's.
 *
 * @throws {SourceError} for settings of subgraphs that the supergraph doesn't have, and for subgraphs without a usable address.
 */
export function listAddresses({ subgraphUrls }: Config, supergraph: Supergraph): ReadonlyMap<string, string> {
  const urls = new Map([...supergraph.subgraphs.values()].map(({ name, url }) => [name, subgraphUrls[name] ?? url] as const));
  const strangers = Object.keys(subgraphUrls).filter((name) => !urls.has(name));
  if (strangers.length > 0)
    throw new SourceError(`SUBGRAPH_URLS names subgraphs that the supergraph does not have: ${strangers.join(", ")}.`, {
      fault: "ADDRESSES_INVALID",
    });
  const unreadable = [...urls].filter(([, url]) => !url.startsWith("unix:") && !URL.canParse(url));
  if (unreadable.length > 0) {
    const names = unreadable.map(([name]) => name).join(", ");
    throw new SourceError(`These subgraphs have no usable address in the supergraph or in SUBGRAPH_URLS: ${names}.`, {
      fault: "ADDRESSES_INVALID",
    });
  }
  return urls;
}

/** The clients of all subgraphs: for calls, and for subscriptions. */
export interface Network {
  readonly upstream: Upstream;
  readonly sources: EventSources;
  close(): Promise<void>;
}

/** What calls of subgraphs are made with. */
export interface NetworkParts {
  readonly config: Config;
  readonly runtime: Runtime;
  readonly metrics: Metrics;
}

/**
 * Opens the clients of subgraphs.
 *
 * @throws {SourceError} for a setting of subscriptions that doesn't fit the addresses.
 */
export function openNetwork(parts: NetworkParts, urls: ReadonlyMap<string, string>): Network {
  const sources = openSources(parts.config, urls);
  const upstream = openUpstream(parts, urls);
  return {
    upstream,
    sources,
    async close(): Promise<void> {
      await Promise.all([upstream.close(), sources.close()]);
    },
  };
}

function openSources(config: Config, urls: ReadonlyMap<string, string>): EventSources {
  try {
    return openEventSources(config, urls);
  } catch (cause) {
    throw new SourceError(cause instanceof Error ? cause.message : String(cause), { fault: "ADDRESSES_INVALID", cause });
  }
}

function openUpstream({ config, runtime, metrics }: NetworkParts, urls: ReadonlyMap<string, string>): Upstream {
  return createUpstream({
    urls,
    timeoutMs: config.subgraphTimeoutMs,
    connectTimeoutMs: config.subgraphConnectTimeoutMs,
    connectionsMax: config.subgraphConnectionsMax,
    waitingMax: config.subgraphWaitingMax,
    responseBytesMax: config.subgraphResponseBytesMax,
    retriesMax: config.subgraphRetriesMax,
    breakerFailures: config.subgraphBreakerFailures,
    breakerPauseMs: config.subgraphBreakerPauseMs,
    isSharing: config.isSharing,
    onCall: (subgraph, outcome, durationMs) => metrics.countUpstream(subgraph, outcome, durationMs),
    nowMs: runtime.nowMs,
    meterLoad: runtime.meterLoad,
    random: runtime.random,
  });
}
