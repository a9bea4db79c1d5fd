import { HubError } from "../core/errors.ts";
import type { Hangup } from "../core/hangup.ts";
import { createJoined, type Joined, type JsonObject } from "../core/joined.ts";
import type { FetchPlan, FetchStep, Place, Step } from "../core/layout.ts";
import type { CacheCall, CachedData, CachedFetch, FetchCache } from "../core/ports.ts";
import type { Problem } from "../core/problem.ts";
import { type AttachmentWriter, attachReply, collectEntities, compileAttachment } from "./entities.ts";
import { addNotes, type CacheTally, createTally, type OpenTally } from "./notes.ts";
import { type Askers, failureProblems, replyProblems } from "./problems.ts";
import type { Reply } from "./reply.ts";
import type { TypeKnowledge } from "./types.ts";
import type { Upstream } from "./upstream.ts";

/** What a run of a plan has brought. */
export interface Collected extends CacheTally {
  readonly joined: Joined;
  readonly problems: readonly Problem[];
  /** Subgraphs that were asked or whose cached replies were used, sorted. */
  readonly subgraphs: readonly string[];
  readonly fetches: number;
  /** State of the cache that tells of the mutations that were run; undefined when none were, or nobody could be told. */
  readonly epoch: string | undefined;
}

/** What differs from request to request. */
export interface RunOptions {
  /** Coerced variables. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** Headers for calls of a subgraph. */
  readonly headersFor: (subgraph: string) => Promise<Readonly<Record<string, string>>>;
  readonly deadlineAtMs: number;
  readonly nowMs: () => number;
  /** When nobody waits any more, no further call begins and those under way are aborted, unless others share them. */
  readonly hangup?: Hangup | undefined;
  /** What a subscription's source has just sent; the rest of the plan is run for it. */
  readonly event?: Reply;
  /** On whose behalf, as departments are told it: a cache keeps apart what isn't shared. */
  readonly asker?: string | undefined;
  /** A state of the cache that the caller has seen; nothing older is served. */
  readonly seenMark?: string | undefined;
}

/** Where fetches go. */
export interface RunnerOptions {
  readonly plan: FetchPlan;
  readonly types: TypeKnowledge;
  readonly upstream: Upstream;
  readonly cache: FetchCache | undefined;
  /** Whether the answer leaves fields of some objects out: problems then say which objects they are about. */
  readonly isConditioned?: boolean;
  /**
   * Coordinates whose values conditions may keep back. What brings one is not kept, as whether it failed would tell of it, nor is what is
   * fetched after it, as which entities are there would tell what it leads to.
   */
  readonly conditioned?: ReadonlySet<string>;
}

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

interface CompiledFetch {
  readonly fetch: FetchStep;
  /** The body up to the variables. */
  readonly bodyStart: string;
  readonly attachments: readonly AttachmentWriter[];
  /** Undefined where nothing of it may be kept. */
  readonly cached: CachedFetch | undefined;
}

interface Run extends OpenTally {
  readonly options: RunOptions;
  readonly joined: Joined;
  readonly problems: Problem[];
  readonly subgraphs: Set<string>;
  fetches: number;
  epoch: string | undefined;
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
    attachments: fetch.attachments.map((attachment) => compileAttachment(attachment, fetch, types)),
    cached: isTelling ? undefined : options.cache?.compile(fetch, before),
  };
}

interface Scene {
  readonly options: RunnerOptions;
  readonly compiled: readonly CompiledFetch[];
  readonly run: Run;
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
  const collecting = { joined: run.joined, types: scene.options.types, isHostKnown: scene.options.isConditioned === true };
  const entities = compiled.attachments.map((attachment) => collectEntities(attachment, collecting));
  if (fetch.attachments.length > 0 && entities.every((found) => found.representations.length === 0)) {
    run.joined.states[fetch.id] = "skipped";
    return;
  }
  const representations = entities.map((found) => found.representations);
  const reply = await obtainReply(scene, compiled, representations);
  // Whatever has become of a mutation, it may have changed what was fetched before.
  if (fetch.operationKind === "mutation") run.epoch = (await scene.options.cache?.touch(fetch.subgraph)) ?? run.epoch;
  placeReply(scene, compiled, { reply, entities });
}

function writeVariables(names: readonly string[], values: Readonly<Record<string, unknown>>): string[] {
  return names.flatMap((name) => (values[name] === undefined ? [] : [`${JSON.stringify(name)}:${JSON.stringify(values[name])}`]));
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
  readonly entities: readonly ReturnType<typeof collectEntities>[];
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
  readonly entities: readonly ReturnType<typeof collectEntities>[];
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

function obtainReply(scene: Scene, compiled: CompiledFetch, representations: readonly (readonly string[])[]): Promise<Reply | CachedData> {
  const { run } = scene;
  const { cached, fetch } = compiled;
  // What an event tells of may have changed just now.
  if (cached === undefined || run.options.event !== undefined) {
    return callSubgraph(scene, compiled, {
      text: undefined,
      representations,
      variableNames: fetch.variableNames,
      mark: "",
      isDetached: false,
    });
  }
  const { variables, asker, seenMark } = run.options;
  const call = (asked: CacheCall): Promise<Reply> => callSubgraph(scene, compiled, asked);
  return cached.obtain({ variables, representations, asker, seenMark, call, note: (notes) => addNotes(run, notes) });
}

/** Longest that a call for the cache alone may take, in milliseconds. */
const detachedMs = 5_000;

async function callSubgraph({ options, run }: Scene, { fetch, bodyStart }: CompiledFetch, asked: CacheCall): Promise<Reply> {
  const { text, representations, variableNames, mark, isDetached } = asked;
  if (!isDetached) run.fetches += 1;
  const lists = fetch.attachments.flatMap(({ variableName }, index) => {
    const texts = representations[index];
    // A narrower text has no variable for entities of which it asks none.
    return texts === undefined || (text !== undefined && texts.length === 0)
      ? []
      : [`${JSON.stringify(variableName)}:[${texts.join(",")}]`];
  });
  const variables = [...lists, ...writeVariables(variableNames, run.options.variables)].join(",");
  const start = text === undefined ? bodyStart : `{"query":${JSON.stringify(text)}`;
  const headers = await run.options.headersFor(fetch.subgraph);
  return options.upstream.call({
    subgraph: fetch.subgraph,
    body: variables === "" ? `${start}}` : `${start},"variables":{${variables}}}`,
    headers,
    deadlineAtMs: isDetached ? run.options.nowMs() + detachedMs : run.options.deadlineAtMs,
    isQuery: fetch.operationKind === "query",
    hangup: isDetached ? undefined : run.options.hangup,
    mark,
  });
}
