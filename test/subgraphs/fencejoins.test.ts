import { buildSchema, type OperationDefinitionNode, parse } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { HubCall } from "../../schema/contract.ts";
import { createClearances } from "../../subgraphs/kit/clearance.ts";
import { demandOf } from "../../subgraphs/kit/demand.ts";
import { readJoins } from "../../subgraphs/kit/joins.ts";
import { compose } from "../schema/composing.ts";
import { type OwnFiles, registers, START_MS, sdlHead, writeOwnFiles } from "./enclosure.ts";

const RESTRICTED = "@classified(level: RESTRICTED)";

/** Media are known to one department by their types, to the other as one object. */
const shelf = `
  type Query { media: [Media] ${RESTRICTED} }
  interface Media @key(fields: "id") { id: ID }
  type Book implements Media @key(fields: "id") @key(fields: "shelf { code room }") ${RESTRICTED} {
    id: ID
    shelf: Shelf
  }
  type Film implements Media @key(fields: "id") ${RESTRICTED} { id: ID }
  type Shelf ${RESTRICTED} { code: ID room: ID }
`;
const reviews = `
  type Media @interfaceObject @key(fields: "id") ${RESTRICTED} {
    id: ID
    rating: Int
    private: Int
  }
`;

const agreement = `agreement: RV-1
version: 1
title: Ratings
provider: reviews
recipient: housing
purpose: checks
legalBasis: { ordinance: "Cap. 1", section: "1", kind: statute }
valid: { from: 2026-04-01, until: 2027-04-01 }
review: 2027-01-15
approvals:
  - { post: One, role: data-owner, on: 2026-03-20 }
  - { post: Two, role: privacy-officer, on: 2026-03-22 }
share:
  - { fields: [Book.rating], why: Checks }
`;

let files: OwnFiles;
let sdl: string;

beforeAll(async () => {
  const composed = compose({ shelf, reviews }, sdlHead);
  if (!composed.ok) throw new Error(JSON.stringify(composed.problems));
  sdl = composed.sdl;
  const applications = registers["applications.yaml"]?.replace("people", "reviews") ?? "";
  files = await writeOwnFiles(
    { shelf, reviews },
    { ...registers, "applications.yaml": applications, "agreements/reviews.yaml": agreement },
  );
});
afterAll(() => files?.remove());

const call: HubCall = { subgraph: "reviews", bureau: "housing", purpose: "checks", entitlementId: "e", bundleHash: "b", casePatterns: [] };

describe("the joins of a supergraph", () => {
  test("hold the keys of a type in all departments with what is nested in them, and the entities of one", () => {
    const joins = readJoins(sdl, "shelf");
    expect([...(joins.keys.get("Book") ?? [])].toSorted()).toEqual(["Book.id", "Book.shelf", "Shelf.code", "Shelf.room"]);
    expect([...joins.entities.keys()].toSorted()).toEqual(["Book", "Film", "Media"]);
    expect([...joins.interfaceObjects]).toEqual([]);
    expect([...readJoins(sdl, "reviews").entities.keys()]).toEqual(["Media"]);
    expect([...readJoins(sdl, "reviews").interfaceObjects]).toEqual([["Media", ["Book", "Film"]]]);
  });

  test("are not those of a department that the supergraph doesn't list", () => {
    expect(() => readJoins(sdl, "elsewhere")).toThrow("It lists no subgraph elsewhere.");
  });
});

describe("a department that knows an interface as an object", () => {
  test("may be asked for what one of its types shares, with the key, and for nothing that none shares", async () => {
    const agreements = await files.open({ subgraph: "reviews" });
    const { coordinates } = createClearances(agreements.current(), () => START_MS).of(call);
    expect(["Media.rating", "Media.id", "Media.private"].map((coordinate) => coordinates.has(coordinate))).toEqual([true, true, false]);
  });

  test("doesn't open the interface to a department that knows its types", async () => {
    const agreements = await files.open({ subgraph: "shelf" });
    const { coordinates } = createClearances(agreements.current(), () => START_MS).of({ ...call, subgraph: "shelf" });
    expect(["Media.rating", "Book.id", "Film.id", "Query.media"].map((coordinate) => coordinates.has(coordinate))).toEqual([
      false,
      true,
      false,
      false,
    ]);
  });
});

describe("what an operation asks for", () => {
  const schema = buildSchema("schema { query: Root } type Root { own: Own } type Own { a: Int } interface Bare { a: Int }");
  const demand = (text: string): readonly string[] => {
    const document = parse(text);
    return demandOf(schema, document, document.definitions[0] as OperationDefinitionNode).coordinates;
  };

  test("is named as the supergraph names it, whatever the department calls its root", () => {
    expect(demand("{ own { a __typename } }")).toEqual(["Query.own", "Own.a"]);
  });

  test("holds introspection and foreign directives, which no agreement shares", () => {
    expect(demand("{ __schema { types { name } } own @hidden { a @skip(if: false) } }").slice(0, 2)).toEqual(["Query.__schema", "@hidden"]);
  });

  test("holds the interface itself where no object can be", () => {
    expect(demand("{ own { ... on Bare { a } } }")).toEqual(["Query.own", "Bare.a"]);
  });
});
