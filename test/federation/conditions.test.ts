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

async function library(): Promise<TestFederation> {
  return federate({
    a: {
      sdl: `type Query { book: Book media: Media }
        interface Media @key(fields: "id") { id: ID! title: String }
        type Book implements Media @key(fields: "id") { id: ID! title: String isbn: String! }`,
      resolvers: {
        Query: { book: () => ({ id: "b1" }), media: () => ({ id: "b1" }) },
        Media: { __resolveType: () => "Book" },
        Book: {
          __resolveReference: ({ id }: { id: string }) => ({ id }),
          title: () => "Tides",
          isbn: () => {
            throw new Error("lost");
          },
        },
      },
    },
    b: {
      sdl: `type Media @interfaceObject @key(fields: "id") { id: ID! title: String @external score: Int @requires(fields: "title") }`,
      resolvers: {
        Media: {
          __resolveReference: (reference: object) => reference,
          score: ({ title }: { title?: string }) => title?.length ?? -1,
        },
      },
    },
  });
}

test("what a fragment's condition excludes is asked of no subgraph, and its nulls and errors don't show", async () => {
  const federation = await library();
  const text = `query($a: Boolean!, $b: Boolean!) { book { ... on Book @skip(if: $a) { ... on Media { score } isbn score @skip(if: $b) @include(if: true) } } }`;
  const { data, problems, calls } = await federation.ask(text, { a: true, b: false });
  expect({ data, problems }).toEqual({ data: { book: {} }, problems: [] });
  expect(calls.map(({ subgraph, query }) => `${subgraph} ${query}`)).toEqual(["a {book{__typename}}"]);
  const asked = await federation.ask(text, { a: false, b: false });
  expect(asked.data).toEqual({ book: null });
  expect(asked.problems.map(({ path }) => path)).toEqual([["book", "isbn"]]);
});

test("fields of an interface object stand under conditions of their own", async () => {
  const federation = await library();
  const text = `query($a: Boolean!, $b: Boolean!) { media { id ... on Media @include(if: $a) { score } ... on Book @include(if: $b) { title } } }`;
  const answers = [];
  for (const [a, b] of [
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ]) {
    const { data, calls } = await federation.ask(text, { a, b });
    answers.push({ data, subgraphs: calls.map(({ subgraph }) => subgraph) });
  }
  expect(answers).toEqual([
    { data: { media: { id: "b1" } }, subgraphs: ["a"] },
    { data: { media: { id: "b1", score: 5 } }, subgraphs: ["a", "b"] },
    { data: { media: { id: "b1", title: "Tides" } }, subgraphs: ["a"] },
    { data: { media: { id: "b1", score: 5, title: "Tides" } }, subgraphs: ["a", "b"] },
  ]);
  const empty = await federation.ask(`query($a: Boolean!) { media { id ... on Book { ... on Media { title @include(if: $a) } } } }`, {
    a: false,
  });
  expect(empty).toMatchObject({ data: { media: { id: "b1" } }, problems: [], calls: [{ query: "{media{id}}" }] });
});

test("a mutation that stands twice under different conditions is done where it is first included", async () => {
  const done: string[] = [];
  const act = (name: string) => () => done.push(name);
  const federation = await federate({
    a: { sdl: `type Query { x: Int } type Mutation { one: Int two: Int }`, resolvers: { Mutation: { one: act("one"), two: act("two") } } },
  });
  const text = `mutation($a: Boolean!) { one @include(if: $a) two one }`;
  expect((await federation.ask(text, { a: true })).data).toEqual({ one: 1, two: 2 });
  expect(Object.entries((await federation.ask(text, { a: false })).data as object)).toEqual([
    ["two", 3],
    ["one", 4],
  ]);
  expect(done).toEqual(["one", "two", "two", "one"]);
});
