import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";
import { hashSchema, type Supergraph } from "../schema/supergraph.ts";
import type { Config } from "./config.ts";
import type { Log } from "./core/ports.ts";
import { createTypeKnowledge } from "./fetch/types.ts";
import { createUpstream, type Upstream } from "./fetch/upstream.ts";
import type { Governance } from "./governance.ts";
import { createHttpServer } from "./http/server.ts";
import { createPipeline, type Pipeline } from "./pipeline/answer.ts";
import { createPreparer } from "./pipeline/prepare.ts";
import { createStepTimer } from "./pipeline/steps.ts";
import { createPlanner } from "./plan/plan.ts";
import { loadSupergraph, type Runtime, StartError } from "./start.ts";
import { createLog } from "./telemetry/log.ts";
import { createMetrics, type Metrics } from "./telemetry/metrics.ts";

/** A running hub. */
export interface Hub {
  /** Address that it listens on, such as `http://127.0.0.1:4000`. */
  readonly url: string;
  /** Ends running requests, writes what waits and closes everything. May be called again. */
  close(): Promise<void>;
}

/** What a hub is started with. */
export interface HubOptions {
  readonly config: Config;
  /** No identity, no agreements, no record: on the loopback interface only. Nothing but a caller's explicit wish sets it. */
  readonly isUnrestricted: boolean;
  readonly runtime: Runtime;
}

interface Parts {
  readonly config: Config;
  readonly runtime: Runtime;
  readonly supergraph: Supergraph;
  readonly log: Log;
  readonly metrics: Metrics;
}

/**
 * Builds a hub and listens.
 *
 * @throws {StartError} that says what to do when a file, a port or a setting can't be used.
 */
export async function startHub({ config, isUnrestricted, runtime }: HubOptions): Promise<Hub> {
  if (isUnrestricted && !isLoopback(config.host))
    throw new StartError(`An unrestricted hub listens on 127.0.0.1 or ::1 only, not on ${config.host}.`);
  const log = createLog({ level: config.logLevel, nowMs: runtime.nowMs });
  const supergraph = await loadSupergraph(config.supergraphFile);
  const parts: Parts = { config, runtime, supergraph, log, metrics: createMetrics() };
  // An unrestricted hub doesn't load what it does without, so that it is up sooner.
  const governance = isUnrestricted ? undefined : await (await import("./governance.ts")).buildGovernance(parts);
  const upstream = openUpstream(parts);
  try {
    const pipeline = buildPipeline(parts, governance, upstream);
    const server = await buildServer(parts, governance, pipeline);
    const url = await listen(server, config);
    log.info({ url, isUnrestricted, bundleHash: governance?.policy.bundle.hash ?? "none" }, "hub.listening");
    return { url, close: createClose([() => server.close(), () => upstream.close(), async () => governance?.close()]) };
  } catch (error) {
    await Promise.allSettled([upstream.close(), governance?.close()]);
    throw error;
  }
}

function isLoopback(host: string): boolean {
  return host === "127.0.0.1" || host === "::1" || host === "localhost";
}

function openUpstream({ config, runtime, supergraph, metrics }: Parts): Upstream {
  const urls = new Map([...supergraph.subgraphs.values()].map(({ name, url }) => [name, config.subgraphUrls[name] ?? url] as const));
  const strangers = Object.keys(config.subgraphUrls).filter((name) => !urls.has(name));
  if (strangers.length > 0)
    throw new StartError(`SUBGRAPH_URLS names subgraphs that the supergraph does not have: ${strangers.join(", ")}.`);
  const unreadable = [...urls].filter(([, url]) => !url.startsWith("unix:") && !URL.canParse(url));
  if (unreadable.length > 0) {
    const names = unreadable.map(([name]) => name).join(", ");
    throw new StartError(`These subgraphs have no usable address in the supergraph or in SUBGRAPH_URLS: ${names}.`);
  }
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
    random: runtime.random,
  });
}

function buildPipeline(parts: Parts, governance: Governance | undefined, upstream: Upstream): Pipeline {
  const { config, runtime, supergraph, log, metrics } = parts;
  const { apiSchema, catalogue } = supergraph;
  const preparer = createPreparer({
    apiSchema,
    catalogue,
    schemaHash: hashSchema(supergraph.sdl),
    planner: openPlanner(parts),
    types: createTypeKnowledge(apiSchema),
    upstream,
    cache: governance?.cache,
    entriesMax: config.preparedMax,
  });
  return createPipeline({
    apiSchema,
    catalogue,
    preparer,
    limits: config.limits,
    entitlementOf: governance?.entitlementOf,
    recorder: governance?.journal,
    callHeaders: governance?.callHeaders ?? (async () => ({})),
    deadlineMs: config.requestTimeoutMs,
    nowMs: runtime.nowMs,
    onOutcome: (outcome) => metrics.countRequest(outcome),
    timer: createStepTimer(runtime.monotonicMs, (step, durationMs) => metrics.observeStep(step, durationMs)),
    log,
  });
}

function openPlanner({ config, supergraph }: Parts): ReturnType<typeof createPlanner> {
  try {
    return createPlanner({
      supergraphSdl: supergraph.sdl,
      apiSchema: supergraph.apiSchema,
      timeoutMs: config.planTimeoutMs,
      concurrencyMax: config.planConcurrencyMax,
      waitingMax: config.planWaitingMax,
    });
  } catch (error) {
    throw new StartError(
      `The planner can't read the supergraph ${config.supergraphFile}: ${error instanceof Error ? error.message : String(error)}`,
      error,
    );
  }
}

async function buildServer(parts: Parts, governance: Governance | undefined, pipeline: Pipeline): Promise<FastifyInstance> {
  const { config, runtime, supergraph, log, metrics } = parts;
  return createHttpServer({
    apiSchema: supergraph.apiSchema,
    pipeline,
    limits: config.limits,
    log,
    identify: governance?.identify,
    explorer: governance === undefined ? undefined : await (await import("./explorer.ts")).loadExplorer(config, governance.policy.bundle),
    readiness: () => ({
      isReady: governance?.journal.isHealthy() ?? true,
      facts: {
        supergraph: hashSchema(supergraph.sdl).slice(0, 16),
        ...(governance === undefined ? { unrestricted: true } : governance.describe()),
      },
    }),
    renderMetrics: () => metrics.render(),
    newRequestId: runtime.newRequestId,
    nowMs: runtime.nowMs,
  });
}

async function listen(server: FastifyInstance, { host, port }: Config): Promise<string> {
  try {
    await server.listen({ host, port });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    await server.close();
    if (code === "EADDRINUSE")
      throw new StartError(`Port ${port} on ${host} is in use; end what uses it, or set HUB_PORT (or --port).`, error);
    throw new StartError(`Can't listen on ${host}:${port}: ${error instanceof Error ? error.message : String(error)}`, error);
  }
  const address = server.server.address() as AddressInfo;
  return `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`;
}

function createClose(steps: readonly (() => Promise<unknown>)[]): () => Promise<void> {
  let closing: Promise<void> | undefined;
  async function closeAll(): Promise<void> {
    for (const step of steps) {
      // In order: no new requests, then what running ones still need.
      // oxlint-disable-next-line no-await-in-loop
      await step();
    }
  }
  return () => {
    closing ??= closeAll();
    return closing;
  };
}
