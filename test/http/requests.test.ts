import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startWorld, type World } from "../hub/world.ts";
import { type BareHub, type Reply, startBareHub } from "./hub.ts";

let hub: BareHub;
let world: World;

beforeAll(async () => {
  hub = await startBareHub();
  world = await startWorld({ departments: ["census", "housing"] });
});
afterAll(async () => {
  await hub?.close();
  await world?.close();
});

const query = "{ __typename }";
const json = { "content-type": "application/json" };
const search = `?query=${encodeURIComponent(query)}`;
const refusalOf = ({ status, errors, data }: Reply): unknown => [status, errors.map(({ extensions }) => extensions["code"]), data ?? null];

describe("what a page of another site can make a browser send is refused", () => {
  test.for([
    ["text/plain", JSON.stringify({ query })],
    ["text/plain; application/json", JSON.stringify({ query })],
    ["application/x-www-form-urlencoded", `query=${encodeURIComponent(query)}`],
    ["multipart/form-data; boundary=x", `--x\r\ncontent-disposition: form-data; name="query"\r\n\r\n${query}\r\n--x--`],
    ["application/json; charset=utf-16", JSON.stringify({ query })],
  ] as const)("a POST of %s", async ([contentType, body]) => {
    const reply = await hub.send({ method: "POST", headers: { "content-type": contentType, origin: "https://evil.example" }, body });
    expect(refusalOf(reply)).toEqual([415, ["CONTENT_TYPE_UNSUPPORTED"], null]);
  });

  test.for<readonly [string, Readonly<Record<string, string>>]>([
    ["from a page elsewhere", { origin: "https://evil.example" }],
    ["of an image or a form", { referer: "https://evil.example/page" }],
    ["with cookies", { cookie: "a=b" }],
    ["by a browser that says nothing else", { "user-agent": "Mozilla/5.0 (X11; Linux x86_64)" }],
    ["by a page, as its browser tells", { "sec-fetch-site": "cross-site" }],
  ])("a GET %s", async ([, headers]) => {
    expect(refusalOf(await hub.send({ headers }, search))).toEqual([400, ["REQUEST_FORGEABLE"], null]);
    const asked = await hub.send({ headers: { ...headers, "apollo-require-preflight": "true" } }, search);
    expect(asked.data).toEqual({ __typename: "Query" });
  });
});

describe("a request is refused", () => {
  test.for<readonly [string, string, number, string, RegExp]>([
    ["as a batch", JSON.stringify([{ query }, { query }]), 400, "BAD_REQUEST", /one operation a request/],
    ["as null", "null", 400, "BAD_REQUEST", /no object/],
    ["that is no JSON", "{", 400, "BAD_REQUEST", /not JSON/],
    ["with __proto__", `{"query":"${query}","variables":{"__proto__":{"a":1}}}`, 400, "BAD_REQUEST", /`__proto__`/],
    ["with __proto__ in escapes", `{"query":"${query}","variables":{"\\u005f_proto__":{"a":1}}}`, 400, "BAD_REQUEST", /`__proto__`/],
    [
      "with a constructor's prototype",
      `{"query":"${query}","variables":{"constructor":{"prototype":{}}}}`,
      400,
      "BAD_REQUEST",
      /`constructor\.prototype`/,
    ],
    ["without a document", "{}", 400, "BAD_REQUEST", /no operation/],
    [
      "with an extension of another version",
      `{"extensions":{"persistedQuery":{"version":2,"sha256Hash":"a"}}}`,
      400,
      "BAD_REQUEST",
      /version/,
    ],
  ])("%s", async ([, body, status, code, message]) => {
    const reply = await hub.post(body);
    expect(refusalOf(reply)).toEqual([status, [code], null]);
    expect(reply.errors[0]?.message).toMatch(message);
  });

  test("by GET when it writes, and told how to send it", async () => {
    const reply = await hub.send({}, `?query=${encodeURIComponent("mutation { __typename }")}`);
    expect(refusalOf(reply)).toEqual([405, ["METHOD_NOT_ALLOWED"], null]);
    expect(reply.headers.get("allow")).toBe("POST");
  });

  test("by GET with a parameter given twice or a prototype among the variables", async () => {
    expect((await hub.send({}, `${search}&query=x`)).errors[0]?.message).toContain("given twice");
    const variables = encodeURIComponent('{"__proto__":{"a":1}}');
    expect((await hub.send({}, `${search}&variables=${variables}`)).errors[0]?.message).toContain("`__proto__`");
  });

  test("when it accepts no type that the hub has, before anything runs", async () => {
    const reply = await hub.send({ method: "POST", headers: { ...json, accept: "text/html" }, body: JSON.stringify({ query }) });
    expect(refusalOf(reply)).toEqual([406, ["NOT_ACCEPTABLE"], null]);
  });
});

