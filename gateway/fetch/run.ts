import { HubError } from "../core/errors.ts";
import { createJoined, type JsonObject } from "../core/joined.ts";
import type { FetchPlan, FetchStep, Place, Step } from "../core/layout.ts";
import type { CachedData } from "../core/ports.ts";
import { obtainReply, writeVariables } from "./call.ts";
import { compileCollector } from "./collect.ts";
import { attachReply, type FoundEntities } from "./entities.ts";
import { createTally } from "./notes.ts";
import { type Askers, failureProblems, replyProblems } from "./problems.ts";
import type { Reply } from "./reply.ts";
import type { Collected, CompiledFetch, Run, RunnerOptions, RunOptions, Scene } from "./scene.ts";
import type { TypeKnowledge } from "./types.ts";

/** A plan, compiled. */
export interface Runner {
  /** The subscription at a subgraph whose events the plan is run for; undefined for queries and mutations. */
  readonly source: Source | undefined;
  run(options: RunOptions): Promise<Collected>;
  /** Whether a cache may keep every fetch, so that an answer may come from it whole. */
  readonly isKeepable: boolean;
}

/** A subscription at a subgraph. */
export interface Source {
  readonly fetch: FetchStep;
  /** Where its events' fields are. */
  readonly root: Place;
  /** The request's body. */
  bodyOf(variables: Readonly<Record<string, unknown>>): string;
}

/**
 * Compiles a plan once; the runner then serves every request of the operation.
 *
 * @throws {HubError} OPERATION_NOT_SUPPORTED when a representation needs a field that no call delivers.
 */
export function createRunner(options: RunnerOptions): Runner {
  const { plan, types } = options;
  const compiled = plan.fetches.map((fetch) => compileFetch(options, fetch, types));
  const source = plan.source === undefined ? undefined : compiled[plan.source.id];
  return {
    source: source === undefined ? undefined : sourceOf(source, plan),
    isKeepable: compiled.length > 0 && compiled.every(({ cached }) => cached !== undefined),
    async run(runOptions): Promise<Collected> {
      const run: Run = {
        options: runOptions,
        joined: createJoined(plan.root, plan.fetches.length, plan.attachmentCount),
        problems: [],
        subgraphs: new Set(),
        fetches: 0,
        epoch: undefined,
        passed: undefined,
        ...createTally(),
      };
      const scene: Scene = { options, compiled, run };
      if (source !== undefined && runOptions.event !== undefined) placeReply(scene, source, { reply: runOptions.event, entities: [] });
      if (plan.step !== undefined) await runStep(scene, plan.step);
      const { options: _options, subgraphs, ...brought } = run;
      return { ...brought, subgraphs: [...subgraphs].toSorted() };
    },
  };
}

function bringsConditioned({ coordinates }: FetchStep, options: RunnerOptions): boolean {
  return coordinates?.some((coordinate) => options.conditioned?.has(coordinate) === true) ?? false;
}

function compileFetch(options: RunnerOptions, fetch: FetchStep, types: TypeKnowledge): CompiledFetch {
  const before = options.plan.fetches.filter(({ id }) => fetch.earlier.has(id));
  const isTelling = [fetch, ...before].some((one) => bringsConditioned(one, options));
  return {
    fetch,
    bodyStart: `{"query":${JSON.stringify(fetch.text)}`,
    collectors: fetch.attachments.map((attachment) =>
      compileCollector({ attachment, fetch, types, isHostKnown: options.isConditioned === true }),
    ),
    cached: isTelling ? undefined : options.cache?.compile(fetch, before),
  };
}

async function runStep(scene: Scene, step: Step): Promise<void> {
  switch (step.kind) {
    case "fetch": {
      const compiled = scene.compiled[step.id];
      if (compiled !== undefined) await runFetch(scene, compiled);
      return;
    }
    case "sequence":
      for (const child of step.steps) {
        // Each step needs what the ones before it have brought.
        // oxlint-disable-next-line no-await-in-loop
        await runStep(scene, child);
      }
      return;
    case "parallel":
      await Promise.all(step.steps.map((child) => runStep(scene, child)));
  }
}

async function runFetch(scene: Scene, compiled: CompiledFetch): Promise<void> {
  const { run } = scene;
  const { fetch } = compiled;
  if (run.options.hangup?.isGone() === true) throw new HubError("CALLER_GONE", "The caller has hung up.");
  const entities = compiled.collectors.map((collect) => collect(run.joined));
  if (fetch.attachments.length > 0 && entities.every((found) => found.representations.count() === 0)) {
    run.joined.states[fetch.id] = "skipped";
    return;
  }
  const representations = entities.map((found) => found.representations);
  const reply = await obtainReply(scene, compiled, representations);
  // Whatever has become of a mutation, it may have changed what was fetched before.
  if (fetch.operationKind === "mutation") run.epoch = (await scene.options.cache?.touch(fetch.subgraph)) ?? run.epoch;
  placeReply(scene, compiled, { reply, entities });
}

function sourceOf({ fetch, bodyStart }: CompiledFetch, { root }: FetchPlan): Source {
  return {
    fetch,
    root,
    bodyOf: (variables) => `${bodyStart},"variables":{${writeVariables(fetch.variableNames, variables).join(",")}}}`,
  };
}

interface Arrival {
  readonly reply: Reply | CachedData;
  readonly entities: readonly FoundEntities[];
}

function placeReply(scene: Scene, compiled: CompiledFetch, { reply, entities }: Arrival): void {
  const { run } = scene;
  const { fetch } = compiled;
  run.subgraphs.add(fetch.subgraph);
  if (reply.kind === "failure" || reply.data === undefined) {
    const code = reply.kind === "failure" ? reply.code : "SUBGRAPH_ERROR";
    run.joined.states[fetch.id] = "failed";
    run.problems.push(...failureProblems(fetch, code, conditioned(scene, entities)));
    return;
  }
  run.problems.push(
    ...replyProblems(fetch, reply.errors, { entities, data: scene.options.isConditioned === true ? reply.data : undefined }),
  );
  place(scene, compiled, { data: reply.data, entities });
}

interface Placement {
  readonly data: JsonObject;
  readonly entities: readonly FoundEntities[];
}

/** Puts a reply where the plan says, without changing it. */
function place(scene: Scene, { fetch }: CompiledFetch, { data, entities }: Placement): void {
  const { run, options } = scene;
  run.joined.states[fetch.id] = "done";
  if (fetch.reentry !== undefined) {
    run.joined.reentries[fetch.id] = data;
  } else if (fetch.attachments.length === 0) {
    for (const slot of options.plan.root.slots) {
      if (slot.fetchId === fetch.id) run.joined.rootLayers[slot.index] = data;
    }
  } else if (!entities.every((found) => attachReply(found, data, run.joined))) {
    run.joined.states[fetch.id] = "failed";
    run.problems.push(...failureProblems(fetch, "SUBGRAPH_INVALID_REPLY", conditioned(scene, entities)));
  }
}

/** Which objects a problem is about has to be known under conditions alone. */
function conditioned({ options }: Scene, entities: Arrival["entities"]): Askers {
  return { entities, isConditioned: options.isConditioned === true };
}
