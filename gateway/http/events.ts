import type { ServerResponse } from "node:http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Answer } from "../core/answer.ts";
import type { Caller } from "../core/caller.ts";
import { HubError } from "../core/errors.ts";
import type { Limits } from "../core/limits.ts";
import type { Pipeline } from "../pipeline/answer.ts";
import { refusalError } from "../pipeline/public.ts";
import type { Subscriptions } from "../pipeline/subscribe.ts";
import { type FindText, type ReadOperation, readOperation, textOfAnswer, textOfQuery } from "./operation.ts";

/** What event streams and sockets are served with. */
export interface LiveOptions {
  readonly pipeline: Pipeline;
  readonly subscriptions: Subscriptions;
  readonly limits: Limits;
  /** Undefined when the hub runs unrestricted. */
  readonly identify: ((headers: FastifyRequest["headers"]) => Promise<Caller>) | undefined;
  /** Finds an operation's text by what a request says; the text itself when left out. */
  readonly findText?: FindText;
  readonly newRequestId: () => string;
  readonly live: LiveBounds;
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
      // A guess is enough: whether it is a subscription is told for good when the operation is read.
      const params = request.method === "GET" ? request.query : request.body;
      return typeof params === "object" && params !== null && "query" in params && /\bsubscription\b/.test(String(params.query));
    },
    async answer(request, reply): Promise<void> {
      let caller: Caller | undefined;
      try {
        refuseForgeable(request);
        caller = await options.identify?.(request.headers);
      } catch (error) {
        const answer = refusalAnswer(error, request.id);
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

function paramsOf(request: FastifyRequest): unknown {
  if (request.method !== "GET") return request.body;
  const query = request.query as Readonly<Record<string, unknown>>;
  return { ...query, variables: parseJson(query["variables"]), extensions: parseJson(query["extensions"]) };
}

function parseJson(text: unknown): unknown {
  if (typeof text !== "string" || text === "") return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new HubError("BAD_REQUEST", "`variables` and `extensions` are JSON where they are given.");
  }
}

/**
 * Pages of other sites can make a browser send what a form or an `EventSource` can send; nothing of that kind is answered.
 * @see https://www.apollographql.com/docs/apollo-server/security/cors#preventing-cross-site-request-forgery-csrf
 */
function refuseForgeable({ headers, method }: FastifyRequest): void {
  const isPreflighted = [headers["apollo-require-preflight"], headers["x-apollo-operation-name"]].some(
    (value) => value !== undefined && value !== "",
  );
  const isJson = /^application\/(?:json|graphql\+json|graphql-response\+json)\s*(?:;|$)/i.test(headers["content-type"] ?? "");
  if (isJson || (method === "GET" && isPreflighted)) return;
  if (method === "POST") throw new HubError("BAD_REQUEST", "Send the body as `Content-Type: application/json`.");
  throw new HubError(
    "BAD_REQUEST",
    "Send a GET with the header `Apollo-Require-Preflight: true`, so that no other site's page can send it.",
  );
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
    operation = await readOperation(paramsOf(request), options.limits, options.findText ?? textOfQuery);
    if (operation.kind === "mutation" && request.method === "GET") throw new HubError("BAD_REQUEST", "Send mutations by POST.");
  } catch (error) {
    return refusalAnswer(error, requestId);
  }
  if (operation.kind !== "subscription") return options.pipeline.answer({ ...operation, requestId, caller });
  return options.subscriptions.run({
    ...operation,
    requestId,
    identify: identify === undefined ? undefined : () => identify(request.headers),
    signal: stream.signal,
    deliver: (answer) => stream.next(answer),
  });
}

/** An answer that holds nothing but why there is none. */
export function refusalAnswer(error: unknown, requestId: string): Answer {
  const { status, ...refusal } = refusalError(error, requestId);
  return { status, data: undefined, errors: [refusal], hub: {}, ageSeconds: undefined, cacheStatus: undefined };
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
