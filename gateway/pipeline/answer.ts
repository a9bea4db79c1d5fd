import type { GraphQLError, GraphQLSchema, OperationDefinitionNode } from "graphql";
import { getVariableValues } from "graphql/execution/values.js";
import { dayOf } from "../../policies/engine/dates.ts";
import type { Entitlement } from "../../policies/engine/words.ts";
import type { Catalogue } from "../../schema/catalogue.ts";
import { withOwnCatalogue } from "../access/catalogue.ts";
import { clearOperation } from "../access/clear.ts";
import type { Coster } from "../access/cost.ts";
import { checkLimits, checkVariables, measureOperation } from "../access/measure.ts";
import { validateOperation } from "../access/validate.ts";
import { answerIntrospection, viewSchema } from "../access/view.ts";
import type { Answer } from "../core/answer.ts";
import type { Caller } from "../core/caller.ts";
import type { ClearedOperation } from "../core/cleared.ts";
import { HubError } from "../core/errors.ts";
import type { Hangup } from "../core/hangup.ts";
import type { Limits } from "../core/limits.ts";
import type { Clock, Log } from "../core/ports.ts";
import type { Outcome, Recorder } from "../core/record.ts";
import type { UsageCounter } from "../core/usage.ts";
import type { Reply } from "../fetch/reply.ts";
import { ageOf, cacheStatusOf, describeBasis } from "./basis.ts";
import type { Gatherer } from "./gather.ts";
import type { Gist } from "./gathered.ts";
import type { Ask, PastAsk, PreparedOperation, Preparer } from "./prepare.ts";
import { problemError, refusalError, withheldError } from "./public.ts";
import { type Judged, judgedOfRefusal, recordOf } from "./record.ts";
import type { StepTimer } from "./steps.ts";
import { countRequest, countSubjects, type UseOptions } from "./usage.ts";

/** One request, as it comes from whichever transport. */
export interface HubRequest extends Ask {
  readonly requestId: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** A state of the cache that the caller has seen, of the header `Hub-Epoch`; nothing older is served. */
  readonly seenMark?: string | undefined;
  /** Told by the transport when its caller hangs up. */
  readonly hangup?: Hangup;
}

/** What the steps are made of. */
export interface PipelineOptions {
  readonly apiSchema: GraphQLSchema;
  readonly catalogue: Catalogue;
  readonly preparer: Preparer;
  readonly gatherer: Gatherer;
  readonly limits: Limits;
  readonly coster: Coster;
  /** Undefined when the hub runs unrestricted. */
  readonly entitlementOf: ((caller: Caller, nowMs: number) => Entitlement) | undefined;
  /** Undefined when the hub runs unrestricted. */
  readonly recorder: Recorder | undefined;
  /** Undefined when the hub runs unrestricted. */
  readonly usage: UsageCounter | undefined;
  /** Headers that prove to a subgraph who asks. */
  readonly callHeaders: (subgraph: string, entitlement: Entitlement | undefined) => Promise<Readonly<Record<string, string>>>;
  readonly deadlineMs: number;
  readonly nowMs: Clock;
  readonly timer: StepTimer;
  /** Told how each request ended. */
  readonly onOutcome: (outcome: Outcome) => void;
  readonly log: Log;
}

/** The way of a request from the caller's identity to the finished answer. */
export interface Pipeline {
  /** Never rejects: what goes wrong is in the answer. */
  answer(request: HubRequest): Promise<Answer>;
}

/** A pipeline that can be made ready for what it will be asked. */
export interface WarmPipeline extends Pipeline {
  /**
   * Judges, clears and plans an operation without running it, so that the next caller finds it prepared.
   * @throws {HubError} where the operation would be refused.
   */
  warm(ask: PastAsk): Promise<void>;
}

/** Creates the pipeline: judge, clear, plan, fetch, project, record. */
export function createPipeline(options: PipelineOptions): WarmPipeline {
  const views = new WeakMap<Entitlement, GraphQLSchema>();

  function viewOf(entitlement: Entitlement | undefined): GraphQLSchema {
    if (entitlement === undefined) return options.apiSchema;
    let view = views.get(entitlement);
    if (view === undefined) {
      view = withOwnCatalogue(viewSchema(options.apiSchema, entitlement, options.catalogue), entitlement, options.catalogue);
      views.set(entitlement, view);
    }
    return view;
  }

  return {
    async answer(request): Promise<Answer> {
      const answer = await answerOnce({ options, request, startMs: options.nowMs(), viewOf });
      options.onOutcome(outcomeOf(answer));
      return answer;
    },
    async warm(ask): Promise<void> {
      const scene: Scene = { options, request: { ...ask, requestId: "", variables: ask.conditions }, startMs: options.nowMs(), viewOf };
      await prepare(scene, judge(scene));
    },
  };
}

