import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createKey, NOW_MS } from "../identity/issuer.ts";
import type { Answer, Ask } from "./ask.ts";
import { startWorld, type World } from "./world.ts";

let world: World;

beforeAll(async () => {
  const agreement = await readFile(new URL("../../policies/agreements/housing-transport-prh.yaml", import.meta.url), "utf8");
  world = await startWorld({
    departments: ["census", "housing"],
    policies: { "agreements/housing-transport-prh.yaml": agreement.replace("arguments: [Person.vehicles(licensedOnly:)]", "") },
  });
});
afterAll(() => world?.close());

const operation = '{ prhApplication(number: "HD-PRH-0000123") { number } }';
const openOperation = '{ district(code: "A") { code } }';

/** Nothing of the inside may be told: no stack, no path of the machine, no token, no name of a library's error. */
function expectDiscreet({ text }: Answer): void {
  expect(text).not.toMatch(
    /\bat \S+ \(|node:|node_modules|\.ts\b|\/work|\/tmp|\/home|eyJ|Bearer ey|stack|SyntaxError|TypeError|ECONNREFUSED|FST_ERR/,
  );
}

async function expectRefusal(ask: Ask, status: number, code: string): Promise<Answer> {
  world.clearCounts();
  const answer = await world.ask({ operation, ...ask });
  expect([answer.status, answer.errors.map(({ extensions }) => extensions.code)], answer.text).toEqual([status, [code]]);
  expect(answer.data ?? null).toBeNull();
  expect(world.counts.calls).toEqual([]);
  expect(answer.errors[0]?.message.length).toBeGreaterThan(10);
  expectDiscreet(answer);
  return answer;
}

const seconds = NOW_MS / 1_000;

describe("callers", () => {
  const bearer = async (...args: Parameters<World["token"]>): Promise<Ask> => ({ authorization: `Bearer ${await world.token(...args)}` });
  const cases: readonly (readonly [string, number, string, () => Ask | Promise<Ask>])[] = [
    ["without a token", 401, "UNAUTHENTICATED", () => ({ authorization: null })],
    ["with another scheme", 401, "UNAUTHENTICATED", () => ({ authorization: "Basic aG91c2luZzpzZWNyZXQ=" })],
    ["with a token that is none", 401, "UNAUTHENTICATED", () => ({ authorization: "Bearer abc.def.ghi" })],
    [
      "with an unsigned token",
      401,
      "UNAUTHENTICATED",
      () => ({ authorization: "Bearer eyJhbGciOiJub25lIn0.eyJjbGllbnRfaWQiOiJob3VzaW5nLWFwcCJ9.AA" }),
    ],
    ["with a token for another audience", 401, "UNAUTHENTICATED", () => bearer({ aud: "somewhere-else" })],
    ["with a token of another issuer", 401, "UNAUTHENTICATED", () => bearer({ iss: "https://other.example" })],
    ["with an expired token", 401, "UNAUTHENTICATED", () => bearer({ exp: seconds - 60 })],
    ["with a token without an end", 401, "UNAUTHENTICATED", () => bearer({ exp: undefined })],
    ["with a token that is not valid yet", 401, "UNAUTHENTICATED", () => bearer({ nbf: seconds + 600 })],
    ["with a token of a key that nobody publishes", 401, "UNAUTHENTICATED", async () => bearer({}, await createKey("world", "ES256"))],
    ["of an application that nobody registered", 403, "FORBIDDEN", () => bearer({ client_id: "stranger" })],
    ["without a client", 401, "UNAUTHENTICATED", () => bearer({ client_id: undefined })],
    ["without a purpose", 400, "PURPOSE_REQUIRED", () => ({ purpose: null })],
    ["with a purpose that is not theirs", 403, "PURPOSE_NOT_ALLOWED", () => ({ purpose: "vehicle-licensing" })],
    ["with a purpose that nobody knows", 403, "PURPOSE_NOT_ALLOWED", () => ({ purpose: "curiosity" })],
    ["with a purpose that is no code", 400, "HEADER_INVALID", () => ({ purpose: "prh eligibility!" })],
    ["with a case that is no reference", 400, "HEADER_INVALID", () => ({ caseReference: "a, b" })],
    ["with another reaction to denials", 400, "HEADER_INVALID", () => ({ headers: { "hub-on-denied": "ignore" } })],
  ];

  test.for(cases)("%s are refused with %i %s", async ([, status, code, make]) => {
    await expectRefusal(await make(), status, code);
  });

  test("with a good token are answered", async () => {
    const { status, data } = await world.ask({ operation });
    expect([status, data]).toEqual([200, { prhApplication: { number: "HD-PRH-0000123" } }]);
  });
});

describe("documents", () => {
  const deep = (depth: number): string =>
    `${'{ estate(id: "x") { district '.concat("{ estates { district ".repeat(depth))}{ code }${" } }".repeat(depth)} } }`;
  const aliases = Array.from({ length: 61 }, (_, index) => `a${index}: code`).join(" ");
  const cases: readonly (readonly [string, number, string, Ask])[] = [
    ["that is no GraphQL", 400, "GRAPHQL_PARSE_FAILED", { operation: "{ district(" }],
    ["with an unknown field", 400, "GRAPHQL_VALIDATION_FAILED", { operation: "{ nothing }" }],
    ["with a field of the departments' own", 400, "GRAPHQL_VALIDATION_FAILED", { operation: "{ _service { sdl } }" }],
    ["with the field of entities", 400, "GRAPHQL_VALIDATION_FAILED", { operation: "{ _entities(representations: []) { __typename } }" }],
    ["with a missing argument", 400, "GRAPHQL_VALIDATION_FAILED", { operation: "{ district { code } }" }],
    [
      "with a fragment that uses itself",
      400,
      "GRAPHQL_VALIDATION_FAILED",
      { operation: "{ districts { ...f } } fragment f on District { code ...f }" },
    ],
    ["with an alias __proto__ for an unknown field", 400, "GRAPHQL_VALIDATION_FAILED", { operation: "{ __proto__: nothing }" }],
    ["that is a mutation", 400, "GRAPHQL_VALIDATION_FAILED", { operation: "mutation { change }" }],
    [
      "without the operation that is named",
      400,
      "OPERATION_RESOLUTION_FAILURE",
      { operation: `query A ${openOperation}`, operationName: "B" },
    ],
    [
      "with two operations and no name",
      400,
      "OPERATION_RESOLUTION_FAILURE",
      { operation: `query A ${openOperation} query B ${openOperation}` },
    ],
    ["without a needed variable", 400, "BAD_USER_INPUT", { operation: "query ($c: ID!) { district(code: $c) { code } }" }],
    [
      "with a variable of another type",
      400,
      "BAD_USER_INPUT",
      { operation: "query ($c: ID!) { district(code: $c) { code } }", variables: { c: { a: 1 } } },
    ],
    [
      "with null for what can't be null",
      400,
      "BAD_USER_INPUT",
      { operation: "query ($c: ID!) { district(code: $c) { code } }", variables: { c: null } },
    ],
    ["that is too deep", 400, "OPERATION_LIMIT", { operation: deep(12) }],
    ["with too many aliases", 400, "OPERATION_LIMIT", { operation: `{ district(code: "A") { ${aliases} } }` }],
    [
      "with too many root fields",
      400,
      "OPERATION_LIMIT",
      { operation: `{ ${Array.from({ length: 21 }, (_, index) => `a${index}: districts { code }`).join(" ")} }` },
    ],
    ["with @defer", 400, "OPERATION_NOT_SUPPORTED", { operation: '{ district(code: "A") { ... @defer { code } } }' }],
    [
      "with a list that is too long",
      400,
      "OPERATION_LIMIT",
      { operation: "query ($n: [ID!]!) { prhApplications(numbers: $n) { number } }", variables: { n: new Array(1_001).fill("x") } },
    ],
    ["of which nothing is shared", 403, "OPERATION_EMPTY", { operation: '{ vehicle(mark: "AA1") { mark } }' }],
    [
      "of which something is denied, when all or nothing is asked",
      403,
      "UNAUTHORIZED_FIELD_OR_TYPE",
      { operation: '{ prhApplication(number: "HD-PRH-0000123") { number members { income } } }', headers: { "hub-on-denied": "refuse" } },
    ],
  ];

  test.for(cases)("%s are refused with %i %s", async ([, status, code, ask]) => {
    await expectRefusal(ask, status, code);
  });

  test("with too many tokens are refused before they are read to the end", async () => {
    const answer = await world.ask({ operation: `{ district(code: "A") { ${"code ".repeat(5_000)} } }` });
    expect(answer.status).toBe(400);
    expect(["GRAPHQL_PARSE_FAILED", "OPERATION_LIMIT"]).toContain(answer.errors[0]?.extensions.code);
    expectDiscreet(answer);
  });

  test("whose fragments stand for millions of fields are refused at once", async () => {
    const bomb = Array.from(
      { length: 30 },
      (_, index) => `fragment f${index} on District { ...f${index + 1} x: estates { district { ...f${index + 1} } } }`,
    );
    await expectRefusal(
      { operation: `{ districts { ...f0 } } ${bomb.join(" ")} fragment f30 on District { code }` },
      400,
      "OPERATION_LIMIT",
    );
    const twice = Array.from({ length: 60 }, (_, index) => `fragment f${index} on District { ...f${index + 1} ...f${index + 1} }`);
    const answer = await world.ask({ operation: `{ districts { ...f0 } } ${twice.join(" ")} fragment f60 on District { code }` });
    expect([200, 400]).toContain(answer.status);
  });

  test("with an argument that is not allowed are refused as a whole", async () => {
    const document = (argument: string): string =>
      `{ prhApplication(number: "HD-PRH-0000123") { number members { vehicles${argument} { class } } } }`;
    const { errors } = await expectRefusal({ operation: document("(licensedOnly: true)") }, 403, "UNAUTHORIZED_FIELD_OR_TYPE");
    expect(errors[0]?.extensions["denied"]).toEqual([{ coordinate: "Person.vehicles(licensedOnly:)", reason: "ARGUMENT_NOT_ALLOWED" }]);
    expect((await world.ask({ operation: document("") })).status).toBe(200);
  });

  test("keep names of JavaScript's own harmless", async () => {
    const answer = await world.ask({
      operation:
        'query ($constructor: ID = "A", $toString: ID!) { __proto__: district(code: $toString) { constructor: code toString: name { __proto__: en } } hasOwnProperty: district(code: $constructor) { code } }',
      variables: { constructor: "B", toString: "A" },
    });
    expect(answer.status, answer.text).toBe(200);
    expect(answer.text).toContain(
      '"data":{"__proto__":{"constructor":"A","toString":{"__proto__":"Central and Western"}},"hasOwnProperty":{"code":"B"}}',
    );
  });

  test("with a prototype among the variables are refused", async () => {
    const query = "query ($c: ID!) { district(code: $c) { code } }";
    await expectRefusal({ body: `{"query":"${query}","variables":{"c":"A","__proto__":{"isAdmin":true}}}` }, 400, "BAD_REQUEST");
    await expectRefusal(
      { body: `{"query":"${query}","variables":{"c":"A","constructor":{"prototype":{"isAdmin":true}}}}` },
      400,
      "BAD_REQUEST",
    );
    expect(({} as Record<string, unknown>)["isAdmin"]).toBeUndefined();
  });

  test("with values inside each other without end are refused", async () => {
    const body = `{"query":"query ($c: ID!) { district(code: $c) { code } }","variables":{"c":${"[".repeat(60_000)}${"]".repeat(60_000)}}}`;
    await expectRefusal({ body }, 400, "OPERATION_LIMIT");
  });
});

describe("bodies", () => {
  const simple = JSON.stringify({ query: openOperation });
  const cases: readonly (readonly [string, number, string, Ask])[] = [
    [
      "that are too large",
      413,
      "BODY_TOO_LARGE",
      { body: JSON.stringify({ query: openOperation, extensions: { x: "x".repeat(300_000) } }) },
    ],
    ["that are no JSON", 400, "BAD_REQUEST", { body: "{ query: " }],
    ["that are half JSON", 400, "BAD_REQUEST", { body: '{"query": "{ districts { code } }"' }],
    ["that are empty", 400, "BAD_REQUEST", { body: "" }],
    ["without a query", 400, "BAD_REQUEST", { body: "{}" }],
    ["that are a list", 400, "BAD_REQUEST", { body: `[${simple},${simple}]` }],
    ["that are null", 400, "BAD_REQUEST", { body: "null" }],
    ["whose query is no text", 400, "BAD_REQUEST", { body: '{"query": 1}' }],
    ["whose variables are text", 400, "BAD_REQUEST", { body: `{"query": ${JSON.stringify(openOperation)}, "variables": "{}"}` }],
    ["of another content type", 415, "CONTENT_TYPE_UNSUPPORTED", { body: "<xml/>", headers: { "content-type": "application/xml" } }],
    [
      "of a form",
      415,
      "CONTENT_TYPE_UNSUPPORTED",
      { body: "query=%7Bdistricts%7Bcode%7D%7D", headers: { "content-type": "application/x-www-form-urlencoded" } },
    ],
    [
      "as a page of another site can send them",
      415,
      "CONTENT_TYPE_UNSUPPORTED",
      { body: simple, headers: { "content-type": "text/plain" } },
    ],
    [
      "left out for a GET that a page of another site can send",
      400,
      "REQUEST_FORGEABLE",
      {
        method: "GET",
        search: `?query=${encodeURIComponent(openOperation)}`,
        authorization: null,
        purpose: null,
        caseReference: null,
        headers: { "sec-fetch-site": "cross-site" },
      },
    ],
  ];

  test.for(cases)("%s are refused with %i %s", async ([, status, code, ask]) => {
    await expectRefusal(ask, status, code);
  });
});
