import { createHash } from "node:crypto";
import { once } from "node:events";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { noonMs, type Office, startOffice } from "./office.ts";

const denied = "{ people { ref mark salary band } }";

const trusted = {
  format: "apollo-persisted-query-manifest",
  version: 1,
  operations: [{ id: "one", name: "Trusted", type: "query", body: `query Trusted ${denied}` }],
};

let office: Office;

beforeAll(async () => {
  office = await startOffice({ TRUSTED_DOCUMENTS_FILE: "FOLDER/trusted.json" }, { "trusted.json": JSON.stringify(trusted) });
});

beforeEach(() => {
  office.reset();
});

afterAll(() => office.close());

interface Result {
  readonly data?: unknown;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly string[];
    readonly extensions: Readonly<Record<string, unknown>>;
  }[];
}

type Bureau = "desk" | "lab";

async function post(
  bureau: Bureau,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Result & { readonly text: string }> {
  const { url } = office;
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...(await office.headersOf(bureau)), ...headers },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(20_000),
  });
  const text = await response.text();
  return { ...(JSON.parse(text) as Result), text };
}

const ask = (bureau: Bureau, query: string, variables: Readonly<Record<string, unknown>> = {}): ReturnType<typeof post> =>
  post(bureau, { query, variables });

const codesOf = ({ errors = [] }: Result): readonly unknown[] => errors.map(({ extensions }) => extensions["code"]);

test("two bureaus that ask the same at the same moment get what is theirs, by calls of their own", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  office.hold = () => promise;
  const query = "{ people { ref name mark salary } }";
  const asked = [ask("lab", query), ask("desk", query), ask("desk", query), ask("lab", query)];
  await expect.poll(() => office.calls.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(2);
  resolve();
  const [lab, desk, sameDesk] = await Promise.all(asked);
  expect(lab?.data).toMatchObject({ people: [{ ref: "1", name: "An", mark: "AB1234", salary: 300 }, {}, {}] });
  expect(desk?.data).toMatchObject({ people: [{ ref: "1", name: "An", mark: "****34", salary: null }, {}, {}] });
  expect(sameDesk?.text).toBe(desk?.text);
  expect(office.calls.filter((call) => !call.includes("salary"))).toHaveLength(1);
});

async function readStream(search: string, init: RequestInit): Promise<Result> {
  const { url } = office;
  const headers = { ...(await office.headersOf("desk")), accept: "text/event-stream", ...(init.headers as Record<string, string>) };
  const response = await fetch(`${url}${search}`, { ...init, headers, signal: AbortSignal.timeout(20_000) });
  return JSON.parse(/^data: (.+)$/m.exec(await response.text())?.[1] ?? "") as Result;
}

async function openSocket(): Promise<WebSocket> {
  const { url } = office;
  const socket = new WebSocket(url.replace("http", "ws"), "graphql-transport-ws");
  await once(socket, "open");
  socket.send(JSON.stringify({ type: "connection_init", payload: await office.headersOf("desk") }));
  await once(socket, "message");
  return socket;
}

async function askSocket(socket: WebSocket, id: string, query: string): Promise<Result> {
  const answered = new Promise<Result>((resolve) => {
    socket.on("message", (message: Buffer) => {
      const {
        id: of,
        type,
        payload,
      } = JSON.parse(message.toString()) as { readonly id: string; readonly type: string; readonly payload: unknown };
      if (of === id && type === "next") resolve(payload as Result);
      if (of === id && type === "error") resolve({ errors: payload as NonNullable<Result["errors"]> });
    });
  });
  socket.send(JSON.stringify({ id, type: "subscribe", payload: { query } }));
  return answered;
}

test.for([[denied], ["{ people(order: SALARY) { ref } }"], ["{ people { salary } }"]] as const)(
  "GET, event streams and WebSockets deny what POST denies: %s",
  async ([query]) => {
    const { text: _, ...expected } = await ask("desk", query);
    const search = `?query=${encodeURIComponent(query)}`;
    const got = await fetch(`${office.url}${search}`, {
      headers: { ...(await office.headersOf("desk")), "apollo-require-preflight": "true" },
    });
    expect(await got.json()).toEqual(expected);
    expect(await readStream(search, {})).toEqual(expected);
    const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ query }) };
    expect(await readStream("", init)).toEqual(expected);
    const socket = await openSocket();
    expect(await askSocket(socket, "1", query)).toEqual(expected);
    socket.close();
  },
);

