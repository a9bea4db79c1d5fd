import type { AddressInfo } from "node:net";
import { ApolloServer, type ApolloServerPlugin, type GraphQLRequestListener } from "@apollo/server";
import { unwrapResolverError } from "@apollo/server/errors";
import { fastifyApolloHandler } from "@as-integrations/fastify";
import { type FastifyInstance, fastify } from "fastify";
import { type DocumentNode, GraphQLError, type GraphQLFormattedError, type GraphQLSchema } from "graphql";
import type { CallVerifier, HubCall } from "../../schema/contract.ts";
import type { AgreementsSource } from "./agreements.ts";
import type { Clearance } from "./clearance.ts";
import type { Department } from "./department.ts";
import { SourceError } from "./errors.ts";
import { createFence } from "./fence.ts";
import { type Admission, createGuard, type Guard } from "./guard.ts";
import { limitDepth } from "./limits.ts";
import type { Log } from "./log.ts";
import { buildDepartmentSchema } from "./schema.ts";

/** The context of every resolver, besides the department's own part. */
export interface CallContext {
  /** On whose behalf the hub calls. */
  readonly call: HubCall;
  /** What the call may ask, by the department's own agreements. */
  readonly clearance: Clearance;
  readonly admission: Admission;
}

/** Options of {@link serveSubgraph}. */
export interface ServeOptions {
  readonly department: Department;
  /** The department's SDL with the hub's definitions, as `readTypeDefs` gives it. */
  readonly typeDefs: DocumentNode;
  /** Checks the `hub-call` header; see `readVerifier`. */
  readonly verifier: CallVerifier;
  /** The department's own agreements; see `openAgreements`. Closed with the subgraph. */
  readonly agreements: AgreementsSource;
  /** The clock, in milliseconds since 1970. */
  readonly nowMs: () => number;
  /** 0 takes a free port. */
  readonly port: number;
  /** 127.0.0.1 when not given. */
  readonly host?: string;
  readonly log: Log;
  readonly limits?: Partial<ServeLimits>;
}

/** Bounds of one request. */
export interface ServeLimits {
  /** Greatest body, in bytes: room for 5,000 representations. */
  readonly bodyBytesMax: number;
  readonly depthMax: number;
  readonly tokensMax: number;
  readonly requestTimeoutMs: number;
  /** Entities that one operation may refer to. */
  readonly referencesMax: number;
}

/** A subgraph that listens. */
export interface RunningSubgraph {
  /** Address of the GraphQL endpoint. */
  readonly url: string;
  readonly port: number;
  /** Lets requests under way finish, then closes the server and the department. May be called again. */
  close(): Promise<void>;
}

const defaultLimits: ServeLimits = {
  bodyBytesMax: 2 * 1024 * 1024,
  depthMax: 16,
  tokensMax: 10_000,
  requestTimeoutMs: 30_000,
  referencesMax: 10_000,
};
const drainMs = 10_000;

/**
 * Serves a department's subgraph: `POST /graphql` for the hub's signed calls, `GET /health` for everybody.
 *
 * Requests without a valid `hub-call` header get 401 before their body is read; operations that ask for more than the department's own
 * agreements grant get 403 (FORBIDDEN) before any resolver runs. Introspection is off. Errors that a resolver throws on
 * purpose (GraphQLError, SourceError) keep their message; of all others the caller learns only that this part could not be answered.
 *
 * @throws {Error} "Port 4103 is in use..." when the port is taken.
 */
export async function serveSubgraph(options: ServeOptions): Promise<RunningSubgraph> {
  const { department, host = "127.0.0.1", port } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const schema = buildOwnSchema(options);
  const apollo = createApollo(schema, options, limits);
  await apollo.start();
  const { agreements, nowMs } = options;
  const guard = createGuard({ schema, agreements, nowMs, referencesMax: limits.referencesMax });
  const app = createApp({ ...options, apollo, guard }, limits);
  try {
    await app.listen({ host, port });
  } catch (cause) {
    await Promise.all([app.close(), apollo.stop()]);
    throw listenError({ host, port }, cause);
  }
  const address = app.server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await closeApp(app);
    await apollo.stop();
    agreements.close();
    await department.close();
  };
  return {
    url: `http://${host}:${address.port}/graphql`,
    port: address.port,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

function buildOwnSchema({ department, typeDefs, agreements }: ServeOptions): GraphQLSchema {
  const { fields } = agreements.current().policy.graph;
  return buildDepartmentSchema(department, typeDefs, (coordinate) => fields.get(coordinate)?.isOpen === true);
}

function createApollo(schema: GraphQLSchema, { log }: ServeOptions, limits: ServeLimits): ApolloServer<CallContext> {
  return new ApolloServer<CallContext>({
    schema,
    plugins: [checkOperations(log)],
    introspection: false,
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: true,
    allowBatchedHttpRequests: false,
    persistedQueries: false,
    stopOnTerminationSignals: false,
    maxRecursiveSelections: true,
    parseOptions: { maxLexicalTokens: limits.tokensMax },
    validationRules: [limitDepth(limits.depthMax)],
    formatError: (formatted, error) => formatFault(formatted, { error, log }),
    logger: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => log.error("graphql-server") },
  });
}

