import type { Entitlement } from "../../policies/engine/words.ts";
import type { Answer } from "../core/answer.ts";
import type { Caller } from "../core/caller.ts";
import { type ErrorCode, HubError } from "../core/errors.ts";
import { createHangup } from "../core/hangup.ts";
import type { Feed } from "../fetch/feed.ts";
import type { Reply } from "../fetch/reply.ts";
import type { Source } from "../fetch/run.ts";
import type { EventSources } from "../fetch/sources.ts";
import {
  type HubRequest,
  judge,
  judgedFrom,
  outcomeOf,
  type PipelineOptions,
  prepare,
  readVariables,
  refuse,
  run,
  type Scene,
} from "./answer.ts";
import { isCovered } from "./covered.ts";
import type { PreparedOperation } from "./prepare.ts";

/** What subscriptions run on: replaced as a whole when the graph or the agreements change. */
export interface Stage {
  readonly options: PipelineOptions;
  readonly sources: EventSources;
}

/** A subscription as it comes from whichever transport. */
export interface SubscriptionRequest extends Omit<HubRequest, "caller"> {
  /** Tells who asks, anew each time: tokens end and applications are taken off the list. Undefined when the hub runs unrestricted. */
  readonly identify: (() => Promise<Caller>) | undefined;
  /** Aborted when the caller hangs up. */
  readonly signal: AbortSignal;
  /** Resolves when the caller's connection has taken the answer. */
  readonly deliver: (answer: Answer) => Promise<void>;
}

/** All subscriptions of a hub. */
export interface Subscriptions {
  /**
   * Runs a subscription to its end. Never rejects.
   *
   * @returns The answer that says why it ended; undefined when the source is complete or the caller has hung up.
   */
  run(request: SubscriptionRequest): Promise<Answer | undefined>;
  /** Judges every subscription now, without an event: the graph or the agreements may have changed. */
  rejudge(): void;
  close(): void;
}

/** What subscriptions need. */
export interface SubscriptionsOptions {
  /** The stage in force. */
  readonly current: () => Stage;
  readonly subscriptionsMax: number;
  readonly sendTimeoutMs: number;
  /** How often every subscription is judged without an event. */
  readonly rejudgeMs: number;
}

interface Running {
  feed: Feed | undefined;
}

/** Creates the runner of subscriptions. Each event is judged, answered and recorded like a request of its own. */
export function createSubscriptions(options: SubscriptionsOptions): Subscriptions {
  const all = new Set<Running>();

  function rejudge(): void {
    for (const { feed } of all) feed?.wake();
  }

  const timer = setInterval(rejudge, options.rejudgeMs);
  timer.unref();
  return {
    async run(request): Promise<Answer | undefined> {
      const running: Running = { feed: undefined };
      const isFull = all.size >= options.subscriptionsMax;
      all.add(running);
      const hangup = createHangup();
      const onAbort = (): void => {
        hangup.tell();
        running.feed?.close();
      };
      request.signal.addEventListener("abort", onAbort);
      try {
        return await runSubscription({ options, request: { ...request, hangup }, running, isFull });
      } finally {
        request.signal.removeEventListener("abort", onAbort);
        running.feed?.close();
        all.delete(running);
      }
    },
    rejudge,
    close: () => clearInterval(timer),
  };
}

interface Show {
  readonly options: SubscriptionsOptions;
  readonly request: SubscriptionRequest;
  readonly running: Running;
  readonly isFull: boolean;
}

/** What a subscription rests on since it was last judged. */
interface Seat {
  readonly stage: Stage;
  readonly caller: Caller | undefined;
  readonly entitlement: Entitlement | undefined;
  readonly prepared: PreparedOperation;
  readonly source: Source;
  /** What was asked of the subgraph. */
  readonly body: string;
}

async function runSubscription(show: Show): Promise<Answer | undefined> {
  const { request } = show;
  let seat: Seat | undefined;
  try {
    if (show.isFull) throw new HubError("OVERLOADED", "Too many subscriptions are open; try again later.");
    seat = await takeSeat(show, undefined);
    for (let count = 1; ; ) {
      const { feed } = show.running;
      if (feed === undefined || request.signal.aborted) return undefined;
      // Events are answered in their order.
      // oxlint-disable-next-line no-await-in-loop
      const item = await feed.next();
      if (item.kind === "end" || request.signal.aborted) return undefined;
      if (item.kind === "failure") throw new HubError(item.code, failureMessages[item.code] ?? "The subscription failed.");
      const asked: Seat = seat;
      // oxlint-disable-next-line no-await-in-loop
      seat = await takeSeat(show, asked);
      if (item.kind === "wake") continue;
      if (!isCovered(seat.source, asked.source)) throw new HubError("SUBSCRIPTION_CHANGED", changedMessage);
      // oxlint-disable-next-line no-await-in-loop
      const answer = await answerEvent(show, seat, { reply: item.reply, count });
      if (answer.data === undefined) return answer;
      // oxlint-disable-next-line no-await-in-loop
      await deliver(show, feed, answer);
      count += 1;
    }
  } catch (error) {
    if (request.signal.aborted) return undefined;
    return await end(show, seat, error);
  }
}