test("a document that one bureau has registered is judged by who asks", async () => {
  const extensions = { persistedQuery: { version: 1, sha256Hash: createHash("sha256").update(denied).digest("hex") } };
  const registered = await post("lab", { query: denied, extensions });
  expect(registered.data).toMatchObject({ people: [{ salary: 300, band: "high" }, {}, {}] });
  const plain = await ask("desk", denied);
  expect(plain.data).toMatchObject({ people: [{ ref: "1", mark: "****34", salary: null, band: null }, {}, {}] });
  const { text } = await post("desk", { extensions });
  expect(text).toBe(plain.text);
  expect((await post("lab", { documentId: "one" })).data).toEqual(registered.data);
  expect((await post("desk", { documentId: "one" })).text).toBe(plain.text);
});

test.for([
  ["the last instant before it begins", "2026-11-23T23:59:59.999+08:00", "NOT_YET_VALID"],
  ["the midnight at which it begins", "2026-11-24T00:00:00+08:00", undefined],
  ["its last instant", "2026-11-24T23:59:59.999+08:00", undefined],
  ["the midnight at which it ends", "2026-11-25T00:00:00+08:00", "EXPIRED"],
] as const)("an agreement holds by days of Hong Kong: %s", async ([, instant, reason]) => {
  office.nowMs = Date.parse(instant);
  const { data, errors = [] } = await ask("desk", "{ people { ref name } }");
  expect(data).toMatchObject({ people: [{ name: reason === undefined ? "An" : null }, {}, {}] });
  expect(errors.map(({ extensions }) => extensions["reason"])).toEqual(reason === undefined ? [] : [reason]);
});

test("what ends while a connection is open is denied to the next operation on it", async () => {
  office.nowMs = Date.parse("2026-11-24T23:59:59.999+08:00");
  const socket = await openSocket();
  expect((await askSocket(socket, "1", "{ people { ref name } }")).data).toMatchObject({ people: [{ name: "An" }, {}, {}] });
  office.nowMs += 1;
  const { data, errors } = await askSocket(socket, "2", "{ people { ref name } }");
  expect(data).toMatchObject({ people: [{ name: null }, { name: null }, { name: null }] });
  expect(errors?.map(({ extensions }) => extensions["reason"])).toEqual(["EXPIRED"]);
  socket.close();
});

test.for([
  ["a masked field to sort by", "{ people(order: MARK) { ref } }", {}],
  ["a hidden field to sort by", "{ people(order: SALARY) { ref } }", {}],
  ["a sort in a variable", "query($by: PeopleOrder) { people(order: $by) { ref } }", { by: "SALARY" }],
  ["a sort in a default", "query($by: PeopleOrder = SALARY) { people(order: $by) { ref } }", {}],
  ["a filter", "{ people(where: { salary: 100 }) { ref } }", {}],
  ["a filter inside a filter", '{ people(where: { either: [{ name: "An" }, { salary: 100 }] }) { ref } }', {}],
  ["a filter in a variable", "query($in: PeopleWhere) { people(where: $in) { ref } }", { in: { either: [{ either: [{ salary: 1 }] }] } }],
  ["a filter in a part of a variable", "query($in: Int) { people(where: { salary: $in }) { ref } }", { in: 1 }],
  ["a cursor", '{ people(after: "Mg==") { ref } }', {}],
] as const)("nothing runs when an argument would tell of a hidden field: %s", async ([, query, variables]) => {
  const { data, errors } = await ask("desk", query, variables);
  expect(data).toBeUndefined();
  expect(errors?.map(({ extensions }) => extensions)).toMatchObject([
    { code: "UNAUTHORIZED_FIELD_OR_TYPE", denied: [{ reason: "ARGUMENT_NOT_ALLOWED" }] },
  ]);
  expect(office.calls).toEqual([]);
});