async function answerOnce(scene: Scene): Promise<Answer> {
  let entitlement: Entitlement | undefined;
  let judged: Judged | undefined;
  try {
    entitlement = judge(scene);
    const asked = entitlement;
    const prepared = await scene.options.timer.time("prepare", () => prepare(scene, asked));
    judged = prepared.judged;
    return await run(scene, prepared);
  } catch (error) {
    return await refuse(scene, error, judged ?? judgedFrom(scene, error, entitlement));
  }
}

/** How an answer counts. */
export function outcomeOf({ status, errors }: Answer): Outcome {
  if (status >= 500) return "FAILED";
  if (status >= 400) return "REFUSED";
  return errors.length > 0 ? "PARTIAL" : "ANSWERED";
}

/** What a refusal tells of what was denied, for the record. */
export function judgedFrom({ request }: Scene, error: unknown, entitlement: Entitlement | undefined): Judged | undefined {
  if (entitlement === undefined || !(error instanceof HubError)) return undefined;
  return judgedOfRefusal(error, entitlement, { operationName: request.operationName, operationHash: request.documentHash });
}

/**
 * Finds what the caller may read now; undefined when the hub runs unrestricted.
 * @throws {HubError} UNAUTHENTICATED without a caller.
 */
export function judge({ options, request, startMs }: Scene): Entitlement | undefined {
  if (options.entitlementOf === undefined) return undefined;
  if (request.caller === undefined) throw new HubError("UNAUTHENTICATED", "Send `Authorization: Bearer` with an access token.");
  return options.entitlementOf(request.caller, startMs);
}

/**
 * Checks limits, validates, clears and plans, or finds all that done already.
 * @throws {HubError} where the operation is refused.
 */
export function prepare({ options, request }: Scene, entitlement: Entitlement | undefined): PreparedOperation | Promise<PreparedOperation> {
  const { document, documentHash, operationName, caller, variables } = request;
  const onDenied = caller?.onDenied ?? "withhold";
  const key = `${documentHash} ${operationName ?? ""} ${entitlement?.id ?? ""} ${onDenied}`;
  return options.preparer.prepare({
    key,
    ask: { document, documentHash, operationName, caller },
    variables,
    clear: () => {
      checkLimits(measureOperation(document, operationName), options.limits);
      validateOperation(options.apiSchema, document);
      const { withheldPathsMax } = options.limits;
      const cleared = clearOperation({ schema: options.apiSchema, document, operationName, entitlement, onDenied, withheldPathsMax });
      options.coster.admit(cleared);
      return cleared;
    },
  });
}

/** One request on its way. */
export interface Scene {
  readonly options: PipelineOptions;
  readonly request: HubRequest;
  readonly startMs: number;
  readonly viewOf: (entitlement: Entitlement | undefined) => GraphQLSchema;
  /** What the source of a subscription has sent; undefined for queries and mutations. */
  readonly event?: Reply;
}

/**
 * Fetches, projects and keeps the record.
 * @throws {HubError} where nothing may leave.
 */
