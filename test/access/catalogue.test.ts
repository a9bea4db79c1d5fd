import { buildSchema, parse, printSchema, validate } from "graphql";
import { describe, expect, test } from "vitest";
import { withCatalogue, withOwnCatalogue } from "../../gateway/access/catalogue.ts";
import { clearOperation } from "../../gateway/access/clear.ts";
import { answerIntrospection, viewSchema } from "../../gateway/access/view.ts";
import type { Decision, Entitlement } from "../../policies/engine/words.ts";
import type { Catalogue, CatalogueField } from "../../schema/catalogue.ts";
import { entitle, schema } from "./sample.ts";

function listed(coordinate: string, owner: string, level: CatalogueField["classification"]["level"]): [string, CatalogueField] {
  const classification = { level, personal: level !== "OPEN", identifier: "NONE" } as const;
  return [
    coordinate,
    { coordinate, owners: [owner], classification, type: "String", description: undefined, requires: [], maxAgeSeconds: undefined },
  ];
}

const catalogue: Catalogue = {
  fields: new Map([
    listed("Query.today", "hall", "OPEN"),
    listed("Person.name", "registry", "RESTRICTED"),
    listed("Person.income", "taxes", "CONFIDENTIAL"),
  ]),
  unclassified: [],
};

const by = { agreement: "A-1", version: 2 };

const only = (...decisions: [string, Decision][]): Entitlement => ({ ...entitle(), decisions: new Map(decisions) });

const extended = withCatalogue(schema);

function ask(text: string, entitlement: Entitlement, variables: Readonly<Record<string, unknown>> = {}): unknown {
  const document = parse(text);
  expect(validate(extended, document)).toEqual([]);
  const cleared = clearOperation({ schema: extended, document, operationName: undefined, entitlement, onDenied: "withhold" });
  expect(cleared.document).toBeUndefined();
  expect(cleared.withheld).toEqual([]);
  if (cleared.introspection === undefined) throw new Error("The hub answers nothing itself.");
  const view = withOwnCatalogue(viewSchema(extended, entitlement, catalogue), entitlement, catalogue);
  return answerIntrospection(view, cleared.introspection, variables)["hubCatalogue"];
}

describe("the catalogue", () => {
  test("is open to whoever is shared nothing, and says what is denied and why", () => {
    expect(ask("{ hubCatalogue { coordinate owners level personal access reason agreement } }", only())).toEqual(
      [
        ["Person.income", "taxes", "CONFIDENTIAL", true],
        ["Person.name", "registry", "RESTRICTED", true],
        ["Query.today", "hall", "OPEN", false],
      ].map(([coordinate, owner, level, personal]) => ({
        coordinate,
        owners: [owner],
        level,
        personal,
        access: "DENIED",
        reason: "NOT_IN_AGREEMENT",
        agreement: null,
      })),
    );
  });

  test("says how what is shared is masked, and under which agreement and condition", () => {
    const entitlement = only(
      ["Query.today", { kind: "allow", by: undefined }],
      ["Person.name", { kind: "mask", mask: { kind: "initials" }, by }],
      [
        "Person.income",
        {
          kind: "allow",
          by,
          where: [{ type: "Person", path: ["name"], comparison: { kind: "is", operands: [{ kind: "literal", value: "x" }] } }],
        },
      ],
    );
    expect(ask("{ hubCatalogue { coordinate access agreement mask condition } }", entitlement)).toEqual([
      { coordinate: "Person.income", access: "ALLOWED", agreement: "A-1@2", mask: null, condition: "Person.name is x" },
      { coordinate: "Person.name", access: "MASKED", agreement: "A-1@2", mask: "only the first letter of each word", condition: null },
      { coordinate: "Query.today", access: "ALLOWED", agreement: null, mask: null, condition: null },
    ]);
  });

  test("is filtered by owner, level and type", () => {
    const names = (text: string, variables = {}): unknown =>
      (ask(text, only(), variables) as { coordinate: string }[]).map(({ coordinate }) => coordinate);
    expect(names('{ hubCatalogue(owner: "taxes") { coordinate } }')).toEqual(["Person.income"]);
    expect(names("query($l: HubLevel) { hubCatalogue(level: $l) { coordinate } }", { l: "OPEN" })).toEqual(["Query.today"]);
    expect(names('{ hubCatalogue(type: "Person", owner: null) { coordinate } }')).toEqual(["Person.income", "Person.name"]);
  });

  test("is in the caller's own schema, which holds nothing else that is not shared", () => {
    const text = printSchema(withOwnCatalogue(viewSchema(extended, only(), catalogue), only(), catalogue));
    expect(text).toContain("hubCatalogue(");
    expect(text).not.toMatch(/type Person|income:/);
  });
});

test("a graph that has such a name of its own is left as it is", () => {
  for (const own of [
    "type Query { hubCatalogue: Int }",
    "type Query { a: HubField } type HubField { b: Int }",
    "schema { query: Root } type Root { a: Int }",
  ]) {
    const graph = buildSchema(own);
    expect(withCatalogue(graph)).toBe(graph);
  }
});
