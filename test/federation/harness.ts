import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { composeServices } from "@apollo/composition";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { type DocumentNode, type ExecutionResult, execute, type GraphQLSchema, parse, validate } from "graphql";
import { clearOperation } from "../../gateway/access/clear.ts";
import type { Problem } from "../../gateway/core/problem.ts";
import { createRunner } from "../../gateway/fetch/run.ts";
import { createTypeKnowledge } from "../../gateway/fetch/types.ts";
import { createUpstream, type Upstream } from "../../gateway/fetch/upstream.ts";
import { createPlanEngine } from "../../gateway/plan/engine.ts";
import { createPlanner } from "../../gateway/plan/plan.ts";
import { createProjector } from "../../gateway/project/project.ts";
import { createSink } from "../../gateway/project/sink.ts";
import { compileStraight } from "../../gateway/project/straight.ts";
import type { Moment } from "../../policies/engine/holds.ts";
import type { Entitlement } from "../../policies/engine/words.ts";
import { readSupergraph } from "../../schema/supergraph.ts";

/** A subgraph of a test: its SDL (without the federation link) and resolvers as Apollo's map. */
export interface TestSubgraph {
  readonly sdl: string;
  readonly resolvers?: Record<string, unknown>;
}

/** What the hub answered, and what it asked for. */
export interface TestAnswer {
  readonly data: unknown;
  readonly problems: readonly Problem[];
  /** Whether the only reply was passed on unread. */
  readonly isPassed: boolean;
  readonly calls: readonly { readonly subgraph: string; readonly query: string; readonly variables: Readonly<Record<string, unknown>> }[];
}

/** A federation of real servers on loopback, with the hub's executor in front. */
export interface TestFederation {
  readonly apiSchema: GraphQLSchema;
  readonly supergraphSdl: string;
  /** @param entitlement What the caller may read; everything if left out. */
  ask(operation: string, variables?: Record<string, unknown>, entitlement?: Entitlement): Promise<TestAnswer>;
  /** Makes a subgraph answer what the function returns instead; undefined ends that. */
  disturb(
    subgraph: string,
    answer: ((body: string) => { status?: number; contentType?: string; text: string | Buffer } | "hang") | undefined,
  ): void;
  close(): Promise<void>;
}

/** What is true of every request of a test. */
export const testMoment: Moment = { today: "2026-11-24", caseReference: "C-1" };

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@requires", "@external", "@provides", "@shareable", "@interfaceObject", "@override", "@inaccessible", "@tag"])\n`;

export async function startFederation(subgraphs: Readonly<Record<string, TestSubgraph>>, timeoutMs = 2_000): Promise<TestFederation> {
  const calls: { subgraph: string; query: string; variables: Record<string, unknown> }[] = [];
  const disturbances = new Map<string, NonNullable<Parameters<TestFederation["disturb"]>[1]>>();
  const servers = await Promise.all(
    Object.entries(subgraphs).map(async ([name, { sdl, resolvers }]) => {
      const schema = buildSubgraphSchema([{ typeDefs: parse(link + sdl), resolvers: (resolvers ?? {}) as never }]);
      const server = createServer((request, response) => {
        void readBody(request).then(async (body) => {
          const disturbed = disturbances.get(name)?.(body);
          if (disturbed === "hang") return;
          if (disturbed !== undefined) {
            response
              .writeHead(disturbed.status ?? 200, { "content-type": disturbed.contentType ?? "application/json" })
              .end(disturbed.text);
            return;
          }
          const { query, variables } = JSON.parse(body) as { query: string; variables?: Record<string, unknown> };
          calls.push({ subgraph: name, query, variables: variables ?? {} });
          const result = await answerSubgraph(schema, query, variables);
          response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(result));
        });
      });
      const url = await listen(server);
      return { name, sdl, url, server };
    }),
  );
  const composed = composeServices(servers.map(({ name, sdl, url }) => ({ name, url, typeDefs: parse(link + sdl) })));
  if (composed.supergraphSdl === undefined) throw new Error(composed.errors?.map((error) => error.message).join("\n"));
  const { supergraphSdl } = composed;
  const hub = createHub(supergraphSdl, timeoutMs);
  return {
    apiSchema: hub.apiSchema,
    supergraphSdl,
    async ask(operation, variables = {}, entitlement): Promise<TestAnswer> {
      calls.length = 0;
      const answer = await hub.ask(parse(operation), variables, entitlement);
      return { ...answer, calls: [...calls] };
    },
    disturb(subgraph, answer): void {
      if (answer === undefined) disturbances.delete(subgraph);
      else disturbances.set(subgraph, answer);
    },
    async close(): Promise<void> {
      await hub.close();
      await Promise.all(servers.map(({ server }) => closeServer(server)));
    },
  };
}

