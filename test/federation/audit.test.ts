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
