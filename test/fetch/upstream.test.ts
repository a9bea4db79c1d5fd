import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { createUpstream, type Upstream, type UpstreamOptions } from "../../gateway/fetch/upstream.ts";

const servers: Server[] = [];
const upstreams: Upstream[] = [];

afterEach(async () => {
  await Promise.all(upstreams.splice(0).map((upstream) => upstream.close()));
  await Promise.all(
    servers.splice(0).map((server) => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    }),
  );
});

async function serve(listener: RequestListener, path?: string): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => (path === undefined ? server.listen(0, "127.0.0.1", resolve) : server.listen(path, resolve)));
  return path === undefined ? `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql` : `unix:${path}:/graphql`;
}

function open(url: string, options: Partial<UpstreamOptions> = {}): Upstream {
  const upstream = createUpstream({
    urls: new Map([["lands", url]]),
    timeoutMs: 300,
    connectTimeoutMs: 300,
    connectionsMax: 4,
    waitingMax: 4,
    responseBytesMax: 1_000,
    retriesMax: 1,
    breakerFailures: 3,
    breakerPauseMs: 60_000,
    isSharing: true,
    nowMs: Date.now,
    meterLoad: () => () => 0,
    random: () => 0,
    ...options,
  });
  upstreams.push(upstream);
  return upstream;
}

function query(body = "{}", headers: Record<string, string> = {}): Parameters<Upstream["call"]>[0] {
  return { subgraph: "lands", body, headers, deadlineAtMs: Date.now() + 5_000, isQuery: true };
}

test("a subgraph that nobody knows, is down or hangs is a failure, not an exception", async () => {
  const url = await serve(() => undefined);
  expect(await open(url).call({ ...query(), subgraph: "nobody" })).toMatchObject({ kind: "failure", code: "SUBGRAPH_UNAVAILABLE" });
  expect(await open("http://127.0.0.1:1/graphql").call(query())).toMatchObject({ kind: "failure", code: "SUBGRAPH_UNAVAILABLE" });
  expect(await open(url).call(query())).toMatchObject({ kind: "failure", code: "SUBGRAPH_TIMEOUT" });
});

test("a reply over the size that is taken is refused without being read", async () => {
  const url = await serve((_request, response) => {
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ data: { text: "x".repeat(5_000) } }));
  });
  expect(await open(url).call(query())).toMatchObject({ kind: "failure", code: "SUBGRAPH_INVALID_REPLY" });
});

test("a query is tried again after 503, a mutation never", async () => {
  let calls = 0;
  const url = await serve((_request, response) => {
    calls += 1;
    if (calls % 2 === 1) response.writeHead(503).end();
    else response.writeHead(200, { "content-type": "application/json" }).end(`{"data":{"ok":true}}`);
  });
  const upstream = open(url);
  expect(await upstream.call(query())).toMatchObject({ kind: "data" });
  expect(calls).toBe(2);
  expect(await upstream.call({ ...query(), isQuery: false })).toMatchObject({ kind: "failure", code: "SUBGRAPH_UNAVAILABLE" });
  expect(calls).toBe(3);
});

test("a subgraph that keeps failing is left alone, then tried again once", async () => {
  let calls = 0;
  let nowMs = 1_000_000;
  const url = await serve((_request, response) => {
    calls += 1;
    response.writeHead(500, { "content-type": "text/html" }).end("<html>");
  });
  const upstream = open(url, { retriesMax: 0, nowMs: () => nowMs });
  const call = () => upstream.call({ ...query(), deadlineAtMs: nowMs + 5_000 });
  for (let index = 0; index < 10; index += 1) await call();
  expect(calls).toBe(3);
  nowMs += 60_001;
  await Promise.all([call(), call(), call()]);
  await call();
  expect(calls).toBe(4);
});

test("a reply that is left unread counts as whoever reads it says, once however many share it", async () => {
  let calls = 0;
  const url = await serve((_request, response) => {
    calls += 1;
    response.writeHead(200, { "content-type": "application/json" }).end("{");
  });
  const upstream = open(url, { retriesMax: 0 });
  const call = async (): Promise<void> => {
    const replies = await Promise.all([upstream.callUnread(query()), upstream.callUnread(query())]);
    for (const reply of replies) {
      if (reply.kind !== "unread") continue;
      expect(reply.bytes.toString()).toBe("{");
      reply.judge(false);
    }
  };
  await call();
  await call();
  expect(await upstream.call(query("{}", { a: "1" }))).toMatchObject({ kind: "failure", code: "SUBGRAPH_INVALID_REPLY" });
  expect(calls).toBe(3);
  expect(await upstream.callUnread(query())).toMatchObject({ kind: "failure", code: "SUBGRAPH_UNAVAILABLE" });
  expect(calls).toBe(3);
});

test("equal queries in flight share one call; other headers, other bodies and mutations don't", async () => {
  let calls = 0;
  const url = await serve((_request, response) => {
    calls += 1;
    setTimeout(() => response.writeHead(200, { "content-type": "application/json" }).end(`{"data":{"n":${calls}}}`), 30);
  });
  const upstream = open(url);
  const replies = await Promise.all([upstream.call(query("{}", { a: "1" })), upstream.call(query("{}", { a: "1" }))]);
  expect(calls).toBe(1);
  expect(replies[0]).toBe(replies[1]);
  await Promise.all([
    upstream.call(query("{}", { a: "1" })),
    upstream.call(query("{}", { a: "2" })),
    upstream.call(query(`{"q":1}`, { a: "1" })),
  ]);
  expect(calls).toBe(4);
  const mutation = { ...query(), isQuery: false };
  await Promise.all([upstream.call(mutation), upstream.call(mutation)]);
  expect(calls).toBe(6);
  await upstream.call(query("{}", { a: "1" }));
  expect(calls).toBe(7);
});

test("more calls than may wait fail at once, and the others are served", async () => {
  const url = await serve((_request, response) => {
    setTimeout(() => response.writeHead(200, { "content-type": "application/json" }).end(`{"data":{}}`), 20);
  });
  const upstream = open(url, { connectionsMax: 1, waitingMax: 1, isSharing: false });
  const replies = await Promise.all([upstream.call(query("1")), upstream.call(query("2")), upstream.call(query("3"))]);
  expect(replies.map((reply) => reply.kind)).toEqual(["data", "data", "failure"]);
});

test("a subgraph may listen on a socket file", async () => {
  const url = await serve(
    (request, response) => {
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ data: { path: request.url } }));
    },
    join(tmpdir(), `crossharbour-${process.pid}.sock`),
  );
  expect(await open(url).call(query())).toMatchObject({ kind: "data", data: { path: "/graphql" } });
});