interface TestHub {
  readonly apiSchema: GraphQLSchema;
  ask(document: DocumentNode, variables: Record<string, unknown>, entitlement: Entitlement | undefined): Promise<Omit<TestAnswer, "calls">>;
  close(): Promise<void>;
}

function createHub(supergraphSdl: string, timeoutMs: number): TestHub {
  const { apiSchema, subgraphs } = readSupergraph(supergraphSdl);
  const upstream = openUpstream(new Map([...subgraphs.values()].map(({ name, url }) => [name, url])), timeoutMs);
  const planner = createPlanner({
    engine: createPlanEngine(supergraphSdl),
    apiSchema,
    overrideLabels: [],
    timeoutMs: 5_000,
    concurrencyMax: 2,
    waitingMax: 10,
  });
  const types = createTypeKnowledge(apiSchema);
  return {
    apiSchema,
    async ask(document, variables, entitlement): Promise<Omit<TestAnswer, "calls">> {
      const errors = validate(apiSchema, document);
      if (errors.length > 0) throw new Error(errors.map((error) => error.message).join("\n"));
      const cleared = clearOperation({
        schema: apiSchema,
        document,
        operationName: undefined,
        entitlement,
        onDenied: "withhold",
      });
      const plan = await planner.plan(cleared, { draw: 0, set: setOf(variables) });
      const { isConditioned } = cleared;
      const writing = { schema: apiSchema, cleared, plan, sink: createSink(), pseudonymSecret: undefined };
      const runner = createRunner({
        plan,
        types,
        upstream,
        cache: undefined,
        isConditioned,
        straight: compileStraight(writing),
      });
      const projector = createProjector(writing);
      const nowMs = Date.now();
      const { joined, problems, passed } = await runner.run({
        variables,
        headersFor: async () => ({}),
        deadlineAtMs: nowMs + 5_000,
        nowMs: Date.now,
      });
      if (passed !== undefined) return { data: JSON.parse(passed.data.toString("utf8")), problems: [], isPassed: true };
      const projected = projector.project({ joined, problems, introspection: undefined, moment: testMoment });
      return { data: JSON.parse(projected.data.toString("utf8")), problems: projected.problems, isPassed: false };
    },
    close: () => upstream.close(),
  };
}

/** The variables that are true. */
export function setOf(variables: Readonly<Record<string, unknown>>): ReadonlySet<string> {
  return new Set(Object.keys(variables).filter((name) => variables[name] === true));
}

function openUpstream(urls: ReadonlyMap<string, string>, timeoutMs: number): Upstream {
  return createUpstream({
    urls,
    timeoutMs,
    connectTimeoutMs: 1_000,
    connectionsMax: 16,
    waitingMax: 100,
    responseBytesMax: 1_000_000,
    retriesMax: 0,
    breakerFailures: 1_000,
    breakerPauseMs: 10,
    isSharing: true,
    nowMs: Date.now,
    meterLoad: () => () => 0,
    random: () => 0,
  });
}

async function answerSubgraph(
  schema: GraphQLSchema,
  query: string,
  variables: Record<string, unknown> | undefined,
): Promise<ExecutionResult> {
  const document = parse(query);
  const errors = validate(schema, document);
  if (errors.length > 0) return { errors };
  return await execute({ schema, document, variableValues: variables ?? {}, contextValue: {} });
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
}

async function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
