import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { GraphQLError, graphql, parse } from "graphql";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createCallSigner, createCallVerifier, createHubKey } from "../../schema/contract.ts";
import type { Clearance } from "../../subgraphs/kit/clearance.ts";
import type { Department } from "../../subgraphs/kit/department.ts";
import { SourceError } from "../../subgraphs/kit/errors.ts";
import { readVerifier } from "../../subgraphs/kit/fence.ts";
import { createSilentLog, type LogFacts } from "../../subgraphs/kit/log.ts";
import { buildDepartmentSchema } from "../../subgraphs/kit/schema.ts";
import { type RunningSubgraph, type ServeLimits, serveSubgraph } from "../../subgraphs/kit/serve.ts";
import { hubSdl } from "../schema/composing.ts";
import { makeDirectory, removeDirectory } from "../services/process.ts";
import { type OwnFiles, registers, sdlHead, writeOwnFiles } from "./enclosure.ts";

const sdl = `
  type Query @classified(level: OPEN) { me: String slow: String wrong: String bad: String down: String child: Child }
  type Child @key(fields: "id") @classified(level: OPEN) { id: ID child: Child secret: String @classified(level: RESTRICTED) }
`;
const typeDefs = parse(sdlHead + sdl + hubSdl);

let closed = 0;
let calls = 0;
const department: Department = {
  name: "sample",
  resolvers: {
    Query: {
      me: (_root: unknown, _args: unknown, { call }: { readonly call: { readonly bureau: string } }) => call.bureau,
      slow: () => {
        calls += 1;
        return sleep(300, "done");
      },
      wrong: () => {
        throw new GraphQLError("Say a number.", { extensions: { code: "BAD_USER_INPUT" } });
      },
      bad: () => {
        throw new Error("row 17 of table persons has hkid A123456(3)");
      },
      down: () => {
        throw new SourceError("SOURCE_TIMEOUT", "the sample's feed", { facts: { reason: "slow" } });
      },
      child: () => ({ id: "1" }),
    },
    Child: {
      __resolveReference: ({ id }: { readonly id: string }) => ({ id }),
      child: () => ({ id: "2" }),
      secret: () => "told",
    },
  },
  createContext: () => ({ sample: {} }),
  close: () => {
    closed += 1;
    return Promise.resolve();
  },
};

const call = { subgraph: "sample", bureau: "housing", purpose: "test", entitlementId: "e1", bundleHash: "b1", casePatterns: [] };
/** May ask for everything. */
const clearance: Clearance = { coordinates: { has: () => true }, passed: new Set() };
const isOpen = (coordinate: string): boolean => coordinate !== "Child.secret";
const running: RunningSubgraph[] = [];
const logged: [string, LogFacts | undefined][] = [];
let nowMs = Date.parse("2026-11-24T00:00:00Z");
let sign: (subgraph?: string) => Promise<string>;
let files: OwnFiles;
let verifier: Awaited<ReturnType<typeof createCallVerifier>>;
let jwks: Awaited<ReturnType<typeof createHubKey>>["jwks"];

beforeAll(async () => {
  files = await writeOwnFiles({ sample: sdl }, registers);
  const key = await createHubKey();
  jwks = key.jwks;
  const signer = await createCallSigner({ privateJwk: key.privateJwk, lifetimeMs: 120_000, nowMs: () => nowMs });
  sign = (subgraph = "sample") => signer.sign({ ...call, subgraph });
  verifier = await createCallVerifier({ jwks, subgraph: "sample", nowMs: () => nowMs });
});

afterAll(() => files?.remove());
afterEach(async () => {
  await Promise.all(running.splice(0).map((subgraph) => subgraph.close()));
  logged.length = 0;
});

async function start(limits: Partial<ServeLimits> = {}): Promise<RunningSubgraph> {
  const log = { ...createSilentLog(), error: (event: string, facts?: LogFacts) => void logged.push([event, facts]) };
  const agreements = await files.open({ subgraph: "sample" });
  const subgraph = await serveSubgraph({ department, typeDefs, verifier, agreements, nowMs: () => nowMs, port: 0, log, limits });
  running.push(subgraph);
  return subgraph;
}

