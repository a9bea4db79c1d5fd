import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { Caller } from "../core/caller.ts";
import { type ErrorCode, errorTable, HubError } from "../core/errors.ts";
import type { Clock, Log } from "../core/ports.ts";
import { createEventStreams, type LiveOptions } from "./events.ts";
import { addExplorer, type Explorer } from "./explorer.ts";
import { createGraphqlHandler, type GraphqlOptions } from "./graphql.ts";
import { isJson, refuseForgeable } from "./guard.ts";
import { readJson } from "./intake.ts";
import { addInvalidation, type InvalidationResult } from "./invalidate.ts";
import { addSockets } from "./socket.ts";

/** What `GET /ready` tells. */
export interface Readiness {
  readonly isReady: boolean;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** What the hub's sockets serve. */
export interface HttpOptions extends GraphqlOptions, LiveOptions {
  /** Undefined when the hub runs unrestricted. */
  readonly identify: ((headers: FastifyRequest["headers"]) => Promise<Caller>) | undefined;
  readonly explorer: Explorer | undefined;
  /** Does what a department's signed order says; undefined without a cache. */
  readonly invalidate?: ((token: string) => Promise<InvalidationResult>) | undefined;
  readonly readiness: () => Readiness;
  /** Metrics in Prometheus' text format. */
  readonly renderMetrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
  readonly newRequestId: () => string;
  readonly nowMs: Clock;
}

/** Longest that a client may take to send a request, in milliseconds. */
const requestTimeoutMs = 30_000;

/**
 * Creates the hub's HTTP server, ready to listen: `/graphql`, `/health`, `/ready`, `/metrics` and the explorer.
 */
export async function createHttpServer(options: HttpOptions): Promise<FastifyInstance> {
  const server = fastify({
    logger: false,
    bodyLimit: options.limits.bodyBytesMax,
    requestTimeout: requestTimeoutMs,
    genReqId: options.newRequestId,
    forceCloseConnections: "idle",
    schemaController: { compilersFactory: { buildValidator: refuseSchema, buildSerializer: refuseSchema } },
  });
  server.setErrorHandler((error: FastifyError, request, reply) => answerError(options.log, { error, request, reply }));
  server.setNotFoundHandler((request, reply) => {
    void reply
      .code(404)
      .send(errorBody("BAD_REQUEST", `There is nothing at ${request.method} of this path; GraphQL is at /graphql.`, request.id));
  });
  server.get("/health", async () => ({ status: "ok" }));
  server.get("/ready", async (_request, reply) => {
    const { isReady, facts } = options.readiness();
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? "ready" : "not ready", ...facts });
  });
  server.get("/metrics", async (_request, reply) => {
    const { contentType, text } = await options.renderMetrics();
    return reply.header("content-type", contentType).send(text);
  });
  if (options.explorer !== undefined) addExplorer(server, options.explorer);
  await addGraphql(server, options);
  if (options.invalidate !== undefined) addInvalidation(server, options.invalidate, options.log);
  return server;
}

/** Routes here have no JSON schemas; without these compilers fastify doesn't load the libraries for them, a tenth of the time to start. */
function refuseSchema(): never {
  throw new Error("Routes of the hub have no JSON schemas.");
}

async function addGraphql(server: FastifyInstance, options: HttpOptions): Promise<void> {
  readBodies(server);
  const answer = createGraphqlHandler(options);
  const streams = createEventStreams(server, options);
  addSockets(server, options);
  server.route({
    url: "/graphql",
    method: ["GET", "POST"],
    onRequest: async (request, reply) => {
      // Answers are for their caller alone, whatever they hold.
      reply.header("cache-control", "private, no-store").header("hub-request-id", request.id).header("x-content-type-options", "nosniff");
      refuseForgeable(request.method, request.headers);
    },
    onSend: async (request, reply, payload: unknown) => {
      if (reply.statusCode === 401) reply.header("www-authenticate", challengeOf(request.headers.authorization));
      return payload;
    },
    handler: async (request, reply) => (streams.isAsked(request) ? streams.answer(request, reply) : answer(request, reply)),
  });
}

/** Reads JSON and nothing else: what forms send never gets as far as an operation. */
function readBodies(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser("application/json", { parseAs: "string" }, (request, body, done) => {
    try {
      if (!isJson(request.headers["content-type"])) throw new HubError("CONTENT_TYPE_UNSUPPORTED", contentTypeHelp);
      done(null, readJson(String(body), "The body"));
    } catch (error) {
      done(error instanceof Error ? error : new Error("The body could not be read."), undefined);
    }
  });
}

const contentTypeHelp = "Send the body as `Content-Type: application/json` in UTF-8.";

/**
 * Says what a 401 asks for. Where no token came there is no error of the token's to tell; the answer's own error says the rest.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-3
 */
function challengeOf(authorization: string | undefined): string {
  const challenge = 'Bearer realm="crossharbour"';
  if (authorization === undefined || authorization === "") return challenge;
  return `${challenge}, error="invalid_token", error_description="The access token is not valid, or not any more."`;
}

interface Failure {
  readonly error: FastifyError;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

function answerError(log: Log, { error, request, reply }: Failure): void {
  const [code, message] = describe(error);
  const { status } = errorTable[code];
  if (status >= 500) log.error({ requestId: request.id, error: error.message }, "http.failed");
  void reply
    .code(status)
    .header("content-type", "application/json; charset=utf-8")
    .send(errorBody(code, message, request.id));
}

function describe(error: FastifyError | HubError): [ErrorCode, string] {
  if (error instanceof HubError) return [error.code, error.message];
  switch (error.code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return ["BODY_TOO_LARGE", "The body is larger than the hub takes; send less at once."];
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return ["CONTENT_TYPE_UNSUPPORTED", contentTypeHelp];
    default:
      return error.statusCode !== undefined && error.statusCode < 500
        ? ["BAD_REQUEST", "The request could not be read; send JSON with a `query`."]
        : ["INTERNAL_ERROR", errorTable.INTERNAL_ERROR.help];
  }
}

function errorBody(code: ErrorCode, message: string, requestId: string): string {
  return JSON.stringify({ errors: [{ message, extensions: { code, requestId } }] });
}
