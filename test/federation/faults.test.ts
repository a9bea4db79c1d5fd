import { afterEach, expect, test } from "vitest";
import { startFederation, type TestFederation } from "./harness.ts";

const open: TestFederation[] = [];

async function federate(subgraphs: Parameters<typeof startFederation>[0]): Promise<TestFederation> {
  const federation = await startFederation(subgraphs);
  open.push(federation);
  return federation;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((federation) => federation.close()));
});

async function people(): Promise<TestFederation> {
  return federate({
    a: {
      sdl: `type Query { people: [Person!] strict: [Person!]! one: Person } type Person @key(fields: "id") { id: ID! name: String kind: Kind } enum Kind { OLD NEW }`,
      resolvers: {
        Query: {
          people: () => [
            { id: "1", name: "An", kind: "OLD" },
            { id: "2", name: "Bo", kind: null },
          ],
          strict: () => [{ id: "1" }, { id: "2" }],
          one: () => ({ id: "1" }),
        },
      },
    },
    b: {
      sdl: `type Person @key(fields: "id") { id: ID! age: Int must: Int! friends: [Person] }`,
      resolvers: {
        Person: {
          age: ({ id }: { id: string }) => Number(id) * 10,
          must: ({ id }: { id: string }) => (id === "2" ? null : 1),
          friends: ({ id }: { id: string }) => [{ id: id === "1" ? "2" : "1" }, null],
        },
      },
    },
  });
}

test("a failed subgraph nulls its part and yields one error for the prefix, not one for each row", async () => {
  const federation = await people();
  const disturbances = [
    () => ({ status: 500, text: "<html>down</html>", contentType: "text/html" }),
    () => ({ text: "<html>maintenance</html>", contentType: "text/html" }),
    () => ({ text: `{"data":{"_entities":[{"age":` }),
    () => ({ text: `{"data":{"_entities":[{"age":1}]}}` }),
    () => ({ text: `{"data":{"_entities":"no"}}` }),
    () => ({ text: `[]` }),
    () => ({ text: `null` }),
    () => ({ text: `{"errors":[{"message":"secret value 42"}]}` }),
    () => ({ text: `{"data":null,"errors":[{"message":"x","path":["_entities"]}]}` }),
    () => "hang" as const,
  ];
  for (const disturbance of disturbances) {
    federation.disturb("b", disturbance);
    const { data, problems } = await federation.ask(`{ people { name age } }`);
    expect(data).toEqual({
      people: [
        { name: "An", age: null },
        { name: "Bo", age: null },
      ],
    });
    expect(problems.map(({ path, subgraph }) => ({ path, subgraph }))).toEqual([{ path: ["people", "@"], subgraph: "b" }]);
  }
}, 30_000);

test("values of wrong types, unknown enum values and fields that nobody asked for never leave", async () => {
  const federation = await people();
  federation.disturb("a", () => ({
    text: `{"data":{"people":[{"__typename":"Person","id":"1","name":{"secret":1},"kind":"SECRET","extra":"x","__proto__":{"polluted":true}}],"other":1,"constructor":{"x":1}},"extensions":{"y":1}}`,
  }));
  const { data, problems } = await federation.ask(`{ people { id name kind } }`);
  expect(data).toEqual({ people: [{ id: "1", name: null, kind: null }] });
  expect(problems.map(({ code, path }) => [code, path.join(".")])).toEqual([
    ["VALUE_INVALID", "people.@.name"],
    ["VALUE_INVALID", "people.@.kind"],
  ]);
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
});

test("a key that a reply lacks is null, also where every object inherits something of its name", async () => {
  const federation = await people();
  federation.disturb("a", () => ({ text: `{"data":{"people":[{"id":"1"}]}}` }));
  const { data, problems } = await federation.ask(`{ people { id constructor: name toString: kind } }`);
  expect(JSON.stringify(data)).toBe('{"people":[{"id":"1","constructor":null,"toString":null}]}');
  expect(problems).toEqual([]);
});

test("a null that may not be bubbles to the nearest place that may be null", async () => {
  const federation = await people();
  const { data, problems } = await federation.ask(`{ people { id must } one { must } }`);
  expect(data).toEqual({ people: null, one: { must: 1 } });
  expect(problems.length).toBe(1);
});

test("equal entities are asked for once, and an empty list asks nothing", async () => {
  const federation = await people();
  const { data, calls } = await federation.ask(`{ people { friends { friends { id name age } } } }`);
  expect((data as { people: unknown[] }).people.length).toBe(2);
  expect(calls.at(-1)?.variables["representations"]).toHaveLength(2);
  federation.disturb("a", () => ({ text: `{"data":{"people":[]}}` }));
  const empty = await federation.ask(`{ people { age } }`);
  expect(empty.data).toEqual({ people: [] });
  expect(empty.calls).toEqual([]);
});

test("a failed call yields an error only where objects wait for what it was to bring", async () => {
  const federation = await federate({
    a: {
      sdl: `type Query { one: Person none: Person } type Person @key(fields: "id") { id: ID! name: String }`,
      resolvers: { Query: { one: () => ({ id: "1", name: "An" }), none: () => null } },
    },
    b: { sdl: `type Person @key(fields: "id") { id: ID! age: Int friends: [Person] }` },
  });
  federation.disturb("b", () => ({ status: 500, text: "down" }));
  const { data, problems } = await federation.ask(`{ one { name age } none { name friends { id } } }`);
  expect(data).toEqual({ one: { name: "An", age: null }, none: null });
  expect(problems.map(({ path }) => path)).toEqual([["one"]]);
});

test("a key that a failed call was to bring is taken from a call that brought it under a name of the caller's", async () => {
  const keys = `@key(fields: "id") @key(fields: "code") { id: ID! code: String!`;
  const plot = { __typename: "Plot", id: "1", code: "c1" };
  const federation = await federate({
    taxes: {
      sdl: `type Query { plot: Plot } type Plot ${keys} due: Int }`,
      resolvers: { Query: { plot: () => plot }, Plot: { due: () => 320 } },
    },
    lands: {
      sdl: `interface Site { id: ID! } type Plot implements Site ${keys} around: [Site] }`,
      resolvers: { Plot: { around: () => [plot] } },
    },
    // The planner asks it for the key that leads to what its note requires.
    housing: { sdl: `type Plot ${keys} due: Int @external note: String @requires(fields: "due") }` },
  });
  federation.disturb("housing", () => ({ status: 500, text: "down" }));
  const { data, problems } = await federation.ask(`{ plot { around { ... on Plot { code: id tag: code note due } } } }`);
  expect(data).toEqual({ plot: { around: [{ code: "1", tag: "c1", note: null, due: 320 }] } });
  expect(new Set(problems.map(({ path, subgraph }) => `${subgraph} ${path.join(".")}`))).toEqual(new Set(["housing plot.around.@"]));
});
