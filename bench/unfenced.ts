import type { AddressInfo } from "node:net";
import { ApolloServer } from "@apollo/server";
import { buildSubgraphSchema, type GraphQLResolverMap } from "@apollo/subgraph";
import { fastifyApolloHandler } from "@as-integrations/fastify";
import { fastify } from "fastify";
import type { DocumentNode } from "graphql";
import type { CallVerifier } from "../schema/contract.ts";
import type { Department } from "../subgraphs/kit/department.ts";
import { createFence } from "../subgraphs/kit/fence.ts";
import { limitDepth } from "../subgraphs/kit/limits.ts";

/** What stands behind the first fence only. */
export interface UnfencedOptions {
  readonly department: Department;
  readonly typeDefs: DocumentNode;
  readonly verifier: CallVerifier;
}

/**
 * Serves a department as `serveSubgraph` does, but behind the hub's signature alone: no agreements, no check of operations and
 * references, no shield. For comparison only; departments have no way to switch their second fence off.
 *
 * @returns The port.
 */
export async function serveUnfenced({ department, typeDefs, verifier }: UnfencedOptions): Promise<number> {
  const apollo = new ApolloServer<object>({
    schema: buildSubgraphSchema([{ typeDefs, resolvers: department.resolvers as GraphQLResolverMap<unknown> }]),
    introspection: false,
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: true,
    allowBatchedHttpRequests: false,
    persistedQueries: false,
    stopOnTerminationSignals: false,
    maxRecursiveSelections: true,
    parseOptions: { maxLexicalTokens: 10_000 },
    validationRules: [limitDepth(16)],
    logger: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  await apollo.start();
  const app = fastify({ bodyLimit: 2 * 1024 * 1024, requestTimeout: 30_000, forceCloseConnections: "idle" });
  const fence = createFence(verifier);
  app.post(
    "/graphql",
    { onRequest: fence.check },
    fastifyApolloHandler(apollo, { context: async (request) => ({ ...department.createContext(), call: fence.callOf(request) }) }),
  );
  await app.listen({ host: "127.0.0.1", port: 0 });
  return (app.server.address() as AddressInfo).port;
}
