import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Answer } from "../hub/ask.ts";
import { startWorld, type World } from "../hub/world.ts";
import { compose, graphOf, OPEN } from "../schema/composing.ts";

let department: Server;
let folder: string;
let world: World;

beforeAll(async () => {
  department = createServer((request, response) => {
    request.resume().on("end", () => response.setHeader("content-type", "application/json").end(`{"data":{"count":1,"raise":2}}`));
  });
  await new Promise<void>((resolve) => department.listen(0, "127.0.0.1", resolve));
  folder = await mkdtemp(join(tmpdir(), "mutation-"));
  const fields = `type Query { count: Int ${OPEN} } type Mutation { raise: Int ${OPEN} }`;
  await writeFile(join(folder, "graph.graphql"), graphOf(compose({ counter: fields })).sdl);
  await mkdir(join(folder, "policies/agreements"), { recursive: true });
  for (const file of ["applications.yaml", "purposes.yaml"]) await cp(join("policies", file), join(folder, "policies", file));
  world = await startWorld({
    departments: [],
    settings: {
      SUPERGRAPH_FILE: join(folder, "graph.graphql"),
      POLICIES_DIR: join(folder, "policies"),
      SUBGRAPH_URLS: JSON.stringify({ counter: `http://127.0.0.1:${(department.address() as AddressInfo).port}/graphql` }),
    },
  });
});
afterAll(async () => {
  await world?.close();
  department?.close();
  await rm(folder, { recursive: true, force: true });
});

const ask = (operation: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> =>
  world.ask({ operation, client: "stats-analyst", caseReference: null, headers });

test("the answer to a mutation tells of the state of the cache from which on it counts, as a later request takes it", async () => {
  expect((await ask("{ count }")).headers.get("hub-epoch")).toBeNull();
  const { headers, data } = await ask("mutation { raise }");
  expect(data).toEqual({ raise: 2 });
  const epoch = headers.get("hub-epoch") ?? "";
  expect(epoch).toMatch(/^[0-9a-f]{16}\.1$/);
  const after = await ask("{ count }", { "hub-epoch": epoch });
  expect([after.status, after.data]).toEqual([200, { count: 1 }]);
});
