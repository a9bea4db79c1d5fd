import { fastifyApolloHandler } from "@as-integrations/fastify";
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { Caller } from "../core/caller.ts";
import { type ErrorCode, errorTable, HubError } from "../core/errors.ts";
import type { Clock, Log } from "../core/ports.ts";
import { addExplorer, type Explorer } from "./explorer.ts";
import { createGraphqlServer, type GraphqlOptions, type HubContext, identityErrorOf } from "./graphql.ts";

/** What `GET /ready` tells. */
export interface Readiness {
  readonly isReady: boolean;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** What the hub's sockets serve. */
export interface HttpOptions extends GraphqlOptions {
  /** Undefined when the hub runs unrestricted. */
  readonly identify: ((headers: FastifyRequest["headers"]) => Promise<Caller>) | undefined;
  readonly explorer: Explorer | undefined;
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
  return server;
}

/** Routes here have no JSON schemas; without these compilers fastify doesn't load the libraries for them, a tenth of the time to start. */
function refuseSchema(): never {
  throw new Error("Routes of the hub have no JSON schemas.");
}

async function addGraphql(server: FastifyInstance, options: HttpOptions): Promise<void> {
  const apollo = createGraphqlServer(options);
  await apollo.start();
  server.addHook("onClose", () => apollo.stop());
  server.route({
    url: "/graphql",
    method: ["GET", "POST"],
    onRequest: async (request, reply) => {
      // Answers are for their caller alone, whatever they hold.
      reply.header("cache-control", "private, no-store").header("hub-request-id", request.id).header("x-content-type-options", "nosniff");
    },
    handler: fastifyApolloHandler<HubContext>(apollo, { context: (request, reply) => contextOf(options, request, reply) }),
  });
}

async function contextOf({ identify }: HttpOptions, request: FastifyRequest, reply: FastifyReply): Promise<HubContext> {
  const requestId = request.id;
  if (identify === undefined) return { requestId, caller: undefined, reply };
  try {
    return { requestId, caller: await identify(request.headers), reply };
  } catch (error) {
    if (error instanceof HubError) throw identityErrorOf(error, requestId);
    throw error;
  }
}

interface Failure {
  readonly error: FastifyError;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

function answerError(log: Log, { error, request, reply }: Failure): void {
  const [code, message] = describe(error);
  const status = code === "BAD_REQUEST" && error.statusCode === 415 ? 415 : errorTable[code].status;
  if (status >= 500) log.error({ requestId: request.id, error: error.message }, "http.failed");
  void reply
    .code(status)
    .header("content-type", "application/json; charset=utf-8")
    .send(errorBody(code, message, request.id));
}

function describe(error: FastifyError): [ErrorCode, string] {
  switch (error.code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return ["BODY_TOO_LARGE", "The body is larger than the hub takes; send less at once."];
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return ["BAD_REQUEST", "Send the body as `Content-Type: application/json`."];
    case "FST_ERR_CTP_EMPTY_JSON_BODY":
    case "FST_ERR_CTP_INVALID_JSON_BODY":
      return ["BAD_REQUEST", "The body is not JSON; send an object with a `query`."];
    default:
      return error.statusCode !== undefined && error.statusCode < 500
        ? ["BAD_REQUEST", "The request could not be read; send JSON with a `query`."]
        : ["INTERNAL_ERROR", errorTable.INTERNAL_ERROR.help];
  }
}

function errorBody(code: ErrorCode, message: string, requestId: string): string {
  return JSON.stringify({ errors: [{ message, extensions: { code, requestId } }] });
}