/** Puts every operation to the guard, after it was validated and before any resolver runs. */
function checkOperations(log: Log): ApolloServerPlugin<CallContext> {
  const listener: GraphQLRequestListener<CallContext> = {
    async didResolveOperation({ document, operation, queryHash, request, contextValue }) {
      // A document of several operations of which none is named fails before any resolver runs.
      if (operation === undefined) return;
      const key = request.operationName === undefined ? queryHash : `${queryHash} ${request.operationName}`;
      const refusal = contextValue.admission.check({ key, document, operation, variables: request.variables ?? {} });
      if (refusal === undefined) return;
      const { bureau, purpose } = contextValue.call;
      log.error("operation-refused", { bureau, purpose, coordinate: String(refusal.extensions["coordinate"]) });
      throw refusal;
    },
  };
  return { requestDidStart: async () => listener };
}

interface AppOptions extends ServeOptions {
  readonly apollo: ApolloServer<CallContext>;
  readonly guard: Guard;
}

function createApp(options: AppOptions, limits: ServeLimits): FastifyInstance {
  const { department, verifier, log, apollo, guard } = options;
  const app = fastify({ bodyLimit: limits.bodyBytesMax, requestTimeout: limits.requestTimeoutMs, forceCloseConnections: "idle" });
  const fence = createFence(verifier);
  app.get("/health", { logLevel: "silent" }, () => ({ status: "ok", department: department.name }));
  app.post(
    "/graphql",
    { onRequest: fence.check },
    fastifyApolloHandler(apollo, {
      context: async (request) => {
        const call = fence.callOf(request);
        const admission = await guard.admit(call);
        return { ...department.createContext(), call, admission, clearance: admission.clearance };
      },
    }),
  );
  app.setNotFoundHandler((_request, reply) => sendFault(reply.code(404), "There is POST /graphql and GET /health.", "NOT_FOUND"));
  app.setErrorHandler((error: Error & { readonly statusCode?: number; readonly code?: string }, _request, reply) => {
    const status = error.statusCode ?? 500;
    if (status < 500) return sendFault(reply.code(status), error.message, error.code ?? "BAD_REQUEST");
    log.error("request-failed", { reason: error.name });
    return sendFault(reply.code(500), "The department could not answer.", "INTERNAL_ERROR");
  });
  return app;
}

function sendFault(reply: { send(body: unknown): unknown }, message: string, code: string): unknown {
  return reply.send({ errors: [{ message, extensions: { code } }] });
}

function formatFault(formatted: GraphQLFormattedError, fault: { readonly error: unknown; readonly log: Log }): GraphQLFormattedError {
  const known = unwrapResolverError(fault.error);
  if (known instanceof SourceError) {
    fault.log.error("source-failed", { code: known.code, message: known.message, ...known.facts });
    return { ...formatted, message: known.message, extensions: { code: known.code } };
  }
  if (known instanceof GraphQLError) return formatted;
  fault.log.error("resolver-failed", { reason: known instanceof Error ? known.name : typeof known, stack: stackOf(known) });
  return { ...formatted, message: "The department could not answer this part.", extensions: { code: "INTERNAL_ERROR" } };
}

/** Places without the message, which may hold a value. */
function stackOf(error: unknown): string | undefined {
  return error instanceof Error
    ? error.stack
        ?.split("\n")
        .filter((line) => line.startsWith("    at "))
        .join("\n")
    : undefined;
}

function listenError({ host, port }: { readonly host: string; readonly port: number }, cause: unknown): Error {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "EADDRINUSE")
    return new Error(`Port ${port} on ${host} is in use. End the program that has it, or give another --port.`, { cause });
  if (code === "EACCES") return new Error(`Port ${port} on ${host} can't be opened without more rights. Give another --port.`, { cause });
  return new Error(`The subgraph can't listen on ${host}:${port}.`, { cause });
}

async function closeApp(app: FastifyInstance): Promise<void> {
  const timer = setTimeout(() => app.server.closeAllConnections(), drainMs);
  await app.close();
  clearTimeout(timer);
}
