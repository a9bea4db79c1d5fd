import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { type ExecutionResult, execute, parse } from "graphql";
import { createHandler } from "graphql-sse/lib/use/http";
import { useServer as serveSockets } from "graphql-ws/use/ws";
import { WebSocketServer } from "ws";

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])\n`;
export const reviewsSdl = `${link}
  type Query { count: Int }
  type Mutation { touch: Int }
  type Subscription { reviewAdded(min: Int): Review endless: Int }
  type Review @key(fields: "id") { id: ID! text: String secret: String product: Product }
  type Product @key(fields: "id") { id: ID! }`;
export const productsSdl = `${link}
  type Query { top: Product }
  type Product @key(fields: "id") { id: ID! name: String price: Int }`;

/** One event as the reviews subgraph sends it. */
export interface Review {
  readonly id: string;
  readonly text: string | null;
  readonly secret?: string;
}

/** Events that a test pushes, and who listens. */
export interface Bus {
  readonly push: (review: Review) => void;
  /** Ends every listener's stream, as complete. */
  readonly complete: () => void;
  listeners(): number;
  /** Headers or payloads with which subscriptions were opened. */
  readonly opened: unknown[];
  /** Operations that were subscribed to. */
  readonly texts: string[];
}

type Listener = (review: Review | undefined) => void;

/** Starts the subgraph whose events tests push; it speaks both protocols. */
export async function startReviews(): Promise<{ url: string; bus: Bus; reset: () => void; close: () => Promise<void> }> {
  const listeners = new Set<Listener>();
  const opened: unknown[] = [];
  const texts: string[] = [];
  const schema = buildSubgraphSchema([
    {
      typeDefs: parse(reviewsSdl),
      resolvers: {
        Subscription: { reviewAdded: { subscribe: () => listen(listeners) }, endless: { subscribe: () => listen(listeners) } },
        Query: { count: () => 3 },
        Mutation: { touch: () => 7 },
        Review: { product: ({ id }: Review) => ({ id: `p${id}` }) },
      } as never,
    },
  ]);
  const sse = createHandler({
    schema,
    onSubscribe: (request, params) => {
      opened.push(request.raw.headers);
      texts.push(params.query);
    },
  });
  const server = createServer((request, response) => {
    if (request.headers.accept === "text/event-stream") void sse(request, response);
    else void answer(schema, request).then((text) => response.writeHead(200, { "content-type": "application/json" }).end(text));
  });
  const sockets = new WebSocketServer({ server, path: "/graphql" });
  serveSockets(
    {
      schema,
      onConnect: ({ connectionParams }) => void opened.push(connectionParams),
      onSubscribe: (_context, _id, { query }) => void texts.push(query),
    },
    sockets,
  );
  const url = await listenOn(server);
  const push = (review: Review | undefined): void => {
    for (const listener of listeners) listener(review);
  };
  return {
    url,
    bus: { push, complete: () => push(undefined), listeners: () => listeners.size, opened, texts },
    reset() {
      for (const client of sockets.clients) client.terminate();
      server.closeAllConnections();
    },
    async close() {
      for (const client of sockets.clients) client.terminate();
      await closeServer(server);
    },
  };
}

function listen(listeners: Set<Listener>): AsyncGenerator<{ reviewAdded: Review }> {
  const waiting: (Review | undefined)[] = [];
  let wake: (() => void) | undefined;
  const listener: Listener = (review) => {
    waiting.push(review);
    wake?.();
  };
  listeners.add(listener);
  const inner = (async function* () {
    for (;;) {
      if (waiting.length === 0)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      if (waiting.length === 0) return;
      const review = waiting.shift();
      if (review === undefined) return;
      yield { reviewAdded: review };
    }
  })();
  const end = inner.return.bind(inner);
  inner.return = async (value) => {
    listeners.delete(listener);
    waiting.length = 0;
    wake?.();
    return end(value);
  };
  return inner;
}

/** Starts the subgraph that events are joined with. */
export async function startProducts(): Promise<{ url: string; close: () => Promise<void> }> {
  const product = ({ id }: { id: string }): unknown => ({ id, name: `name of ${id}`, price: 5 });
  const schema = buildSubgraphSchema([
    {
      typeDefs: parse(productsSdl),
      resolvers: { Product: { __resolveReference: product }, Query: { top: () => product({ id: "top" }) } } as never,
    },
  ]);
  const server = createServer((request, response) => {
    void answer(schema, request).then((text) => response.writeHead(200, { "content-type": "application/json" }).end(text));
  });
  return { url: await listenOn(server), close: () => closeServer(server) };
}

async function answer(schema: ReturnType<typeof buildSubgraphSchema>, request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { query, variables } = JSON.parse(Buffer.concat(chunks).toString("utf8")) as { query: string; variables?: Record<string, unknown> };
  const result: ExecutionResult = await execute({ schema, document: parse(query), variableValues: variables ?? {} });
  return JSON.stringify(result);
}

async function listenOn(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
}

async function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
