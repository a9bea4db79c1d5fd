import type { ServerResponse } from "node:http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Answer } from "../core/answer.ts";
import type { Caller } from "../core/caller.ts";
import { HubError } from "../core/errors.ts";
import { hangupOf } from "../core/hangup.ts";
import type { Limits } from "../core/limits.ts";
import type { Log } from "../core/ports.ts";
import type { Pipeline } from "../pipeline/answer.ts";
import { refusalError } from "../pipeline/public.ts";
import type { Subscriptions } from "../pipeline/subscribe.ts";
import type { Documents } from "./documents.ts";
import { paramsOfRequest } from "./intake.ts";
import { type ReadOperation, readOperation, textOfAnswer } from "./operation.ts";

/** What event streams and sockets are served with. */
export interface LiveOptions {
  readonly pipeline: Pipeline;
  readonly subscriptions: Subscriptions;
  readonly documents: Documents;
  readonly limits: Limits;
  /** Undefined when the hub runs unrestricted. */
  readonly identify: ((headers: FastifyRequest["headers"]) => Promise<Caller>) | undefined;
  readonly newRequestId: () => string;
  readonly live: LiveBounds;
  readonly log: Log;
}

/** Bounds of connections that stay open. */
export interface LiveBounds {
  readonly keepaliveMs: number;
  readonly sendTimeoutMs: number;
  readonly socketsMax: number;
  readonly socketOperationsMax: number;
  readonly socketInitTimeoutMs: number;
  /** Origins of pages that may open a WebSocket besides the hub's own. */
  readonly origins: readonly string[];
}

/** Answers requests by event streams. */
export interface EventStreams {
  /** Whether a request is for an event stream: one that accepts JSON too gets a stream for a subscription only. */
  isAsked(request: FastifyRequest): boolean;
  answer(request: FastifyRequest, reply: FastifyReply): Promise<void>;
}

/**
 * Adds event streams to a server: each operation on a connection of its own.
 *
 * @see https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md#distinct-connections-mode
 */
export function createEventStreams(server: FastifyInstance, options: LiveOptions): EventStreams {
  const open = new Set<OpenStream>();
  server.addHook("preClose", async () => {
    await Promise.all([...open].map((stream) => stream.end()));
  });
  return {
    isAsked(request): boolean {
      const accept = request.headers.accept ?? "";
      if (!/\btext\/event-stream\b/i.test(accept)) return false;
      if (!/\bapplication\/(?:json|graphql-response\+json|\*)|\*\/\*/i.test(accept)) return true;
      return isSubscription(request, options);
    },
    async answer(request, reply): Promise<void> {
      let caller: Caller | undefined;
      try {
        caller = await options.identify?.(request.headers);
      } catch (error) {
        const answer = refusalAnswer(error, request.id, options.log);
        await reply.code(answer.status).header("content-type", "application/json; charset=utf-8").send(textOfAnswer(answer));
        return;
      }
      reply.hijack();
      const stream = openStream(reply.raw, options.live, String(reply.getHeader("hub-request-id") ?? request.id));
      open.add(stream);
      try {
        const answer = await answerOver(options, { request, stream, caller });
        if (answer !== undefined) await stream.next(answer);
      } finally {
        await stream.end();
        open.delete(stream);
      }
    },
  };
}

/** What can't be read is no subscription; the JSON answer says what is wrong with it. */
function isSubscription(request: FastifyRequest, { limits, documents }: LiveOptions): boolean {
  try {
    return readOperation(paramsOfRequest(request, limits), documents).kind === "subscription";
  } catch {
    return false;
  }
}

interface Asked {
  readonly request: FastifyRequest;
  readonly stream: OpenStream;
  readonly caller: Caller | undefined;
}

async function answerOver(options: LiveOptions, { request, stream, caller }: Asked): Promise<Answer | undefined> {
  const requestId = request.id;
  const { identify } = options;
  let operation: ReadOperation;
  try {
    operation = readOperation(paramsOfRequest(request, options.limits), options.documents);
    // A subscription changes nothing, so a GET may ask for one.
    if (operation.kind === "mutation" && request.method === "GET") throw new HubError("METHOD_NOT_ALLOWED", "Send mutations by POST.");
  } catch (error) {
    return refusalAnswer(error, requestId, options.log);
  }
  if (operation.kind !== "subscription")
    return options.pipeline.answer({ ...operation, requestId, caller, hangup: hangupOf(stream.signal) });
  return options.subscriptions.run({
    ...operation,
    requestId,
    identify: identify === undefined ? undefined : () => identify(request.headers),
    signal: stream.signal,
    deliver: (answer) => stream.next(answer),
  });
}

/** An answer that holds nothing but why there is none. What is nobody's refusal but a fault of the hub is logged. */
export function refusalAnswer(error: unknown, requestId: string, log: Log): Answer {
  if (!(error instanceof HubError)) log.error({ requestId, error: describeError(error) }, "http.failed");
  const { status, ...refusal } = refusalError(error, requestId);
  return { status, data: undefined, errors: [refusal], hub: {}, ageSeconds: undefined, cacheStatus: undefined, epoch: undefined };
}

function describeError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : "unknown";
}

interface OpenStream {
  /** Aborted when the stream is over, whoever ended it. */
  readonly signal: AbortSignal;
  /** Resolves when the connection has taken the event, or is gone. */
  next(answer: Answer): Promise<void>;
  /** Tells the caller that nothing more comes. May be called again. */
  end(): Promise<void>;
}

function openStream(response: ServerResponse, { keepaliveMs, sendTimeoutMs }: LiveBounds, requestId: string): OpenStream {
  const ended = new AbortController();
  const gone = Promise.withResolvers<void>();
  const keepalive = setInterval(() => {
    // A caller that doesn't read gets no more signs of life than fit the connection.
    if (!response.writableNeedDrain) response.write(":\n\n");
  }, keepaliveMs);
  response.once("close", () => {
    clearInterval(keepalive);
    ended.abort();
    gone.resolve();
  });
  response.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "private, no-store",
    "x-accel-buffering": "no",
    "x-content-type-options": "nosniff",
    "hub-request-id": requestId,
  });
  response.flushHeaders();
  let ending: Promise<void> | undefined;
  return {
    signal: ended.signal,
    async next(answer): Promise<void> {
      if (ending !== undefined || response.destroyed) return;
      const taken = new Promise<void>((resolve) => response.write(`event: next\ndata: ${textOfAnswer(answer)}\n\n`, () => resolve()));
      await Promise.race([taken, gone.promise, delay(sendTimeoutMs)]);
    },
    end(): Promise<void> {
      ending ??= finish();
      return ending;
    },
  };

  async function finish(): Promise<void> {
    clearInterval(keepalive);
    ended.abort();
    if (response.destroyed) return;
    response.end("event: complete\ndata:\n\n");
    await Promise.race([gone.promise, delay(closeTimeoutMs)]);
    // What a caller has not taken by then, it won't.
    response.destroy();
  }
}

/** How long a caller may take to see the end of its stream, in milliseconds. */
const closeTimeoutMs = 1_000;

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
