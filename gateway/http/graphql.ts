import type { FastifyReply, FastifyRequest } from "fastify";
import type { Answer } from "../core/answer.ts";
import type { Caller } from "../core/caller.ts";
import { type ErrorCode, HubError } from "../core/errors.ts";
import { createHangup, type Hangup } from "../core/hangup.ts";
import type { Limits } from "../core/limits.ts";
import type { Log } from "../core/ports.ts";
import type { Pipeline } from "../pipeline/answer.ts";
import type { Documents } from "./documents.ts";
import { refusalAnswer } from "./events.ts";
import { paramsOfRequest } from "./intake.ts";
import { EPOCH_HEADER, seenMarkOf } from "./invalidate.ts";
import { chooseMedia, type Media } from "./media.ts";
import { bytesOfAnswer, readOperation } from "./operation.ts";

/** What the GraphQL endpoint is made of. */
export interface GraphqlOptions {
  readonly pipeline: Pipeline;
  readonly documents: Documents;
  readonly limits: Limits;
  /** Undefined when the hub runs unrestricted. */
  readonly identify: ((headers: FastifyRequest["headers"]) => Promise<Caller>) | undefined;
  readonly log: Log;
}

/** Answers one request. */
export type GraphqlHandler = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

/** How a refusal is sent before it is known what the caller accepts. */
const firstMedia: Media = { contentType: "application/json; charset=utf-8", isLegacy: false };

/**
 * What a reader of plain JSON gets with status 200: the request was well-formed, and its operation is at fault.
 *
 * @see https://graphql.github.io/graphql-over-http/draft/#sec-application-json
 */
const OPERATION_FAULTS: ReadonlySet<string> = new Set<ErrorCode>([
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "OPERATION_RESOLUTION_FAILURE",
  "BAD_USER_INPUT",
  "PERSISTED_QUERY_NOT_FOUND",
]);

/**
 * Creates the handler of GraphQL over HTTP, by GET and POST. What it is sent must have been read as JSON and be no forgery; everything else is
 * checked here, from the outside in: media type, parameters, caller, document, operation.
 */
export function createGraphqlHandler(options: GraphqlOptions): GraphqlHandler {
  return async (request, reply) => {
    let media = firstMedia;
    let answer: Answer;
    try {
      media = chooseMedia(request.headers.accept);
      answer = await answerRequest(options, request, reply);
    } catch (error) {
      answer = refusalAnswer(error, request.id, options.log);
    }
    if (answer.status === 405) reply.header("allow", "POST");
    if (answer.cacheStatus !== undefined) reply.header("cache-status", answer.cacheStatus);
    if (answer.epoch !== undefined) reply.header(EPOCH_HEADER, answer.epoch);
    if (answer.ageSeconds !== undefined) reply.header("age", String(answer.ageSeconds));
    await reply.code(statusOf(answer, media)).header("content-type", media.contentType).send(bytesOfAnswer(answer));
  };
}

async function answerRequest(
  { pipeline, documents, limits, identify }: GraphqlOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Answer> {
  const params = paramsOfRequest(request, limits);
  const caller = await identify?.(request.headers);
  const operation = readOperation(params, documents);
  // A GET must be safe: links, prefetching and caches repeat it (RFC 9110, section 9.2.1).
  if (request.method === "GET" && operation.kind !== "query")
    throw new HubError("METHOD_NOT_ALLOWED", `GET runs queries only; send the ${operation.kind} by POST.`);
  const seenMark = seenMarkOf(request.headers[EPOCH_HEADER]);
  return pipeline.answer({ ...operation, requestId: request.id, caller, hangup: hangupOf(reply), seenMark });
}

/** Tells of a connection that closes before its answer has gone out. */
function hangupOf({ raw }: FastifyReply): Hangup {
  const hangup = createHangup();
  raw.once("close", () => {
    if (!raw.writableFinished) hangup.tell();
  });
  return hangup;
}

function statusOf({ status, errors }: Answer, { isLegacy }: Media): number {
  return isLegacy && status >= 400 && OPERATION_FAULTS.has(errors[0]?.extensions.code ?? "") ? 200 : status;
}