describe("limits hold on GET and POST alike", () => {
  const many = (count: number, make: (index: number) => string): string =>
    Array.from({ length: count }, (_, index) => make(index)).join(" ");
  const values = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`v${index}`, 1]));
  test.for<readonly [string, string, Readonly<Record<string, unknown>>, number, number]>([
    ["aliasesMax", `{ district(code: "A") { ${many(61, (index) => `a${index}: code`)} } }`, {}, 61, 60],
    ["rootFieldsMax", `{ ${many(21, (index) => `a${index}: __typename`)} }`, {}, 21, 20],
    ["depthMax", `{ ${"districts { estates { district { ".repeat(8)} code ${" } } }".repeat(8)} }`, {}, 25, 24],
    ["tokensMax", `{ ${"__typename ".repeat(4_000)} }`, {}, 4_001, 4_000],
    ["variablesMax", query, values, 101, 100],
    ["listSizeMax", query, { list: new Array(1_001).fill(1) }, 1_001, 1_000],
    ["costMax", "{ districts { estates { district { estates { district { estates { id } } } } } } }", {}, 159_138, 100_000],
    ["costMax", "query ($n: Int) { carParks(first: $n) { name { en } } }", { n: 60_000 }, 120_000, 100_000],
  ])("%s", async ([limit, text, variables, value, max]) => {
    const replies = [await hub.post({ query: text, variables })];
    const asSearch = `?query=${encodeURIComponent(text)}&variables=${encodeURIComponent(JSON.stringify(variables))}`;
    // A longer address than this never reaches the hub's own code: Node refuses it.
    if (asSearch.length < 15_000) replies.push(await hub.send({}, asSearch));
    for (const reply of replies) {
      expect(refusalOf(reply), reply.text).toEqual([400, ["OPERATION_LIMIT"], null]);
      expect(reply.errors[0]?.extensions).toMatchObject({ limit, value, max, how: expect.stringContaining("higher limit") });
    }
  });
});

describe("a 401 says how to sign in", () => {
  test("without a word of an error where no token came", async () => {
    const { status, headers } = await world.ask({ operation: query, authorization: null });
    expect([status, headers.get("www-authenticate")]).toEqual([401, 'Bearer realm="crossharbour"']);
  });

  test("and calls a token invalid without repeating it", async () => {
    const { status, headers } = await world.ask({ operation: query, authorization: "Bearer abc.def.ghi" });
    expect(status).toBe(401);
    expect(headers.get("www-authenticate")).toMatch(/^Bearer realm="crossharbour", error="invalid_token", error_description="[^"]+"$/);
    expect(headers.get("www-authenticate")).not.toContain("abc");
  });

  test("and the step that found out is timed", async () => {
    const metrics = await (await fetch(`${world.hubUrl}/metrics`)).text();
    expect(metrics).toMatch(/step="identify"/);
  });
});

const sha = (text: string): string => createHash("sha256").update(text).digest("hex");
const persisted = (sha256Hash: string): unknown => ({ persistedQuery: { version: 1, sha256Hash } });

describe("automatic persisted queries", () => {
  test("are not found before they are sent, and refused under another document's hash", async () => {
    const text = "query NeverSent { __typename }";
    expect(refusalOf(await hub.post({ extensions: persisted(sha(text)) }))).toEqual([400, ["PERSISTED_QUERY_NOT_FOUND"], null]);
    const wrong = await hub.post({ query: text, extensions: persisted(sha("{ other }")) });
    expect(refusalOf(wrong)).toEqual([400, ["PERSISTED_QUERY_MISMATCH"], null]);
    expect(refusalOf(await hub.post({ extensions: persisted(sha("{ other }")) }))).toEqual([400, ["PERSISTED_QUERY_NOT_FOUND"], null]);
  });

  test("that don't parse are not kept", async () => {
    const text = "query Broken {";
    expect(refusalOf(await hub.post({ query: text, extensions: persisted(sha(text)) }))).toEqual([400, ["GRAPHQL_PARSE_FAILED"], null]);
    expect(refusalOf(await hub.post({ extensions: persisted(sha(text)) }))).toEqual([400, ["PERSISTED_QUERY_NOT_FOUND"], null]);
  });

  test("run by their hash once they were sent, by POST and by GET", async () => {
    const text = "query Sent { __typename }";
    await hub.post({ query: text, extensions: persisted(sha(text)) });
    const extensions = encodeURIComponent(JSON.stringify(persisted(sha(text))));
    expect((await hub.post({ extensions: persisted(sha(text)) })).data).toEqual({ __typename: "Query" });
    expect((await hub.send({}, `?extensions=${extensions}`)).data).toEqual({ __typename: "Query" });
  });

  test("are judged for the caller who uses them, whoever registered them", async () => {
    const text = '{ prhApplication(number: "HD-PRH-0000123") { number } }';
    const registered = await world.ask({ body: JSON.stringify({ query: text, extensions: persisted(sha(text)) }) });
    expect(registered.data).toEqual({ prhApplication: { number: "HD-PRH-0000123" } });
    const stranger = await world.ask({ client: "stats-analyst", body: JSON.stringify({ extensions: persisted(sha(text)) }) });
    expect([stranger.status, stranger.errors[0]?.extensions.code]).toEqual([403, "OPERATION_EMPTY"]);
  });
});