async function post(
  subgraph: RunningSubgraph,
  body: unknown,
  header?: string,
): Promise<{ status: number; body: ReturnType<typeof JSON.parse> }> {
  const response = await fetch(subgraph.url, {
    method: "POST",
    headers: { "content-type": "application/json", ...(header === undefined ? {} : { "hub-call": header }) },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

describe("the fence of a subgraph", () => {
  test("refuses a request without the hub's header, also when its body is no JSON", async () => {
    const subgraph = await start();
    for (const body of [{ query: "{ me }" }, { query: "{ __schema { types { name } } }" }, "no json"]) {
      const answer = await post(subgraph, body);
      expect(answer.status).toBe(401);
      expect(answer.body).toEqual({
        errors: [
          {
            message: "The request has no `hub-call` header; call the hub instead of the subgraph.",
            extensions: { code: "UNAUTHENTICATED", reason: "MISSING" },
          },
        ],
      });
    }
  });

  test("refuses a header for another subgraph, an expired one, and one that is no token", async () => {
    const subgraph = await start();
    const reasonOf = async (header: string): Promise<string> =>
      (await post(subgraph, { query: "{ me }" }, header)).body.errors[0].extensions.reason;
    expect(await reasonOf(await sign("transport"))).toBe("AUDIENCE");
    expect(await reasonOf("not a token")).toBe("MALFORMED");
    const header = await sign();
    nowMs += 121_000;
    expect(await reasonOf(header)).toBe("EXPIRED");
  });

  test("lets the hub's call in and tells the resolvers on whose behalf it is", async () => {
    const subgraph = await start();
    expect(await post(subgraph, { query: "{ me }" }, await sign())).toEqual({ status: 200, body: { data: { me: "housing" } } });
  });

  test("leaves only the health open, and nothing else is there", async () => {
    const subgraph = await start();
    const get = async (path: string): Promise<[number, unknown]> => {
      const response = await fetch(new URL(path, subgraph.url));
      return [response.status, await response.json()];
    };
    expect(await get("/health")).toEqual([200, { status: "ok", department: "sample" }]);
    expect((await get("/graphql?query={me}"))[0]).toBe(404);
    expect((await get("/"))[0]).toBe(404);
  });
});

describe("the shield of a subgraph", () => {
  test.each([
    ["{ me }", ["me"]],
    ['{ _entities(representations: [{ __typename: "Child", id: "1" }]) { ... on Child { secret } } }', ["_entities"]],
    ["{ _service { sdl } }", ["_service"]],
  ])("refuses %s that comes to the schema in another way than through the fence", async (source, path) => {
    const { data, errors } = await graphql({ schema: buildDepartmentSchema(department, typeDefs, isOpen), source, contextValue: {} });
    expect(errors?.map((error) => [error.message, error.path])).toEqual([["Only a verified call of the hub is answered.", path]]);
    expect(JSON.stringify(data)).not.toContain("told");
  });

  test("passes resolvers' own errors on", async () => {
    const { errors } = await graphql({
      schema: buildDepartmentSchema(department, typeDefs, isOpen),
      source: "{ wrong }",
      contextValue: { call, clearance },
    });
    expect(errors?.[0]?.message).toBe("Say a number.");
  });
});

describe("a subgraph", () => {
  test("tells the reader of errors only what is meant for readers", async () => {
    const { body } = await post(await start(), { query: "{ wrong bad down me }" }, await sign());
    expect(body.data).toEqual({ wrong: null, bad: null, down: null, me: "housing" });
    expect(body.errors.map((error: GraphQLError) => [error.path?.[0], error.message, error.extensions])).toEqual([
      ["wrong", "Say a number.", { code: "BAD_USER_INPUT" }],
      ["bad", "The department could not answer this part.", { code: "INTERNAL_ERROR" }],
      ["down", "The sample's feed did not answer in time.", { code: "SOURCE_TIMEOUT" }],
    ]);
    expect(logged.map(([event]) => event)).toEqual(["resolver-failed", "source-failed"]);
    expect(JSON.stringify(logged)).not.toContain("A123456");
  });

  test.each([
    ["no JSON", "no json", 400],
    ["an array of requests", [{ query: "{ me }" }, { query: "{ me }" }], 400],
    ["no query", {}, 400],
    ["wrong syntax", { query: "{ me" }, 400],
    ["a field that doesn't exist", { query: "{ mee }" }, 400],
    ["introspection", { query: "{ __schema { types { name } } }" }, 400],
    ["a query that is too deep", { query: `{ ${"child { ".repeat(17)} id ${"} ".repeat(17)} }` }, 400],
    [
      "a query that is too deep by fragments",
      { query: `{ child { ...A } } fragment A on Child { ${"child { ".repeat(16)} id ${"} ".repeat(16)} }` },
      400,
    ],
    ["a query of too many tokens", { query: `{ ${"me ".repeat(11_000)} }` }, 400],
    ["a body that is too large", { query: `{ me } # ${"x".repeat(3_000_000)}` }, 413],
  ])("refuses %s with an error", async (_name, body, status) => {
    const subgraph = await start();
    const answer = await post(subgraph, body, await sign());
    expect([answer.status, typeof answer.body.errors[0].message]).toEqual([status, "string"]);
    expect(answer.body.data).toBeUndefined();
    expect(JSON.stringify(answer.body)).not.toMatch(/did you mean|node_modules/i);
    expect((await post(subgraph, { query: "{ me }" }, await sign())).status).toBe(200);
  });

  test("lets a query be as deep as the limit", async () => {
    const answer = await post(await start(), { query: `{ ${"child { ".repeat(15)} id ${"} ".repeat(15)} }` }, await sign());
    expect(answer.body.errors).toBeUndefined();
  });

  test("names a port that is in use and closes what it had opened", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    const agreements = await files.open({ subgraph: "sample" });
    const serving = serveSubgraph({ department, typeDefs, verifier, agreements, nowMs: () => nowMs, port, log: createSilentLog() });
    await expect(serving).rejects.toThrow(`Port ${port} on 127.0.0.1 is in use. End the program that has it, or give another --port.`);
    other.close();
  });

  test("lets a request under way finish before it closes its department", async () => {
    const subgraph = await start();
    const before = closed;
    const answer = post(subgraph, { query: "{ slow }" }, await sign());
    await expect.poll(() => calls, { interval: 5 }).toBeGreaterThan(0);
    const closing = subgraph.close();
    expect(await answer).toEqual({ status: 200, body: { data: { slow: "done" } } });
    expect(closed).toBe(before);
    await closing;
    expect(closed).toBe(before + 1);
  });

  test("closes its department once and stops listening", async () => {
    const subgraph = await start();
    const before = closed;
    await Promise.all([subgraph.close(), subgraph.close()]);
    expect(closed).toBe(before + 1);
    await expect(fetch(subgraph.url)).rejects.toThrow("fetch failed");
  });
});

describe("the hub's key file", () => {
  let directory: string;
  beforeAll(async () => {
    directory = await makeDirectory("keys");
  });
  afterAll(() => removeDirectory(directory));

  test.each([
    ["is missing", undefined, "ENOENT"],
    ["is no JSON", "{", "JSON"],
    ["is no key set", '{"keys": 1}', "It is no key set (JWKS)."],
    ["holds no key", '{"keys": []}', "holds no key"],
    ["holds a key of another kind", '{"keys": [{"kty": "RSA", "kid": "a", "n": "AQAB", "e": "AQAB"}]}', "must be an Ed25519 key"],
  ])("is refused by name when it %s", async (name, text, reason) => {
    const file = join(directory, name.replaceAll(" ", "-"));
    if (text !== undefined) await writeFile(file, text);
    const reading = readVerifier(file, { subgraph: "sample", nowMs: () => nowMs });
    await expect(reading).rejects.toThrow(`HUB_KEYS_FILE ${file} can't be used: `);
    await expect(reading).rejects.toThrow(reason);
  });

  test("verifies the hub's calls", async () => {
    const file = join(directory, "good");
    await writeFile(file, JSON.stringify(jwks));
    const fromFile = await readVerifier(file, { subgraph: "sample", nowMs: () => nowMs });
    expect(await fromFile.verify(await sign())).toEqual(call);
  });
});
