import { afterEach, expect, test } from "vitest";
import { widenUnions } from "../../gateway/plan/members.ts";
import { startFederation, type TestFederation } from "./harness.ts";

const open: TestFederation[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((federation) => federation.close()));
});

const notice = { __typename: "Notice", text: "Works ahead" };
const permit = { __typename: "Permit", number: "P-7" };
const fine = { __typename: "Fine", amount: 320 };

/** Two departments keep papers of one parcel; each knows notices and one kind of paper of its own. */
async function papers(): Promise<TestFederation> {
  const parcel = (kept: readonly unknown[]) => ({
    Query: {},
    Parcel: { __resolveReference: ({ lot }: { lot: string }) => ({ lot }), file: () => ({ papers: kept }), paper: () => kept.at(-1) },
  });
  const shared = `type Parcel @key(fields: "lot") { lot: ID! file: File @shareable paper: Paper @shareable } type File @shareable { papers: [Paper!] } type Notice @shareable { text: String }`;
  const federation = await startFederation({
    lands: {
      sdl: `${shared} union Paper = Notice | Permit type Permit { number: String } type Query { inLands: Parcel }`,
      resolvers: { ...parcel([notice, permit]), Query: { inLands: () => ({ lot: "1" }) } },
    },
    transport: {
      sdl: `${shared} union Paper = Notice | Fine type Fine { amount: Int } type Query { inTransport: Parcel }`,
      resolvers: { ...parcel([notice, fine]), Query: { inTransport: () => ({ lot: "1" }) } },
    },
  });
  open.push(federation);
  return federation;
}

const everyKind = "__typename ... on Notice { text } ... on Permit { number } ... on Fine { amount }";

test("A subgraph's own members of a union are answered where another subgraph has other members", async () => {
  const federation = await papers();

  const lands = await federation.ask(`{ inLands { file { papers { ${everyKind} } } paper { ${everyKind} } } }`);
  expect(lands.problems).toEqual([]);
  expect(lands.data).toEqual({ inLands: { file: { papers: [notice, permit] }, paper: permit } });

  const transport = await federation.ask(`{ inTransport { file { papers { ${everyKind} } } } }`);
  expect(transport.problems).toEqual([]);
  expect(transport.data).toEqual({ inTransport: { file: { papers: [notice, fine] } } });
});

test("A subgraph is never asked for a union's member that it doesn't have", async () => {
  const federation = await papers();

  const { calls } = await federation.ask(`{ inLands { file { papers { ${everyKind} } } } }`);

  expect(calls.map(({ subgraph }) => subgraph)).toEqual(["lands"]);
  expect(calls[0]?.query).toContain("Permit");
  expect(calls[0]?.query).not.toContain("Fine");
});

test("A selection of none but members that the subgraph doesn't have still tells how many objects there are", async () => {
  const federation = await papers();

  const { data, problems } = await federation.ask(`{ inLands { file { papers { ... on Fine { amount } } } } }`);

  expect(problems).toEqual([]);
  expect(data).toEqual({ inLands: { file: { papers: [{}, {}] } } });
});

test("A field that an object's type narrows is asked for by the interface's and by the type's own selection", async () => {
  const federation = await startFederation({
    lands: {
      sdl: `type Query { site: Site } interface Site { beside: Site kind: String } type Plot implements Site @key(fields: "lot") { lot: ID! kind: String beside: Plot @provides(fields: "rent") rent: Int @external }
        type Pier implements Site { kind: String beside: Pier }`,
      resolvers: {
        Query: { site: () => ({ __typename: "Plot", lot: "1" }) },
        Plot: { kind: () => "plot", beside: ({ lot }: { lot: string }) => ({ __typename: "Plot", lot: `${lot}1`, rent: 70 }) },
      },
    },
    housing: {
      sdl: `type Plot @key(fields: "lot") { lot: ID! rent: Int @shareable tenants: Int }`,
      resolvers: { Plot: { rent: () => 70, tenants: ({ lot }: { lot: string }) => lot.length } },
    },
  });
  open.push(federation);

  const { data, problems } = await federation.ask(
    `{ site { beside { kind ... on Plot { tenants } } ... on Plot { beside { lot rent beside { tenants } } } ... on Pier { beside { kind } } } }`,
  );

  expect(problems).toEqual([]);
  expect(data).toEqual({ site: { beside: { kind: "plot", tenants: 2, lot: "11", rent: 70, beside: { tenants: 3 } } } });
});