export async function run(scene: Scene, prepared: PreparedOperation): Promise<Answer> {
  const { options, request, startMs } = scene;
  const { cleared } = prepared;
  if (cleared.operationKind === "subscription" && scene.event === undefined) {
    const message = "Subscriptions are answered over server-sent events (`Accept: text/event-stream`) or a WebSocket only.";
    throw new HubError("OPERATION_NOT_SUPPORTED", message);
  }
  const variables = readVariables(scene, prepared);
  const use = findUse(scene, prepared);
  if (use !== undefined) await countRequest(use);
  const introspection =
    cleared.introspection === undefined
      ? undefined
      : answerIntrospection(scene.viewOf(cleared.entitlement), cleared.introspection, variables);
  const { collected, projected } = await options.gatherer.gather({
    prepared,
    variables,
    introspection,
    moment: { today: dayOf(startMs), caseReference: request.caller?.caseReference },
    deadlineAtMs: startMs + options.deadlineMs,
    event: scene.event,
    hangup: request.hangup,
    seenMark: request.seenMark,
  });
  if (use !== undefined && projected.counted !== undefined) await countSubjects(use, projected.counted);
  const { requestId } = request;
  const errors = [
    ...cleared.withheld.map((withheld) => withheldError(withheld, requestId)),
    ...projected.problems.map((problem) => problemError(problem, requestId)),
  ];
  await keepRecord(scene, prepared.judged, {
    collected,
    errorCodes: errors.map((error) => error.extensions.code),
    outcome: errors.length > 0 ? "PARTIAL" : "ANSWERED",
  });
  const hub = describeBasis(prepared, collected, options.nowMs());
  return {
    status: 200,
    data: projected.data,
    whole: errors.length === 0 && hub === prepared.basis ? projected.whole : undefined,
    errors,
    hub,
    ageSeconds: ageOf(collected, options.nowMs()),
    cacheStatus: cacheStatusOf(collected, options.nowMs()),
    epoch: collected.epoch,
  };
}

function findUse({ options: { usage }, startMs }: Scene, { use }: PreparedOperation): UseOptions | undefined {
  return use === undefined || usage === undefined ? undefined : { plan: use, usage, nowMs: startMs };
}

/**
 * Checks, judges and coerces the variables of a request, and weighs what the operation costs with them.
 * @throws {HubError} OPERATION_LIMIT, UNAUTHORIZED_FIELD_OR_TYPE or BAD_USER_INPUT.
 */
export function readVariables({ options, request }: Scene, prepared: PreparedOperation): Readonly<Record<string, unknown>> {
  const { cleared } = prepared;
  checkVariables(request.variables, options.limits);
  prepared.judgeVariables(request.variables);
  const variables = coerceVariables(options.apiSchema, cleared, request.variables);
  options.coster.charge(cleared, variables);
  return variables;
}

function coerceVariables(
  schema: GraphQLSchema,
  cleared: ClearedOperation,
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const operation = cleared.asked.definitions.find(
    (definition): definition is OperationDefinitionNode => definition.kind === "OperationDefinition",
  );
  const { errors, coerced } = getVariableValues(schema, operation?.variableDefinitions ?? [], given, {
    maxErrors: 10,
    hideSuggestions: true,
  });
  if (errors === undefined) return coerced;
  throw new HubError("BAD_USER_INPUT", errors.map((error: GraphQLError) => error.message).join(" "));
}

interface Ending {
  readonly collected: Gist | undefined;
  readonly errorCodes: readonly string[];
  readonly outcome: Outcome;
}

/** Waits until the record is durable: an answer that holds anything but OPEN data leaves only then. */
async function keepRecord({ options, request }: Scene, judged: Judged | undefined, ending: Ending): Promise<void> {
  if (options.recorder === undefined || request.caller === undefined || judged === undefined) return;
  const record = recordOf({ caller: request.caller, requestId: request.requestId, judged, nowMs: options.nowMs(), ...ending });
  if (record === undefined) return;
  const { recorder } = options;
  await options.timer.time("record", () => recorder.append(record));
}

/** The answer of a request that ends without data, with its record where something was denied. Never rejects. */
export async function refuse(scene: Scene, error: unknown, judged: Judged | undefined): Promise<Answer> {
  const { options, request } = scene;
  const { status, ...refusal } = refusalError(error, request.requestId);
  const { code } = refusal.extensions;
  if (!(error instanceof HubError)) options.log.error({ requestId: request.requestId, error: describeError(error) }, "request.failed");
  else if (code === "OPERATION_NOT_SUPPORTED" && error.cause !== undefined)
    options.log.warn({ requestId: request.requestId, error: describeError(error.cause) }, "request.unplanned");
  if (code !== "AUDIT_UNAVAILABLE") {
    try {
      await keepRecord(scene, judged, { collected: undefined, errorCodes: [code], outcome: status >= 500 ? "FAILED" : "REFUSED" });
    } catch {
      // The refusal holds no data, so it may leave without a record; the journal's own health tells of the failure.
      options.log.warn({ requestId: request.requestId }, "record.lost");
    }
  }
  return { status, data: undefined, errors: [refusal], hub: {}, ageSeconds: undefined, cacheStatus: undefined, epoch: undefined };
}

function describeError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : "unknown";
}
