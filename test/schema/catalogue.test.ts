import { parse } from "graphql";
import { describe, expect, test } from "vitest";
import { readDefinitions } from "../../schema/definitions.ts";
import { SupergraphError } from "../../schema/errors.ts";
import { fieldSetCoordinates } from "../../schema/requires.ts";
import { readSupergraph } from "../../schema/supergraph.ts";
import { compose, graphOf, OPEN } from "./composing.ts";
import { composeTestGraph, testGraphs } from "./graphs.ts";
import { federation1Supergraph } from "./handwritten.ts";

describe("what a field is computed from", () => {
  const { catalogue } = readSupergraph(composeTestGraph(testGraphs["entities"] ?? []).sdl);
  const requires = (coordinate: string): readonly string[] | undefined => catalogue.fields.get(coordinate)?.requires;

  test("is nothing unless a department says `@requires`", () => {
    const computing = [...catalogue.fields.values()].filter((field) => field.requires.length > 0);
    expect(computing.map((field) => field.coordinate).sort()).toEqual(["Book.slug", "Film.slug", "User.label"]);
  });

  test("are the fields named, those inside them, and for an interface's field that of every possible type", () => {
    expect(requires("User.label")).toEqual([
      "Club.name",
      "Firm.name",
      "Firm.number",
      "Org.id",
      "Size.width",
      "User.org",
      "User.party",
      "User.size",
    ]);
  });

  test("are the fields of the type itself when an interface object computes for all types of an interface", () => {
    expect([requires("Book.slug"), requires("Film.slug")]).toEqual([["Book.title"], ["Film.title"]]);
  });

  test("includes what callers can't see", () => {
    const field = readSupergraph(federation1Supergraph).catalogue.fields.get("Product.shipping");
    expect(field?.requires).toContain("Product.cost");
  });

  test("is told apart by selection, so that interfaces inside interfaces don't multiply the work", () => {
    const types = Array.from({ length: 30 }, (_, index) => `type T${index} implements I { next: I, value: Int }`).join("\n");
    const { types: all } = readDefinitions(parse(`interface I { next: I, value: Int }\n${types}`));
    const depth = 40;
    const found = fieldSetCoordinates(`${"next { ".repeat(depth)}value${" }".repeat(depth)}`, "I", all);
    expect(found.size).toBe(60);
  });

  test("fails closed on a field that the type doesn't have", () => {
    const { types } = readDefinitions(parse("type A { b: Int }"));
    expect([...fieldSetCoordinates("b gone { deeper } ... on C { d }", "A", types)]).toEqual(["A.b", "A.gone", "C.d"]);
  });
});

describe("the catalogue", () => {
  test("lists each field of each object type with its type, its description and nothing of interfaces", () => {
    const { catalogue } = graphOf(
      compose({
        lands: `type Query { "All." all(first: Int): [Party!] ${OPEN} }\ninterface Party { ref: ID }\ntype Person implements Party ${OPEN} { ref: ID }`,
      }),
    );
    expect([...catalogue.fields.values()]).toEqual([
      {
        coordinate: "Person.ref",
        owners: ["lands"],
        classification: { level: "OPEN", personal: false, identifier: "NONE" },
        type: "ID",
        description: undefined,
        requires: [],
        maxAgeSeconds: undefined,
      },
      expect.objectContaining({ coordinate: "Query.all", type: "[Party!]", description: "All." }),
    ]);
    expect(catalogue.unclassified).toEqual([]);
  });

  test("takes no statement from directives that only look like the hub's", () => {
    const sdl = federation1Supergraph.replace(
      "price: Int",
      'price: Int @hub__classified(level: "OPEN", personal: false, identifier: "NONE", owners: ["products"])',
    );
    const linked = sdl.replace("schema\n", 'schema @core(feature: "https://crossharbour.example/hub/v1.0")\n');
    expect(readSupergraph(linked).catalogue.unclassified).not.toContain("Product.price");
    expect(readSupergraph(sdl).catalogue.unclassified).toContain("Product.price");
    expect(() => readSupergraph(linked.replace('"OPEN"', '"PUBLIC"'))).toThrow(SupergraphError);
  });
});