test("A graph whose unions are alike in every subgraph is planned as it is", async () => {
  const federation = await startFederation({
    lands: {
      sdl: `union Paper = Notice | Permit type Notice @shareable { text: String } type Permit @shareable { number: String } type Query { papers: [Paper] @shareable }`,
    },
    transport: {
      sdl: `union Paper = Notice | Permit type Notice @shareable { text: String } type Permit @shareable { number: String } type Query { papers: [Paper] @shareable }`,
    },
  });
  open.push(federation);

  expect(widenUnions(federation.supergraphSdl)).toBeUndefined();
});

test("A subgraph that knows an interface's types is asked by these, also where a call for the interface as an object needs what it has", async () => {
  // Plots and flats may have the same code: it is no key of all assets.
  const assetOf = (kind: string) => (key: { readonly id?: string; readonly code: string }) => ({
    marks: [kind],
    soil: "clay",
    floors: ["G"],
    pos: 1,
    ...key,
  });
  const federation = await startFederation({
    register: {
      sdl: `type Query { ping: Int } type Mutation { plot: Plot! holding: Holding } interface Holding { id: ID! }
        type Plot implements Holding @key(fields: "id") @key(fields: "code") { id: ID! code: String! }
        type Flat implements Holding @key(fields: "id code") { id: ID! code: String! }`,
      resolvers: {
        Mutation: { plot: () => ({ id: "plot-1", code: "1" }), holding: () => ({ __typename: "Flat", id: "flat-2", code: "2" }) },
      },
    },
    survey: {
      sdl: `type Query { assets: [Asset] } interface Asset @key(fields: "id") { id: ID! marks: [String]! }
        type Plot implements Asset @key(fields: "id") @key(fields: "code") { id: ID! code: String! marks: [String]! pos: Int soil: String }
        type Flat implements Asset @key(fields: "id") @key(fields: "code") { id: ID! code: String! marks: [String]! floors: [String] }`,
      resolvers: {
        Plot: { __resolveReference: assetOf("plot") },
        Flat: { __resolveReference: assetOf("flat") },
        Asset: { __resolveReference: ({ code }: { code: string }) => ({ __typename: "Plot", ...assetOf("plot")({ code }) }) },
      },
    },
    values: {
      sdl: `type Asset @key(fields: "id") @interfaceObject { id: ID! marks: [String]! @external worth: String @requires(fields: "marks") }`,
      resolvers: { Asset: { worth: ({ id, marks }: { id: string; marks: readonly string[] }) => `${id} ${marks.join()}` } },
    },
  });
  open.push(federation);
  const operation = `mutation { plot { pos } holding { ... on Asset { worth } ... on Flat { floors } ... on Plot { soil } id } }`;
  expect(await federation.ask(operation)).toMatchObject({
    data: { plot: { pos: 1 }, holding: { worth: "flat-2 flat", floors: ["G"], id: "flat-2" } },
    problems: [],
  });
});

