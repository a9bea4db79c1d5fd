import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { composeServices } from "@apollo/composition";
import { parse } from "graphql";
import { afterEach, beforeEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type BareHub, startBareHub } from "./hub.ts";

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])\n`;

interface Department {
  readonly server: Server;
  readonly calls: string[];
  /** Answers what waits, and everything from now on at once. */
  release(): void;
  aborted: number;
}

function createDepartment(answer: string): Department {
  const waiting: (() => void)[] = [];
  let isOpen = false;
  const department: Department = {
    calls: [],
    aborted: 0,
    release(): void {
      isOpen = true;
      for (const go of waiting.splice(0)) go();
    },
    server: createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        department.calls.push(Buffer.concat(chunks).toString());
        const go = (): unknown => response.writeHead(200, { "content-type": "application/json" }).end(answer);
        if (isOpen) go();
        else waiting.push(go);
      });
      response.on("close", () => {
        if (!response.writableFinished) department.aborted += 1;
      });
    }),
  };
  return department;
}

let first: Department;
let second: Department;
let hub: BareHub;

beforeEach(async () => {
  first = createDepartment(`{"data":{"thing":{"__typename":"Thing","id":"1"},"change":{"__typename":"Thing","id":"1"}}}`);
  second = createDepartment(`{"data":{"_entities":[{"__typename":"Thing","size":7}]}}`);
  second.release();
  const urls = await Promise.all(
    [first, second].map(async ({ server }) => {
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
    }),
  );
  const { supergraphSdl = "" } = composeServices([
    {
      name: "first",
      url: urls[0] ?? "",
      typeDefs: parse(`${link} type Query { thing: Thing } type Mutation { change: Thing } type Thing @key(fields: "id") { id: ID! }`),
    },
    { name: "second", url: urls[1] ?? "", typeDefs: parse(`${link} type Thing @key(fields: "id") { id: ID! size: Int }`) },
  ]);
  hub = await startBareHub({ SUPERGRAPH_FILE: "FOLDER/graph.graphql" }, { "graph.graphql": supergraphSdl });
});
afterEach(async () => {
  await hub.close();
  for (const { server } of [first, second]) {
    server.closeAllConnections();
    server.close();
  }
});

/** Sends a request on a connection of its own and gives what ends that connection. */
async function call(query: string, accept = "application/json"): Promise<() => void> {
  const { port } = new URL(hub.url);
  const body = JSON.stringify({ query });
  const socket = connect(Number(port), "127.0.0.1");
  await new Promise<void>((resolve) => socket.once("connect", resolve));
  socket.write(
    `POST /graphql HTTP/1.1\r\nhost: hub\r\ncontent-type: application/json\r\naccept: ${accept}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  return () => socket.destroy();
}

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500 && !isSo(); tries += 1) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(isSo()).toBe(true);
}

test("a caller that hangs up stops its plan: the call under way is aborted and no further one begins", async () => {
  const hangUps = await Promise.all([1, 2, 3].map((size) => call(`{ thing { id size a${size}: id } }`)));
  await until(() => first.calls.length === 3);
  for (const hangUp of hangUps) hangUp();
  await until(() => first.aborted === 3);
  first.release();
  expect((await hub.post({ query: "{ thing { id } }" })).data).toEqual({ thing: { id: "1" } });
  expect(second.calls).toEqual([]);
});

test("a caller of an event stream that hangs up stops its plan", async () => {
  const hangUp = await call("{ thing { id size } }", "text/event-stream");
  await until(() => first.calls.length === 1);
  hangUp();
  await until(() => first.aborted === 1);
  expect(second.calls).toEqual([]);
});

test("an operation that is ended over a WebSocket stops its plan, and so does a socket that closes", async () => {
  const socket = new WebSocket(hub.url.replace("http", "ws"), "graphql-transport-ws");
  await once(socket, "open");
  socket.send(`{"type":"connection_init"}`);
  await once(socket, "message");
  for (const id of ["1", "2"])
    socket.send(JSON.stringify({ id, type: "subscribe", payload: { query: `{ thing { id a${id}: id size } }` } }));
  await until(() => first.calls.length === 2);
  socket.send(`{"id":"1","type":"complete"}`);
  await until(() => first.aborted === 1);
  socket.terminate();
  await until(() => first.aborted === 2);
  expect(second.calls).toEqual([]);
});

test("a call that another request shares goes on", async () => {
  const query = "{ thing { id size } }";
  const hangUp = await call(query);
  await until(() => first.calls.length === 1);
  const other = hub.post({ query });
  const third = hub.post({ query: "{ thing { id size } } # the same call of another operation" });
  // Both have joined when the hub has answered something that was sent after them.
  await hub.post({ query: "{ __typename }" });
  hangUp();
  await new Promise((resolve) => setTimeout(resolve, 50));
  first.release();
  expect((await other).data).toEqual({ thing: { id: "1", size: 7 } });
  expect((await third).data).toEqual({ thing: { id: "1", size: 7 } });
  expect(first.aborted).toBe(0);
  expect(first.calls.length).toBe(1);
});

test("a mutation that has begun is done to its end", async () => {
  const hangUp = await call("mutation { change { id size } }");
  await until(() => first.calls.length === 1);
  hangUp();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(first.aborted).toBe(0);
  first.release();
  await until(() => second.calls.length === 1);
});