test("what a computed field needs isn't fetched for who may not read it, and can't be given by the caller", async () => {
  const { errors } = await ask("desk", "{ people { ref band } }");
  expect(errors?.map(({ path, extensions }) => [path?.join("."), extensions["reason"]])).toEqual([
    ["people.@.band", "DERIVED_FROM_WITHHELD"],
  ]);
  expect(office.calls.join()).not.toMatch(/salary|band|taxes/);
  const forged = `{ _entities(representations: [{ __typename: "Person", ref: "1", salary: 999 }]) { ... on Person { band } } }`;
  expect(codesOf(await ask("lab", forged))).toEqual(["GRAPHQL_VALIDATION_FAILED"]);
  expect(codesOf(await ask("lab", "{ _service { sdl } }"))).toEqual(["GRAPHQL_VALIDATION_FAILED"]);
});

test("errors of a department, and what it sends along unasked, stay inside", async () => {
  office.disturb = () => ({
    data: { people: [{ __typename: "Person", ref: "1", name: null, salary: 31_337, mark: "AB1234", extra: "s3cret" }], other: "s3cret" },
    errors: [
      { message: "No name for the salary 31337 (s3cret)", path: ["people", 0, "name"], extensions: { code: "s3cret", row: "s3cret" } },
    ],
    extensions: { trace: "s3cret" },
  });
  const { text, data, errors } = await ask("desk", "{ people { ref name salary mark } }");
  expect(data).toEqual({ people: [{ ref: "1", name: null, salary: null, mark: "****34" }] });
  expect(errors?.map(({ extensions }) => extensions["code"])).toEqual(["UNAUTHORIZED_FIELD_OR_TYPE", "SUBGRAPH_ERROR"]);
  expect(text).not.toMatch(/s3cret|31337|AB12/);
});

test("there are as many errors for a thousand rows as for none", async () => {
  const none = { ref: "9", name: null, mark: null, salary: null };
  const texts = [];
  for (const people of [[], [none], Array.from({ length: 1_000 }, (_, index) => ({ ...none, ref: String(index) }))]) {
    office.people = people;
    texts.push(JSON.stringify((await ask("desk", denied)).errors));
  }
  expect(new Set(texts).size).toBe(1);
});

test.for([
  ["a field", "{ people { salar } }", {}],
  ["a root field", "{ peopl { ref } }", {}],
  ["a type", "{ parties { ... on Ghos { haunt } } }", {}],
  ["an argument", "{ people(orde: NAME) { ref } }", {}],
  ["an enum's value", "{ people(order: SALAR) { ref } }", {}],
  ["an input field", "{ people(where: { salar: 1 }) { ref } }", {}],
  ["an enum's value in a variable", "query($by: PeopleOrder) { people(order: $by) { ref } }", { by: "SALAR" }],
  ["an input field in a variable", "query($in: PeopleWhere) { people(where: $in) { ref } }", { in: { salar: 1 } }],
] as const)("no error guesses at names: %s", async ([, query, variables]) => {
  const { errors = [], text } = await ask("desk", query, variables);
  expect(errors.length).toBeGreaterThan(0);
  expect(text).not.toMatch(/did you mean/i);
  expect(text).not.toMatch(/salary|people"|Ghost|haunts|\border\b.*\?/i);
});

test("an object of a type that callers don't know is null, and no error says what it is", async () => {
  const { data, text } = await ask("desk", "{ parties { __typename ... on Firm { title } } }");
  expect(data).toEqual({ parties: [{ __typename: "Firm", title: "Ferries" }, null, { __typename: "Person" }] });
  expect(text).not.toContain("Ghost");
  const { data: schema } = await ask(
    "desk",
    `{ a: __type(name: "Ghost") { name } b: __type(name: "Person") { fields { name } } __schema { types { name } } }`,
  );
  expect(schema).toMatchObject({ a: null, b: { fields: [{ name: "ref" }, { name: "name" }, { name: "mark" }] } });
  expect(JSON.stringify(schema)).not.toMatch(/Ghost|salary|SALARY|MARK/);
});

test("a clock that stands before the day's edge when a request comes decides it, also when the reply comes after", async () => {
  office.nowMs = Date.parse("2026-11-25T00:00:00+08:00") - 1;
  office.hold = async () => {
    office.nowMs = noonMs + 86_400_000;
  };
  const { data } = await ask("desk", "{ people { name } }");
  expect(data).toMatchObject({ people: [{ name: "An" }, {}, {}] });
  office.hold = undefined;
  expect((await ask("desk", "{ people { ref name } }")).data).toMatchObject({ people: [{ name: null }, {}, {}] });
});
