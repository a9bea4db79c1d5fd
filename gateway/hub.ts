import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";
import type { Bundle } from "../policies/engine/bundle.ts";
import type { InvalidationSite } from "./cache/invalidate.ts";
import type { Config } from "./config.ts";
import { openDocuments } from "./documents.ts";
import { buildGeneration, createTimer, type Generation, type Parts, takePlanner } from "./generation.ts";
import type { Governance, GovernanceOptions } from "./governance.ts";
import { createHttpServer } from "./http/server.ts";
import { liveBoundsOf, openSubscriptions } from "./live.ts";
import type { Network } from "./network.ts";
import type { Subscriptions } from "./pipeline/subscribe.ts";
import { createSwitch, type Switch } from "./pipeline/switch.ts";
import type { Planner } from "./plan/plan.ts";
import type { EarlyPlanner } from "./plan/processes.ts";
import { createReloader, type Reloader, type ReloadResult } from "./reload.ts";
import { createShared, type Share } from "./shared.ts";
import { compileSource, readGraph, readSource, type Source } from "./source.ts";
import { type Runtime, StartError } from "./start.ts";
import { createLog } from "./telemetry/log.ts";
import { createMetrics } from "./telemetry/metrics.ts";
import { watchFiles } from "./watch.ts";

/** A running hub. */
export interface Hub {
  /** Address that it listens on, such as `http://127.0.0.1:4000`. */
  readonly url: string;
  /** Looks at the supergraph and the agreements now, and replaces what is served if they have changed. Never rejects. */
  reload(): Promise<ReloadResult>;
  /** Ends running requests, writes what waits and closes everything. May be called again. */
  close(): Promise<void>;
}

/** What a hub is started with. */
export interface HubOptions {
  readonly config: Config;
  /** No identity, no agreements, no record: on the loopback interface only. Nothing but a caller's explicit wish sets it. */
  readonly isUnrestricted: boolean;
  readonly runtime: Runtime;
  /** A process of the planner that was started ahead, so that it loads its code while this one does; the hub ends it. */
  readonly planner?: EarlyPlanner | undefined;
}

/**
 * Builds a hub and listens.
 *
 * @throws {StartError} that says what to do when a file, a port or a setting can't be used.
 */
export async function startHub({ config, isUnrestricted, runtime, planner }: HubOptions): Promise<Hub> {
  if (isUnrestricted && !isLoopback(config.host))
    throw new StartError(`An unrestricted hub listens on 127.0.0.1 or ::1 only, not on ${config.host}.`);
  const opened: Opened = [];
  try {
    if (planner !== undefined) opened.unshift(() => planner.worker.end());
    const beginning = await openParts({ config, isUnrestricted, runtime, planner }, opened);
    const { parts } = beginning;
    const pipelines = await openFirst(beginning, opened);
    const reloader = openReloader({ parts, pipelines, isUnrestricted }, opened);
    const subscriptions = openSubscriptions(config, () => pipelines.current().stage);
    opened.unshift(async () => subscriptions.close());
    pipelines.onSwitch(() => subscriptions.rejudge());
    const server = await buildServer(parts, { pipelines, subscriptions, reloader });
    opened.unshift(() => server.close());
    const url = await listen(server, config);
    const { schemaHash, policy } = pipelines.current().source;
    parts.log.info({ url, isUnrestricted, supergraph: schemaHash, bundleHash: policy?.bundle.hash ?? "none" }, "hub.listening");
    return { url, reload: () => reloader.check(true), close: createClose(opened) };
  } catch (error) {
    await Promise.allSettled(opened.map((close) => close()));
    throw error;
  }
}

type Opened = (() => Promise<unknown>)[];

interface Beginning {
  readonly parts: Parts;
  readonly source: Source;
  /** Holds the planner's process until a generation does. */
  readonly planner: Promise<Share<Planner>>;
  /** From now on nothing waits for what is used no longer. */
  readonly markEnd: () => void;
}

/** Opens what stays open while generations come and go, and reads what the first one is made of. */
async function openParts({ config, isUnrestricted, runtime, planner: forked }: HubOptions, opened: Opened): Promise<Beginning> {
  const log = createLog({ level: config.logLevel, nowMs: runtime.nowMs });
  const metrics = createMetrics();
  let isEnding = false;
  const networks = createShared<Network>(async (network) => {
    // Subscriptions move to the next one's first.
    if (!isEnding) await sleep(moveMs);
    await network.close();
  });
  const planners = createShared<Planner>((planner) => planner.close());
  const [first, governance] = await Promise.allSettled([
    readFirst({ config, planners, isUnrestricted, planner: forked }, opened),
    openGovernance({ config, runtime, log, metrics }, isUnrestricted, opened),
  ]);
  if (first.status === "rejected") throw first.reason;
  if (governance.status === "rejected") throw governance.reason;
  const markEnd = (): void => {
    isEnding = true;
  };
  return { parts: { config, runtime, log, metrics, networks, planners, governance: governance.value }, ...first.value, markEnd };
}

type First = Pick<Beginning, "source" | "planner">;

type FirstParts = Pick<Parts, "config" | "planners"> & Pick<HubOptions, "isUnrestricted" | "planner">;

