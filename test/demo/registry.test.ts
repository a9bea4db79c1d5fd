import type { FastifyInstance } from "fastify";
import { beforeAll, describe, expect, test } from "vitest";
import { createBook, type RegisteredProperty } from "../../demo/registry/book.ts";
import { createRegistry } from "../../demo/registry/server.ts";
import { companyRefOf } from "../../subgraphs/kit/keys.ts";
import { companiesOf } from "../../subgraphs/kit/population/companies.ts";
import { registeredPropertiesOf } from "../../subgraphs/kit/population/holdings.ts";
import { refsOf } from "../../subgraphs/kit/population/households.ts";
import { faultsOf, readDescription } from "./openapi.ts";
import { holdPort, programTestMs, runProgram, startProgram } from "./program.ts";

const descriptionFile = new URL("../../demo/registry/openapi.yaml", import.meta.url);
const flat: RegisteredProperty = {
  prn: "10000001",
  address: "Flat A, 1/F, 1 Test Street, Sha Tin",
  district: "R",
  use: "DOMESTIC",
  owners: [
    { ref: "p1", share: "1/2" },
    { ref: "p2", share: "1/2" },
  ],
  considerationCents: "950000000000",
};
const carSpace: RegisteredProperty = {
  ...flat,
  prn: "10000000",
  use: "PARKING",
  owners: [{ ref: "p1", share: "1/1" }],
  considerationCents: null,
};

let registry: FastifyInstance;
let description: Awaited<ReturnType<typeof readDescription>>;

beforeAll(async () => {
  registry = createRegistry(createBook([flat, carSpace]));
  description = await readDescription(descriptionFile);
});

interface Sent {
  readonly method: "get" | "post";
  readonly url: string;
  /** The path as the description writes it; the address when not given. */
  readonly path?: string;
  readonly payload?: object | string;
}

/** Sends a request and holds the reply against the description. */
async function send({ method, url, path = url, payload }: Sent) {
  const headers = { "content-type": "application/json" };
  const reply = await registry.inject({ method, url, ...(payload === undefined ? {} : { payload, headers }) });
  const observed = { path, method, status: reply.statusCode, contentType: String(reply.headers["content-type"]), body: reply.json() };
  return { ...observed, faults: faultsOf(description, observed) };
}

describe("wrong requests", () => {
  test.each([
    ["/v1/properties/search", {}],
    ["/v1/properties/search", { prns: [] }],
    ["/v1/properties/search", { prns: ["1"] }],
    ["/v1/properties/search", { prns: [10_000_001] }],
    ["/v1/properties/search", { prns: Array.from({ length: 1001 }, () => "10000001") }],
    ["/v1/properties/search", { prns: ["10000001"], also: true }],
    ["/v1/owners/search", { refs: [""] }],
    ["/v1/owners/search", { refs: "p1" }],
    ["/v1/owners/search", { refs: ["x".repeat(65)] }],
    ["/v1/owners/domestic", { refs: [null] }],
    ["/v1/owners/domestic", { refs: Array.from({ length: 1001 }, (_, index) => `p${index}`) }],
  ])("%s refuses %j with a described problem", async (url, payload) => {
    const reply = await send({ method: "post", url, payload });
    expect([reply.status, reply.faults]).toEqual([400, []]);
    expect(reply.body.detail).not.toBe("");
  });

  test("half JSON is a described problem, an address that is none and another media type are problems too", async () => {
    expect(await send({ method: "post", url: "/v1/owners/search", payload: '{"refs": [' })).toMatchObject({ status: 400, faults: [] });
    const nothing = await registry.inject({ url: "/v2/everything" });
    const form = await registry.inject({
      method: "POST",
      url: "/v1/owners/search",
      payload: "a=b",
      headers: { "content-type": "text/csv" },
    });
    expect([nothing.statusCode, form.statusCode]).toEqual([404, 415]);
    for (const reply of [nothing, form]) expect(reply.headers["content-type"]).toContain("application/problem+json");
  });

  test("a body that is too large is a problem", async () => {
    const reply = await registry.inject({ method: "POST", url: "/v1/owners/search", payload: { refs: ["x".repeat(300_000)] } });
    expect([reply.statusCode, reply.json()]).toEqual([
      413,
      { title: "Content Too Large", status: 413, detail: "Request body is too large" },
    ]);
  });
});

describe("properties", () => {
  const path = "/v1/properties/{prn}";

  test.each([
    ["99999999", 404],
    ["1", 400],
    ["..%2Fhealth", 400],
  ])("the number %s is a described problem with status %i", async (prn, status) => {
    expect(await send({ method: "get", url: `/v1/properties/${prn}`, path })).toMatchObject({ status, faults: [], body: { status } });
  });

  test("one is found by its number, as described", async () => {
    expect(await send({ method: "get", url: "/v1/properties/10000001", path })).toMatchObject({ status: 200, faults: [], body: flat });
  });

  test("those found are answered once each in the order asked for", async () => {
    const reply = await send({
      method: "post",
      url: "/v1/properties/search",
      payload: { prns: ["10000001", "99999999", "10000000", "10000001"] },
    });
    expect([reply.status, reply.faults, reply.body]).toEqual([200, [], { properties: [flat, carSpace] }]);
  });
});

