import type { Moment } from "../../policies/engine/holds.ts";
import type { Entitlement } from "../../policies/engine/words.ts";
import { HubError } from "../core/errors.ts";
import { createFlights } from "../core/flights.ts";
import type { Hangup } from "../core/hangup.ts";
import type { Clock } from "../core/ports.ts";
import type { Reply } from "../fetch/reply.ts";
import type { Gathered } from "./gathered.ts";
import type { KeptAnswers } from "./kept.ts";
import type { PreparedOperation } from "./prepare.ts";
import type { StepTimer } from "./steps.ts";

/** One execution of a prepared operation. */
export interface Gathering {
  readonly prepared: PreparedOperation;
  /** Coerced variables. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly introspection: Readonly<Record<string, unknown>> | undefined;
  /** What conditions compare with. */
  readonly moment: Moment;
  readonly deadlineAtMs: number;
  /** What the source of a subscription has sent; undefined for queries and mutations. */
  readonly event: Reply | undefined;
  readonly hangup: Hangup | undefined;
  /** A state of the cache that the caller has seen; nothing older is served. */
  readonly seenMark?: string | undefined;
}

/** Fetches and projects. */
export interface Gatherer {
  /** @throws {HubError} CALLER_GONE when nobody waits for the answer any more. */
  gather(gathering: Gathering): Promise<Gathered>;
}

/** What gathering needs. */
export interface GathererOptions {
  /** Whether equal queries in flight share one execution. */
  readonly isSharing: boolean;
  /** On whose behalf departments are asked, as they are told it. */
  readonly askerOf?: (entitlement: Entitlement) => string;
  /**
   * The state of the cache: executions that began in different states are never shared. Undefined when that can't be told; then none is. Empty while
   * the cache serves nothing.
   */
  readonly markOf?: (() => string | undefined) | undefined;
  /** Answers that were written from what is kept; undefined without a cache. */
  readonly kept?: KeptAnswers | undefined;
  readonly callHeaders: (subgraph: string, entitlement: Entitlement | undefined) => Promise<Readonly<Record<string, string>>>;
  readonly timer: StepTimer;
  readonly nowMs: Clock;
}

/**
 * Creates the gatherer. Queries that are equal in everything that decides their answer (prepared operation, which stands for document and
 * entitlement, variables and case) share one execution while it is under way; each is recorded for itself.
 */
export function createGatherer(options: GathererOptions): Gatherer {
  const flights = createFlights<Gathered>();
  return {
    gather(gathering): Promise<Gathered> {
      const { prepared, variables, moment, event, hangup } = gathering;
      const mark = options.markOf === undefined ? "" : options.markOf();
      const isRepeatable = prepared.cleared.operationKind === "query" && event === undefined;
      const kept = mark === "" || !prepared.runner.isKeepable ? undefined : options.kept;
      if (!isRepeatable || mark === undefined || (kept === undefined && !options.isSharing)) return gatherOnce(options, gathering);
      const day = prepared.cleared.isConditioned ? moment.today : null;
      const key = JSON.stringify([prepared.key, moment.caseReference ?? null, day, variables, mark, gathering.seenMark ?? null]);
      const known = kept?.find(key);
      if (known !== undefined) return Promise.resolve(known);
      const begin = (everybody: Hangup | undefined): Promise<Gathered> =>
        gatherOrFind(options, { ...gathering, hangup: everybody }, kept === undefined ? undefined : { kept, key });
      return options.isSharing ? flights.join(key, hangup, begin) : begin(hangup);
    },
  };
}

interface Keeping {
  readonly kept: KeptAnswers;
  readonly key: string;
}

/** Finds an answer that another hub has kept, or gathers it and keeps it for the next. */
async function gatherOrFind(options: GathererOptions, gathering: Gathering, keeping: Keeping | undefined): Promise<Gathered> {
  if (keeping === undefined) return await gatherOnce(options, gathering);
  const { kept, key } = keeping;
  const found = await kept.findShared?.(key);
  if (found !== undefined) return found;
  const gathered = await gatherOnce(options, gathering);
  kept.keep(key, gathered);
  return gathered;
}

async function gatherOnce(options: GathererOptions, gathering: Gathering): Promise<Gathered> {
  const { prepared, variables, introspection, moment, deadlineAtMs, event, hangup } = gathering;
  const { cleared, runner, projector } = prepared;
  const { timer, nowMs } = options;
  const collected = await timer.time("fetch", () =>
    runner.run({
      variables,
      headersFor: (subgraph) => options.callHeaders(subgraph, cleared.entitlement),
      deadlineAtMs,
      nowMs,
      // A mutation that has begun is done to its end, whoever still listens.
      hangup: cleared.operationKind === "mutation" ? undefined : hangup,
      asker: cleared.entitlement === undefined ? undefined : options.askerOf?.(cleared.entitlement),
      seenMark: gathering.seenMark,
      ...(event === undefined ? {} : { event }),
    }),
  );
  if (cleared.operationKind !== "mutation" && hangup?.isGone() === true) throw new HubError("CALLER_GONE", "The caller has hung up.");
  const { joined, problems, passed, ...gist } = collected;
  if (passed !== undefined) return { collected: gist, projected: { ...passed, problems: [], counted: undefined } };
  const projected = timer.timeNow("project", () => projector.project({ joined, problems, introspection, moment }));
  return { collected: gist, projected };
}
