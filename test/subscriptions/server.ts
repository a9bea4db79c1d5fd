import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { createCoster } from "../../gateway/access/cost.ts";
import type { Config } from "../../gateway/config.ts";
import type { Caller } from "../../gateway/core/caller.ts";
import type { AuditRecord } from "../../gateway/core/record.ts";
import { createTypeKnowledge } from "../../gateway/fetch/types.ts";
import { createUpstream, type Upstream } from "../../gateway/fetch/upstream.ts";
import { createDocuments } from "../../gateway/http/documents.ts";
import { createHttpServer } from "../../gateway/http/server.ts";
import { liveBoundsOf, openEventSources, openSubscriptions } from "../../gateway/live.ts";
import { createPipeline, type PipelineOptions } from "../../gateway/pipeline/answer.ts";
import { createGatherer } from "../../gateway/pipeline/gather.ts";
import { createPreparer } from "../../gateway/pipeline/prepare.ts";
import { createStepTimer } from "../../gateway/pipeline/steps.ts";
import type { Stage } from "../../gateway/pipeline/subscribe.ts";
import { createPlanEngine } from "../../gateway/plan/engine.ts";
import { createPlanner } from "../../gateway/plan/plan.ts";
import type { Entitlement } from "../../policies/engine/words.ts";
import { readSupergraph, type Supergraph } from "../../schema/supergraph.ts";

/** How a test's hub differs. */
export interface LiveOptions {
  readonly transport: "sse" | "ws";
  readonly settings?: Readonly<Record<string, string>>;
  readonly identify?: (headers: IncomingMessage["headers"]) => Promise<Caller>;
  readonly entitlementOf?: (caller: Caller, nowMs: number) => Entitlement;
  readonly append?: (record: AuditRecord) => Promise<void>;
  readonly nowMs?: () => number;
}

/** What a server is started with besides its graph and settings. */
export interface ServerParts {
  readonly options: LiveOptions;
  readonly records: AuditRecord[];
}

/** Starts a hub's HTTP server over its real parts. */
export async function startServer(
  sdl: string,
  config: Config,
  { options, records }: ServerParts,
): Promise<{ url: string; rejudge: () => void; close: () => Promise<void> }> {
  const supergraph = readSupergraph(sdl);
  const urls = new Map([...supergraph.subgraphs.values()].map(({ name, url }) => [name, url] as const));
  const nowMs = options.nowMs ?? Date.now;
  const upstream = openUpstream(urls, nowMs);
  const pipelineOptions = optionsOf({ supergraph, config, options, records, upstream, nowMs });
  const sources = openEventSources(config, urls);
  const stage: Stage = { options: pipelineOptions, sources };
  const subscriptions = openSubscriptions(config, () => stage);
  let requests = 0;
  const server = await createHttpServer({
    pipeline: createPipeline(pipelineOptions),
    subscriptions,
    live: liveBoundsOf(config),
    limits: config.limits,
    documents: createDocuments({ limits: config.limits, apqBytesMax: 0, trusted: () => undefined, isTrustedOnly: false }),
    log: silent(),
    identify: options.identify,
    explorer: undefined,
    readiness: () => ({ isReady: true, facts: {} }),
    renderMetrics: async () => ({ contentType: "text/plain", text: "" }),
    newRequestId() {
      requests += 1;
      return `request-${requests}`;
    },
    nowMs,
  });
  await server.listen({ host: "127.0.0.1", port: 0 });
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/graphql`,
    rejudge: () => subscriptions.rejudge(),
    async close() {
      await server.close();
      subscriptions.close();
      await Promise.all([sources.close(), upstream.close()]);
    },
  };
}

function silent(): PipelineOptions["log"] {
  return { info: () => undefined, warn: () => undefined, error: () => undefined };
}

function openUpstream(urls: ReadonlyMap<string, string>, nowMs: () => number): Upstream {
  return createUpstream({
    urls,
    timeoutMs: 2_000,
    connectTimeoutMs: 1_000,
    connectionsMax: 16,
    waitingMax: 100,
    responseBytesMax: 1_000_000,
    retriesMax: 0,
    breakerFailures: 1_000,
    breakerPauseMs: 10,
    isSharing: true,
    nowMs,
    meterLoad: () => () => 0,
    random: () => 0,
  });
}

interface OptionParts extends ServerParts {
  readonly supergraph: Supergraph;
  readonly config: Config;
  readonly upstream: Upstream;
  readonly nowMs: () => number;
}

function optionsOf({ supergraph, config, options, records, upstream, nowMs }: OptionParts): PipelineOptions {
  const { apiSchema, catalogue, costs } = supergraph;
  const planner = createPlanner({
    engine: createPlanEngine(supergraph.sdl),
    apiSchema,
    overrideLabels: [],
    timeoutMs: 5_000,
    concurrencyMax: 2,
    waitingMax: 10,
  });
  const types = createTypeKnowledge(apiSchema);
  const append = async (record: AuditRecord): Promise<void> => {
    await options.append?.(record);
    records.push(record);
  };
  const callHeaders: PipelineOptions["callHeaders"] = async (subgraph, entitlement) => ({
    "hub-call": `${subgraph} ${entitlement?.id ?? "none"}`,
  });
  const timer = createStepTimer(nowMs, () => undefined);
  return {
    apiSchema,
    catalogue,
    preparer: createPreparer({
      apiSchema,
      catalogue,
      entityKeys: supergraph.entityKeys,
      planner,
      types,
      upstream,
      cache: undefined,
      pseudonymSecret: undefined,
      random: () => 0,
      entriesMax: 50,
    }),
    limits: config.limits,
    coster: createCoster({ schema: apiSchema, costs, listSizeDefault: 10, limits: config.limits }),
    entitlementOf: options.entitlementOf,
    usage: undefined,
    recorder: options.entitlementOf === undefined ? undefined : { append, isHealthy: () => true, close: async () => undefined },
    callHeaders,
    gatherer: createGatherer({ isSharing: true, callHeaders, timer, nowMs }),
    deadlineMs: 5_000,
    nowMs,
    timer,
    onOutcome: () => undefined,
    log: silent(),
  };
}