async function readFirst(parts: FirstParts, opened: Opened): Promise<First> {
  const text = await readSource(parts.config, parts.isUnrestricted);
  const graph = readGraph(parts.config, text);
  // The planner's process starts while the rest is read.
  const planner = takePlanner(parts, graph, parts.planner);
  opened.unshift(async () => (await planner.catch(() => undefined))?.giveBack());
  return { source: await compileSource(parts.config, text, graph), planner };
}

/** An unrestricted hub doesn't load what it does without, so that it is up sooner. */
async function openGovernance(options: GovernanceOptions, isUnrestricted: boolean, opened: Opened): Promise<Governance | undefined> {
  if (isUnrestricted) return undefined;
  const governance = await (await import("./governance.ts")).buildGovernance(options);
  opened.push(() => governance.close());
  return governance;
}

/** How long subscriptions have to leave clients that are used no longer, in milliseconds. */
const moveMs = 1_000;
/** How much longer a replaced generation stays open than a request may take, in milliseconds. */
const drainMarginMs = 1_000;
/** Generations that are open at once, at most; a further switch waits. Each holds a graph, some megabytes. */
const generationsMax = 4;

async function openFirst({ parts, source, planner, markEnd }: Beginning, opened: Opened): Promise<Switch<Generation>> {
  const { config, log, metrics } = parts;
  const first = await buildGeneration(parts, source, 1);
  await (await planner).giveBack();
  const pipelines = createSwitch<Generation>({
    first,
    drainMs: config.requestTimeoutMs + drainMarginMs,
    openMax: generationsMax,
    onCloseError: (error) => log.error({ error }, "reload.close-failed"),
  });
  metrics.watchGenerations(() => {
    const { number, source: live } = pipelines.current();
    return { number, open: pipelines.openCount(), supergraph: live.schemaHash, bundle: live.policy?.bundle.hash ?? "none" };
  });
  opened.unshift(() => {
    markEnd();
    return pipelines.close();
  });
  return pipelines;
}

interface Reloading {
  readonly parts: Parts;
  readonly pipelines: Switch<Generation>;
  readonly isUnrestricted: boolean;
}

function openReloader(reloading: Reloading, opened: Opened): Reloader {
  const { config, log } = reloading.parts;
  const reloader = createReloader(reloading);
  opened.unshift(() => reloader.close());
  if (!config.isReloadWatching) return reloader;
  const watcher = watchFiles({
    files: [config.supergraphFile, ...(config.trustedDocumentsFile === undefined ? [] : [config.trustedDocumentsFile])],
    folder: reloading.isUnrestricted ? undefined : config.policiesDir,
    delayMs: config.reloadDebounceMs,
    pollMs: config.reloadPollMs,
    onChange: () => reloader.check(false),
    log,
  });
  opened.unshift(async () => watcher.close());
  return reloader;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function isLoopback(host: string): boolean {
  return host === "127.0.0.1" || host === "::1" || host === "localhost";
}

interface Serving {
  readonly pipelines: Switch<Generation>;
  readonly subscriptions: Subscriptions;
  readonly reloader: Reloader;
}

async function buildServer(parts: Parts, { pipelines, subscriptions, reloader }: Serving): Promise<FastifyInstance> {
  const { config, runtime, log, metrics, governance } = parts;
  const timer = createTimer(parts);
  const bundleOf = (): Bundle => {
    const { policy } = pipelines.current().source;
    if (policy === undefined) throw new Error("An unrestricted hub has no agreements.");
    return policy.bundle;
  };
  const identify = governance?.identifyBy(bundleOf);
  const cache = governance?.cache;
  const siteOf = (): InvalidationSite => {
    const { apiSchema, entityKeys } = pipelines.current().source.supergraph;
    return { schema: apiSchema, entityKeys };
  };
  cache?.followOrders(siteOf);
  return createHttpServer({
    pipeline: pipelines,
    subscriptions,
    documents: openDocuments(config, () => pipelines.current().source.trusted),
    live: liveBoundsOf(config),
    limits: config.limits,
    log,
    identify: identify === undefined ? undefined : (headers) => timer.time("identify", () => identify(headers)),
    explorer: governance === undefined ? undefined : await (await import("./explorer.ts")).loadExplorer(config, bundleOf),
    invalidate: cache === undefined ? undefined : (token) => cache.invalidate(token, siteOf()),
    readiness: () => ({
      isReady: governance?.journal.isHealthy() ?? true,
      facts: {
        ...describeLive(pipelines.current()),
        ...(governance === undefined ? { unrestricted: true } : governance.describe()),
        ...(reloader.refusal() === undefined ? {} : { refused: reloader.refusal() }),
      },
    }),
    renderMetrics: () => metrics.render(),
    newRequestId: runtime.newRequestId,
    nowMs: runtime.nowMs,
  });
}

function describeLive({ number, source, builtAtMs }: Generation): Readonly<Record<string, unknown>> {
  return {
    supergraph: source.schemaHash.slice(0, 16),
    ...(source.policy === undefined ? {} : { bundle: source.policy.bundle.hash }),
    generation: number,
    since: new Date(builtAtMs).toISOString(),
  };
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
