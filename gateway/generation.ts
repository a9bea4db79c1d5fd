import { withCatalogue } from "./access/catalogue.ts";
import { createCoster } from "./access/cost.ts";
import { createFetchCache } from "./cache/cache.ts";
import type { Config } from "./config.ts";
import type { FetchCache, Log } from "./core/ports.ts";
import { createTypeKnowledge, type TypeKnowledge } from "./fetch/types.ts";
import type { Governance } from "./governance.ts";
import type { Network } from "./network.ts";
import { listAddresses, openNetwork } from "./network.ts";
import { createPipeline, type PipelineOptions, type WarmPipeline } from "./pipeline/answer.ts";
import { createGatherer } from "./pipeline/gather.ts";
import { createKeptAnswers } from "./pipeline/kept.ts";
import { createPreparer, type PastAsk } from "./pipeline/prepare.ts";
import { createStepTimer, type StepTimer } from "./pipeline/steps.ts";
import type { Stage } from "./pipeline/subscribe.ts";
import type { Replaceable } from "./pipeline/switch.ts";
import { createPlanner, type Planner } from "./plan/plan.ts";
import { type EarlyPlanner, plannerIdleMs, plannerStartMs, startPlanProcesses } from "./plan/processes.ts";
import type { Share, Shared } from "./shared.ts";
import type { Graph, Source } from "./source.ts";
import { type Runtime, SourceError } from "./start.ts";
import type { Metrics } from "./telemetry/metrics.ts";

/** What every generation is built with, and what outlives them all. */
export interface Parts {
  readonly config: Config;
  readonly runtime: Runtime;
  readonly log: Log;
  readonly metrics: Metrics;
  /** By the supergraph's hash. */
  readonly planners: Shared<Planner>;
  /** By the subgraphs' addresses. */
  readonly networks: Shared<Network>;
  /** Undefined when the hub runs unrestricted. */
  readonly governance: Governance | undefined;
}

/** Everything that depends on one supergraph and one bundle of agreements. */
export interface Generation extends Replaceable {
  readonly source: Source;
  readonly pipeline: WarmPipeline;
  /** The same pipeline as subscriptions use it. */
  readonly stage: Stage;
  /** Epoch milliseconds. */
  readonly builtAtMs: number;
  /** What was asked last, the latest first. */
  recent(countMax: number): readonly PastAsk[];
}

/**
 * Builds a generation. A planner or clients that the one before uses are used on where graph and addresses are the same.
 *
 * @throws {SourceError} when the planner can't read the supergraph, or an address can't be used.
 */
export async function buildGeneration(parts: Parts, source: Source, number: number): Promise<Generation> {
  const { config, networks, runtime } = parts;
  const urls = listAddresses(config, source.supergraph);
  const network = await networks.take(JSON.stringify([...urls]), async () => openNetwork(parts, urls));
  let planner: Share<Planner>;
  try {
    planner = await takePlanner(parts, source);
  } catch (error) {
    await network.giveBack();
    throw error;
  }
  const options = createOptions(parts, source, { network: network.value, planner: planner.value });
  return {
    number,
    source,
    pipeline: createPipeline(options),
    stage: { options, sources: network.value.sources },
    builtAtMs: runtime.nowMs(),
    recent: (countMax) => options.preparer.recent(countMax),
    async close(): Promise<void> {
      await Promise.all([planner.giveBack(), network.giveBack()]);
    },
  };
}

interface Uses {
  readonly network: Network;
  readonly planner: Planner;
}

/** Bytes of written answers, as a share of those of what they are written from. */
const answersShare = 0.25;

function createOptions(parts: Parts, source: Source, { network, planner }: Uses): PipelineOptions {
  const { config, runtime, metrics, governance } = parts;
  const { catalogue, costs } = source.supergraph;
  const { limits, listSizeDefault } = config;
  // Whoever may ask may know what there is to ask for.
  const apiSchema = governance === undefined ? source.supergraph.apiSchema : withCatalogue(source.supergraph.apiSchema);
  const types = createTypeKnowledge(apiSchema);
  const cache = openFetchCache(parts, source, types);
  const preparer = createPreparer({
    apiSchema,
    catalogue,
    entityKeys: source.supergraph.entityKeys,
    planner,
    types,
    upstream: network.upstream,
    cache,
    pseudonymSecret: governance?.pseudonymSecret,
    random: runtime.random,
    entriesMax: config.preparedMax,
  });
  const timer = createTimer(parts);
  const callHeaders: PipelineOptions["callHeaders"] = governance?.callHeaders ?? (async () => ({}));
  return {
    apiSchema,
    catalogue,
    preparer,
    gatherer: createGatherer({
      isSharing: config.isSharing,
      ...(governance === undefined ? {} : { askerOf: governance.askerOf }),
      markOf: cache === undefined ? undefined : () => cache.mark(),
      kept:
        cache === undefined
          ? undefined
          : createKeptAnswers({
              bytesMax: Math.ceil(config.cacheBytesMax * answersShare),
              shared: cache.answers,
              nowMs: runtime.nowMs,
              count: (search) => metrics.countKeptAnswers(search),
            }),
      callHeaders,
      timer,
      nowMs: runtime.nowMs,
    }),
    limits,
    coster: createCoster({ schema: apiSchema, costs, listSizeDefault, limits }),
    entitlementOf: source.policy === undefined ? undefined : governance?.entitle(source.policy),
    recorder: governance?.journal,
    usage: governance?.usage,
    callHeaders,
    deadlineMs: config.requestTimeoutMs,
    nowMs: runtime.nowMs,
    onOutcome: (outcome) => metrics.countRequest(outcome),
    timer,
    log: parts.log,
  };
}

function openFetchCache({ governance }: Parts, { supergraph, schemaHash }: Source, types: TypeKnowledge): FetchCache | undefined {
  if (governance?.cache === undefined) return undefined;
  const { apiSchema, catalogue, entityKeys } = supergraph;
  const isRelated: TypeKnowledge["isRelated"] = (typeName, condition) => types.isRelated(typeName, condition);
  return createFetchCache({ engine: governance.cache.engine, schema: apiSchema, catalogue, schemaHash, entityKeys, isRelated });
}

/** Times the steps of requests. */
export function createTimer({ runtime, metrics }: Pick<Parts, "runtime" | "metrics">): StepTimer {
  return createStepTimer(runtime.monotonicMs, (step, durationMs) => metrics.observeStep(step, durationMs));
}

/**
 * Takes the planner of a supergraph: its process starts unless it runs already.
 *
 * @param first A process of the planner that was started ahead.
 * @throws {SourceError} when it can't read the supergraph.
 */
export function takePlanner(
  { config, planners }: Pick<Parts, "config" | "planners">,
  source: Graph,
  first?: EarlyPlanner,
): Promise<Share<Planner>> {
  const { planConcurrencyMax, planTimeoutMs, planWaitingMax, overrideLabels } = config;
  const { apiSchema, sdl } = source.supergraph;
  return planners.take(source.schemaHash, async () => {
    try {
      const engine = await startPlanProcesses({
        supergraphSdl: sdl,
        processesMax: planConcurrencyMax,
        startTimeoutMs: plannerStartMs,
        idleMs: plannerIdleMs,
        first,
      });
      return createPlanner({
        engine,
        apiSchema,
        overrideLabels,
        timeoutMs: planTimeoutMs,
        concurrencyMax: planConcurrencyMax,
        waitingMax: planWaitingMax,
      });
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new SourceError(`The planner can't read the supergraph ${config.supergraphFile}: ${message}`, {
        fault: "PLANNER_REFUSED",
        cause,
      });
    }
  });
}
