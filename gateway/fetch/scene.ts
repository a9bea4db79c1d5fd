import type { AnswerBytes } from "../core/answer.ts";
import type { Hangup } from "../core/hangup.ts";
import type { Joined } from "../core/joined.ts";
import type { FetchPlan, FetchStep } from "../core/layout.ts";
import type { CachedFetch, FetchCache } from "../core/ports.ts";
import type { Problem } from "../core/problem.ts";
import type { Collector } from "./collect.ts";
import type { CacheTally, OpenTally } from "./notes.ts";
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
  /** The answer's data as it came: the only reply was passed on unread. Undefined where the answer has to be written. */
  readonly passed: AnswerBytes | undefined;
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
  /** Gives the answer's data where a reply is the answer as it is. It may be there only for queries of one call. */
  readonly straight?: ((reply: Buffer) => AnswerBytes | undefined) | undefined;
}

/** One call of a plan, compiled. */
export interface CompiledFetch {
  readonly fetch: FetchStep;
  /** The body up to the variables. */
  readonly bodyStart: string;
  /** One for each attachment. */
  readonly collectors: readonly Collector[];
  /** Undefined where nothing of it may be kept. */
  readonly cached: CachedFetch | undefined;
}

/** One run of a plan. */
export interface Run extends OpenTally {
  readonly options: RunOptions;
  readonly joined: Joined;
  readonly problems: Problem[];
  readonly subgraphs: Set<string>;
  fetches: number;
  epoch: string | undefined;
  passed: AnswerBytes | undefined;
}

/** What everything in a run looks at. */
export interface Scene {
  readonly options: RunnerOptions;
  readonly compiled: readonly CompiledFetch[];
  readonly run: Run;
}
