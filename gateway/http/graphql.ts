import { ApolloServer, type BaseContext } from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from "@apollo/server/plugin/disabled";
import type { FastifyReply } from "fastify";
import { GraphQLError, type GraphQLSchema } from "graphql";
import type { Answer, PublicError } from "../core/answer.ts";
import type { Caller } from "../core/caller.ts";
import type { HubError } from "../core/errors.ts";
import type { Limits } from "../core/limits.ts";
import type { Log } from "../core/ports.ts";
import type { Pipeline } from "../pipeline/answer.ts";

/** What Apollo Server carries along with a request. */
export interface HubContext extends BaseContext {
  readonly requestId: string;
  readonly caller: Caller | undefined;
  readonly reply: FastifyReply;
}

/** What the GraphQL endpoint is made of. */
export interface GraphqlOptions {
  readonly apiSchema: GraphQLSchema;
  readonly pipeline: Pipeline;
  readonly limits: Limits;
  readonly log: Log;
}

const finishedText = Symbol("finished text");

/** Stands for an answer's data, whose text is already written. */
interface FinishedData extends Record<string, unknown> {
  readonly [finishedText]: string;
}

type ServerOptions = NonNullable<ConstructorParameters<typeof ApolloServer<HubContext>>[0]>;
type Gateway = NonNullable<ServerOptions["gateway"]>;

/**
 * Creates the Apollo Server that speaks GraphQL over HTTP for the pipeline: it parses, prevents CSRF and keeps
 * persisted queries; the hub validates (after its limits), clears, executes and writes the answer's text.
 */
export function createGraphqlServer(options: GraphqlOptions): ApolloServer<HubContext> {
  return new ApolloServer<HubContext>({
    gateway: createGateway(options),
    nodeEnv: "production",
    introspection: true,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    includeStacktraceInErrorResponses: false,
    // Validation is the pipeline's, which checks its limits first: some of graphql-js's rules compare fields pair by pair.
    dangerouslyDisableValidation: true,
    parseOptions: { maxLexicalTokens: options.limits.tokensMax },
    stopOnTerminationSignals: false,
    stringifyResult: writeResult,
    logger: {
      debug: () => undefined,
      info: () => undefined,
      warn: (text) => options.log.warn({ text: String(text) }, "graphql.warning"),
      error: (text) => options.log.error({ text: String(text) }, "graphql.error"),
    },
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
    ],
  });
}

function createGateway({ apiSchema, pipeline }: GraphqlOptions): Gateway {
  return {
    async load() {
      return {
        executor: async (context) => {
          const { requestId, caller, reply } = context.context as HubContext;
          const answer = await pipeline.answer({
            requestId,
            caller,
            document: context.document,
            documentHash: context.queryHash,
            operationName: context.request.operationName ?? undefined,
            variables: context.request.variables ?? {},
          });
          setHeaders(reply, answer);
          return resultOf(answer);
        },
      };
    },
    onSchemaLoadOrUpdate(callback) {
      callback({ apiSchema, coreSupergraphSdl: "" });
      return () => undefined;
    },
    stop: () => Promise.resolve(),
  };
}

function setHeaders(reply: FastifyReply, { cacheStatus, ageSeconds }: Answer): void {
  if (cacheStatus !== undefined) reply.header("cache-status", cacheStatus);
  if (ageSeconds !== undefined) reply.header("age", String(ageSeconds));
}

function resultOf(answer: Answer): { data?: FinishedData; errors?: GraphQLError[]; extensions?: Record<string, unknown> } {
  const { dataText, errors, hub, status } = answer;
  return {
    ...(dataText === undefined ? {} : { data: { [finishedText]: dataText } }),
    ...(errors.length === 0 ? {} : { errors: errors.map((error) => graphqlErrorOf(error, status)) }),
    ...(Object.keys(hub).length === 0 ? {} : { extensions: { hub } }),
  };
}

function graphqlErrorOf({ message, path, extensions }: PublicError, status: number): GraphQLError {
  const http = status === 200 ? {} : { http: { status } };
  return new GraphQLError(message, { ...(path === undefined ? {} : { path }), extensions: { ...extensions, ...http } });
}

/** An identity error as Apollo Server wants it. */
export function identityErrorOf(error: HubError, requestId: string): GraphQLError {
  return new GraphQLError(error.message, { extensions: { ...error.facts, code: error.code, requestId, http: { status: error.status } } });
}

interface Writable {
  readonly data?: unknown;
  readonly errors?: readonly unknown[] | undefined;
  readonly extensions?: unknown;
}

function writeResult(result: Writable): string {
  let text = "{";
  if (result.errors !== undefined) text += `"errors":${JSON.stringify(result.errors)}`;
  if (result.data !== undefined) text += `${text.length > 1 ? "," : ""}"data":${textOf(result.data)}`;
  if (result.extensions !== undefined) text += `${text.length > 1 ? "," : ""}"extensions":${JSON.stringify(result.extensions)}`;
  return `${text}}`;
}

function textOf(data: unknown): string {
  const text = typeof data === "object" && data !== null ? (data as Partial<FinishedData>)[finishedText] : undefined;
  return text ?? JSON.stringify(data);
}
