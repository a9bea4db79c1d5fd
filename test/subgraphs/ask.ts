import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type ExecutionResult, graphql } from "graphql";
import type { HubCall } from "../../schema/contract.ts";
import type { Clearance } from "../../subgraphs/kit/clearance.ts";
import type { Department } from "../../subgraphs/kit/department.ts";
import { buildDepartmentSchema, readTypeDefs } from "../../subgraphs/kit/schema.ts";

/** The data of an answer and its errors in short: where, and why. */
export interface Answer {
  // Tests read what they asked for.
  readonly data: ReturnType<typeof JSON.parse>;
  readonly errors: readonly { readonly path: string; readonly message: string }[];
}

/** Asks a department inside this process, each time with the context of a new request. */
export type Ask = (source: string, variables?: Readonly<Record<string, unknown>>) => Promise<Answer>;

const call: HubCall = { subgraph: "test", bureau: "housing", purpose: "test", entitlementId: "test", bundleHash: "test", casePatterns: [] };

/** May ask everything: these tests are of what departments answer, not of whom. */
const clearance = (): Clearance => ({ coordinates: { has: () => true }, passed: new Set() });

/** Builds the department's schema as the kit serves it. */
export async function createAsk(department: Department): Promise<Ask> {
  const schema = buildDepartmentSchema(department, await readTypeDefs(department.name), () => false);
  return async (source, variableValues = {}) => {
    const contextValue = { ...department.createContext(), call, clearance: clearance() };
    return shorten(await graphql({ schema, source, variableValues, contextValue }));
  };
}

/** A query for entities and its variables. */
export function entitiesOf(
  selection: string,
  representations: readonly object[],
): [string, { readonly representations: readonly object[] }] {
  return [`query ($representations: [_Any!]!) { _entities(representations: $representations) { ${selection} } }`, { representations }];
}

/** An HTTP server on a free port of 127.0.0.1 that counts its requests. */
export interface Upstream {
  readonly url: string;
  /** Method and address of each request, in order. */
  readonly calls: string[];
  close(): Promise<void>;
}

/** Starts an upstream that answers by a function. */
export async function startUpstream(answer: (request: IncomingMessage, reply: ServerResponse) => void): Promise<Upstream> {
  const calls: string[] = [];
  const server = createServer((request, reply) => {
    calls.push(`${request.method} ${request.url}`);
    answer(request, reply);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("A listening server has an address.");
  return {
    url: `http://127.0.0.1:${address.port}`,
    calls,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** Ways in which an upstream goes wrong, and what the error says then. */
export const upstreamFaults: readonly (readonly [name: string, message: string, answer: (reply: ServerResponse) => void])[] = [
  ["is slow", "did not answer in time.", () => undefined],
  ["stops in the middle", "did not answer in time.", (reply) => reply.writeHead(200, json).write('{"owners": [')],
  ["breaks the connection", "can't be reached.", (reply) => reply.destroy()],
  [
    "answers HTML",
    "sent an answer that can't be read.",
    (reply) => reply.writeHead(200, { "content-type": "text/html" }).end("<h1>It works</h1>"),
  ],
  ["answers half JSON", "sent an answer that can't be read.", (reply) => reply.writeHead(200, json).end('{"owners": [{')],
  [
    "answers another type",
    "sent an answer that can't be read.",
    (reply) => reply.writeHead(200, json).end('{"owners": {"ref": 1}, "updateTime": 7}'),
  ],
  ["answers an error", "refused the request.", (reply) => reply.writeHead(500, json).end("{}")],
  ["answers a redirect", "refused the request.", (reply) => reply.writeHead(302, { location: "http://127.0.0.1:1/" }).end()],
];

const json = { "content-type": "application/json" };

function shorten({ data, errors = [] }: ExecutionResult): Answer {
  return {
    data: JSON.parse(JSON.stringify(data ?? null)),
    errors: errors.map(({ path, message }) => ({ path: path?.join(".") ?? "", message })),
  };
}
