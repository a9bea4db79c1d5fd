import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Canned, createCanned } from "./canned.ts";
import { answerDepartment, departmentSchema } from "./graph/schemas.ts";
import { type DepartmentName, departmentNames, firstSdlOf } from "./graph/sdl.ts";

/*
 * The departments of the benchmarks in one process: `/traders`, `/wares` and so on, and under `/first/` the same in the words of Federation 1.
 * A parent that forked it is told the port, and for each message the number of calls so far. It ends when the parent does.
 */

/** A running set of departments. */
export interface Departments {
  readonly port: number;
  readonly calls: () => number;
  close(): Promise<void>;
}

/** The benchmark of the cache asks 10,000 wares in 30 ways, some of them. */
const entriesMax = 200_000;

/** Starts the departments on a free port of the loopback interface. */
export async function startDepartments(): Promise<Departments> {
  const canned = new Map<string, Canned>();
  for (const name of departmentNames) {
    canned.set(`/${name}`, cannedOf(name, 2));
    canned.set(`/first/${name}`, cannedOf(name, 1));
  }
  let calls = 0;
  const server = createServer((request, response) => {
    calls += 1;
    void answer(canned, request, response);
  });
  server.keepAliveTimeout = 600_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { port, calls: () => calls, close: () => closeServer(server) };
}

function cannedOf(name: DepartmentName, version: 1 | 2): Canned {
  const schema = departmentSchema(name, version);
  return createCanned(async (body) => {
    // Federation 1 hands a department's own text on, and gateways of its time can't read what Apollo's library prints instead.
    if (version === 1 && body.includes("_service")) return JSON.stringify({ data: { _service: { sdl: firstSdlOf(name) } } });
    return answerDepartment(schema, body);
  }, entriesMax);
}

/** Apollo's gateway keeps an answer for as long as the headers of its departments allow. */
const headers = { "content-type": "application/json", "cache-control": "public, max-age=3600" };

async function answer(canned: ReadonlyMap<string, Canned>, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const body = await readBody(request);
    const reply = canned.get(request.url ?? "")?.reply(body);
    if (reply === undefined) throw new Error(`There is no department at ${request.url}.`);
    const bytes = reply instanceof Buffer ? reply : await reply;
    response.writeHead(200, { ...headers, "content-length": bytes.length }).end(bytes);
  } catch (error) {
    response.writeHead(500, { "content-type": "text/plain" }).end(error instanceof Error ? error.message : "failed");
  }
}

function readBody(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
    request.on("error", reject);
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

if (import.meta.main) {
  const departments = await startDepartments();
  process.on("message", () => process.send?.({ calls: departments.calls() }));
  process.once("disconnect", () => process.exit(0));
  process.send?.({ port: departments.port });
}