describe("owners", () => {
  test("each one asked for has an entry with the properties by number, as described", async () => {
    const reply = await send({ method: "post", url: "/v1/owners/search", payload: { refs: ["p9", "p1", "__proto__", "p9"] } });
    expect([reply.status, reply.faults]).toEqual([200, []]);
    expect(reply.body.owners).toEqual([
      { ref: "p9", properties: [] },
      { ref: "p1", properties: [carSpace, flat] },
      { ref: "__proto__", properties: [] },
    ]);
  });

  test("the question for domestic property is answered without any property", async () => {
    const reply = await send({ method: "post", url: "/v1/owners/domestic", payload: { refs: ["p2", "p9"] } });
    expect([reply.status, reply.faults]).toEqual([200, []]);
    expect(reply.body).toEqual({
      owners: [
        { ref: "p2", ownsDomestic: true },
        { ref: "p9", ownsDomestic: false },
      ],
    });
  });
});

describe("the program", { timeout: programTestMs }, () => {
  const program = "demo/registry/main.ts";
  const population = { POPULATION: "300", SEED: "7" };

  test.each([
    [{ POPULATION: "many" }, /^POPULATION: .+\n$/],
    [{ POPULATION: "5" }, /^POPULATION: .+\n$/],
    [{ SEED: "-1" }, /^SEED: .+\n$/],
  ])("the settings %j end the program with one clear line", async (env, line) => {
    const { code, output } = await runProgram(program, ["--port", "0"], env);
    expect(code).toBe(1);
    expect(output).toMatch(line);
  });

  test("a port in use ends the program with one clear line", async () => {
    const held = await holdPort();
    const { code, output } = await runProgram(program, ["--port", String(held.port)], population);
    await held.release();
    expect(code).toBe(1);
    expect(output).toBe(
      `Port ${held.port} on 127.0.0.1 is in use: stop the program that holds it, or give Land Registry another with --port.\n`,
    );
  });

  test("the whole book of its seed and size is served as described, and SIGTERM ends it cleanly", async () => {
    const started = await startProgram(program, ["--port", "0"], population);
    const book = { seed: 7, count: 300 };
    const refs = [...refsOf(book), ...[...companiesOf(book)].map(({ ubi }) => companyRefOf(ubi))];
    const reply = await fetch(`${started.url}/v1/owners/search`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ refs }),
    });
    const body = (await reply.json()) as { owners: { ref: string; properties: RegisteredProperty[] }[] };
    const observed = {
      path: "/v1/owners/search",
      method: "post",
      status: reply.status,
      contentType: reply.headers.get("content-type") ?? "",
      body,
    } as const;
    expect(faultsOf(description, observed)).toEqual([]);
    expect(body.owners.map(({ ref }) => ref)).toEqual(refs);
    const numbers = new Set(body.owners.flatMap(({ properties }) => properties.map(({ prn }) => prn)));
    const expected = [...registeredPropertiesOf(book)].map(({ prn }) => prn);
    expect(expected.length).toBeGreaterThan(20);
    expect([...numbers].toSorted()).toEqual(expected.toSorted());
    expect(await (await fetch(`${started.url}/openapi.yaml`)).text()).toContain("openapi: 3.1.0");
    expect((await started.stop()).code).toBe(0);
  });
});

describe("the check against the description", () => {
  const search = { path: "/v1/properties/search", method: "post", status: 200, contentType: "application/json" } as const;

  test.each([
    [{ properties: [{ ...flat, hkid: "X" }] }, "$.properties[0].hkid is not described"],
    [{ properties: [{ ...flat, district: "I" }] }, "$.properties[0].district does not match ^[A-HJ-NP-T]$"],
    [
      { properties: [{ ...flat, considerationCents: 1 }] },
      "$.properties[0].considerationCents fits not exactly one of: $.properties[0].considerationCents is not string | $.properties[0].considerationCents is not null",
    ],
    [{}, "$.properties is missing"],
    [{ properties: {} }, "$.properties is not array"],
  ])("sees the fault in %j", (body, fault) => {
    expect(faultsOf(description, { ...search, body })).toEqual([fault]);
  });

  test("sees a status and a media type that are not described", () => {
    expect(faultsOf(description, { ...search, status: 418, body: {} })).toHaveLength(1);
    expect(faultsOf(description, { ...search, contentType: "text/html", body: {} })).toHaveLength(1);
  });
});