const failureMessages: Partial<Record<ErrorCode, string>> = {
  SUBGRAPH_UNAVAILABLE: "The department's subscription broke off; subscribe again.",
  SUBGRAPH_TIMEOUT: "The department's subscription has gone silent; subscribe again.",
  SUBGRAPH_INVALID_REPLY: "The department sent an event that can't be read.",
  SUBGRAPH_ERROR: "The department refused the subscription or ended it with an error.",
  SUBSCRIPTION_OVERRUN: "Events came faster than they were taken, so the subscription has ended.",
};

const changedMessage = "What you may read has changed since this event was asked for; subscribe again.";

/**
 * Judges the subscription as of now. While nothing has changed, the seat stays; else the operation is prepared anew, and the source is
 * opened anew where something else has to be asked of it: what may no longer be read is no longer asked for.
 */
async function takeSeat(show: Show, seat: Seat | undefined): Promise<Seat> {
  const { request, running } = show;
  const stage = show.options.current();
  const caller = await request.identify?.();
  const scene = sceneOf(stage, { ...request, caller });
  const entitlement = judge(scene);
  if (seat !== undefined && seat.stage === stage && seat.entitlement?.id === entitlement?.id) return { ...seat, caller, entitlement };
  const next = await prepareSeat(scene, stage, entitlement);
  if (seat?.stage.sources === stage.sources && seat.source.fetch.subgraph === next.source.fetch.subgraph && seat.body === next.body)
    return next;
  const { subgraph } = next.source.fetch;
  const headers = await stage.options.callHeaders(subgraph, entitlement);
  if (request.signal.aborted) return next;
  running.feed?.close();
  running.feed = stage.sources.open({ subgraph, body: next.body, headers });
  return next;
}

async function prepareSeat(scene: Scene, stage: Stage, entitlement: Entitlement | undefined): Promise<Seat> {
  try {
    const prepared = await scene.options.timer.time("prepare", () => prepare(scene, entitlement));
    const { source } = prepared.runner;
    if (source === undefined) throw new HubError("OPERATION_NOT_SUPPORTED", "The operation is no subscription.");
    const body = source.bodyOf(readVariables(scene, prepared));
    return { stage, caller: scene.request.caller, entitlement, prepared, source, body };
  } catch (error) {
    throw new Refused(scene, entitlement, error);
  }
}

/** Carries a refusal with what it was judged by, for the record. */
class Refused extends Error {
  readonly scene: Scene;
  readonly entitlement: Entitlement | undefined;

  constructor(scene: Scene, entitlement: Entitlement | undefined, cause: unknown) {
    super("refused", { cause });
    this.scene = scene;
    this.entitlement = entitlement;
  }
}

interface Event {
  readonly reply: Reply;
  /** Events so far, this one included. */
  readonly count: number;
}

/** Never rejects; an answer without data ends the subscription. */
async function answerEvent({ request }: Show, { stage, caller, prepared }: Seat, { reply, count }: Event): Promise<Answer> {
  const { options } = stage;
  const scene: Scene = { ...sceneOf(stage, { ...request, caller, requestId: `${request.requestId}.${count}` }), event: reply };
  let answer: Answer;
  try {
    answer = await run(scene, prepared);
  } catch (error) {
    answer = await refuse(scene, error, prepared.judged);
  }
  options.onOutcome(outcomeOf(answer));
  return answer;
}

function sceneOf({ options }: Stage, request: HubRequest): Scene {
  // Validation keeps introspection out of subscriptions, so no view is needed.
  return { options, request, startMs: options.nowMs(), viewOf: () => options.apiSchema };
}

async function deliver({ options, request }: Show, feed: Feed, answer: Answer): Promise<void> {
  const late = Promise.withResolvers<"late">();
  const timer = setTimeout(() => late.resolve("late"), options.sendTimeoutMs);
  const overrun = feed.overrun.then(() => "late" as const);
  const isLate = (await Promise.race([request.deliver(answer), late.promise, overrun])) === "late";
  clearTimeout(timer);
  if (isLate) throw new HubError("SUBSCRIPTION_OVERRUN", failureMessages.SUBSCRIPTION_OVERRUN ?? "");
}

async function end({ options, request }: Show, seat: Seat | undefined, error: unknown): Promise<Answer> {
  const isRefused = error instanceof Refused;
  const cause: unknown = isRefused ? error.cause : error;
  const scene = isRefused ? error.scene : sceneOf(seat?.stage ?? options.current(), { ...request, caller: seat?.caller });
  const answer = await refuse(scene, cause, isRefused ? judgedFrom(scene, cause, error.entitlement) : undefined);
  scene.options.onOutcome(outcomeOf(answer));
  return answer;
}