test("What is asked of one type is not asked of the others, also beside what is asked of all, where a subgraph can't tell them apart", async () => {
  const kinds: Readonly<Record<string, string>> = { b1: "Book", m1: "Movie" };
  const mediaOf = ({ id }: { readonly id: string }): unknown => ({ __typename: kinds[id], id, title: id });
  const federation = await startFederation({
    library: {
      sdl: `type Query { ping: Int } interface Media @key(fields: "id") { id: ID! title: String! }
        type Book implements Media @key(fields: "id") { id: ID! title: String! } type Movie implements Media @key(fields: "id") { id: ID! title: String! }`,
      resolvers: { Media: { __resolveReference: mediaOf }, Book: { __resolveReference: mediaOf }, Movie: { __resolveReference: mediaOf } },
    },
    critics: {
      sdl: `type Query { featured: [Media] other: [Media] }
        type Media @interfaceObject @key(fields: "id") { id: ID! title: String! @external score(of: Int): Int @requires(fields: "title") rating: String! }`,
      resolvers: {
        Query: { featured: () => [{ id: "b1" }, { id: "m1" }], other: () => [{ id: "m1" }] },
        Media: {
          score: (_: unknown, { of }: { of?: number }) => of,
          rating: ({ id }: { id: string }) => {
            if (id === "b1") throw new Error("Books have none.");
            return "IIB";
          },
        },
      },
    },
  });
  open.push(federation);
  // The caller's variable has the name that the second list of entities would have.
  const operation = "query ($representations_1: Int) { featured { score(of: $representations_1) ... on Movie { rating } } }";
  const { data, problems, calls } = await federation.ask(operation, { representations_1: 5 });
  expect({ data, problems }).toEqual({ data: { featured: [{ score: 5 }, { score: 5, rating: "IIB" }] }, problems: [] });
  const { variables: { representations_1: of, ...lists } = {} } = calls.findLast(({ subgraph }) => subgraph === "critics") ?? {};
  const entity = (id: string): unknown => ({ __typename: "Media", id, title: id });
  expect([of, ...Object.values(lists)]).toEqual([5, [entity("b1"), entity("m1")], [entity("m1")]]);

  // Where calls are batched and the planner gives the keys names of its own, each part of a request finds its own again.
  const renamed = await federation.ask(
    "{ featured { x: score title: score(of: 6) ... on Movie { id: rating } } other { title: score(of: 1) ... on Movie { id: rating } } }",
  );
  const movie = { title: 1, id: "IIB" };
  expect(renamed.data).toEqual({
    featured: [
      { x: null, title: 6 },
      { x: null, title: 6, id: "IIB" },
    ],
    other: [movie],
  });
  expect(renamed.problems).toEqual([]);
});

test("What is asked of one type alone is fetched for another, too, of which a later call needs it", async () => {
  const mediaOf = ({ id }: { readonly id: string }): unknown => ({ __typename: "Movie", id, title: `title of ${id}` });
  const federation = await startFederation({
    shelf: {
      sdl: `type Query { item: Media } interface Media @key(fields: "id") { id: ID! }
        type Book implements Media @key(fields: "id") { id: ID! } type Movie implements Media @key(fields: "id") { id: ID! }`,
      resolvers: { Query: { item: () => ({ __typename: "Movie", id: "m1" }) } },
    },
    library: {
      sdl: `type Query { ping: Int } interface Media @key(fields: "id") { id: ID! title: String! }
        type Book implements Media @key(fields: "id") { id: ID! title: String! } type Movie implements Media @key(fields: "id") { id: ID! title: String! }`,
      resolvers: { Media: { __resolveReference: mediaOf }, Book: { __resolveReference: mediaOf }, Movie: { __resolveReference: mediaOf } },
    },
    critics: {
      sdl: `type Media @interfaceObject @key(fields: "id") { id: ID! title: String! @external score: String @requires(fields: "title") }`,
      resolvers: { Media: { score: ({ title }: { title: string }) => `${title}: 5` } },
    },
  });
  open.push(federation);
  const { data, problems } = await federation.ask("{ item { ... on Book { title } ... on Movie { score } } }");
  expect({ data, problems }).toEqual({ data: { item: { score: "title of m1: 5" } }, problems: [] });
});
