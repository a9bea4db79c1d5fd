import type { GraphQLNamedType, IntrospectionQuery } from "graphql";
import { buildClientSchema, buildSchema, getIntrospectionQuery, parse, printSchema, printType, validate, validateSchema } from "graphql";
import { describe, expect, it } from "vitest";
import { demandOf } from "../../gateway/access/demand.ts";
import { answerIntrospection, viewSchema } from "../../gateway/access/view.ts";
import type { Decision, Entitlement } from "../../policies/engine/words.ts";
import type { Catalogue, CatalogueField } from "../../schema/catalogue.ts";
import { fc } from "../services/fc.ts";
import { clear, coordinatesOfSample, entitle, flat, read, refusalOf, schema, without } from "./sample.ts";

const income: CatalogueField = {
  coordinate: "Person.income",
  owners: ["revenue"],
  classification: { level: "CONFIDENTIAL", personal: true, identifier: "NONE" },
  type: "Int",
  description: undefined,
  requires: [],
  maxAgeSeconds: undefined,
};
const catalogue: Catalogue = { fields: new Map([[income.coordinate, income]]), unclassified: [] };

function view(entitlement: Entitlement): string {
  return printSchema(viewSchema(schema, entitlement, catalogue));
}

/** An entitlement that allows what is named and nothing else. */
function only(...coordinates: string[]): Entitlement {
  return { ...entitle(), decisions: new Map(coordinates.map((coordinate) => [coordinate, { kind: "allow", by: undefined }])) };
}

describe("what a caller may not read", () => {
  it("is not in its schema: fields, and types that only they lead to", () => {
    const text = flat(view(only("Query.today", "Query.person", "Person.name", "Car.mark")));
    expect(text).toContain("person: Person");
    expect(text).not.toContain("person(");
    expect(text).not.toMatch(/Car|Animal|Asset|Mutation|Order|income/);
  });

  it("takes fields along that lead to types of which nothing is left", () => {
    expect(flat(view(only("Query.today", "Query.person")))).not.toContain("Person");
  });

  it("takes arguments along, and their input types, fields and values", () => {
    const text = flat(view(without("Order.INCOME", "PetFilter.income", "Person.cars(first:)")));
    expect(text).toContain("enum Order { NAME }");
    expect(text).not.toContain("PetFilter { name: String income");
    expect(text).toMatch(/cars\( ?licensedOnly: Boolean ?\)/);
    expect(flat(view(without("Order.INCOME", "Order.NAME")))).not.toContain("Order");
  });

  it("is gone from an interface where a type that implements it has lost it", () => {
    const text = flat(view(without("Cat.name")));
    expect(text).toMatch(/interface Animal \{ ("""[^"]*""" )?owner/);
    expect(text).toContain("type Dog implements Animal");
  });

  it("takes a field along whose required argument is denied", () => {
    const own = buildSchema("type Query { a(x: Int!): Int b(x: In!): Int c: Int } input In { y: Int! z: Int }");
    const text = printSchema(viewSchema(own, only("Query.a", "Query.b", "Query.c", "Query.b(x:)", "In.z"), catalogue));
    expect(flat(text)).toMatch(/^type Query \{ """Open data.""" c: Int \}$/);
  });

  it("leaves a placeholder that says so when it is everything", () => {
    const made = viewSchema(schema, only(), catalogue);
    expect(validateSchema(made)).toEqual([]);
    expect(Object.keys(made.getQueryType()?.getFields() ?? {})).toEqual(["_nothingShared"]);
    expect(made.getMutationType()).toBeUndefined();
  });

  it("has no values of an enum hidden that a readable field returns", () => {
    const own = buildSchema("type Query { status: Status } enum Status { OPEN CLOSED }");
    expect(printSchema(viewSchema(own, only("Query.status"), catalogue))).toContain("CLOSED");
  });
});

describe("descriptions", () => {
  it("name the agreement, the mask and the owner", () => {
    const decisions = new Map<string, Decision>(entitle().decisions);
    decisions.set("Person.income", {
      kind: "mask",
      mask: { kind: "keep", first: 0, last: 2 },
      by: { agreement: "HD-IRD-2026-04", version: 3 },
    });
    const made = viewSchema(schema, { ...entitle(), decisions }, catalogue);
    const type = made.getType("Person");
    const text = type !== undefined && "getFields" in type ? type.getFields()["income"]?.description : undefined;
    expect(text).toBe("Shared under HD-IRD-2026-04@3. Masked: only the last 2 character(s), stars for the rest. Owner: revenue.");
  });

  it("follow what the department wrote", () => {
    const own = buildSchema('type Query { "Hong Kong dollars." a: Int }');
    expect(viewSchema(own, only("Query.a"), catalogue).getQueryType()?.getFields()["a"]?.description).toBe(
      "Hong Kong dollars.\n\nOpen data.",
    );
  });
});

describe("introspection", () => {
  it("is answered from the caller's schema, and tools can build a schema of it", () => {
    const made = viewSchema(schema, without("Car.value"), catalogue);
    const cleared = clear(getIntrospectionQuery(), entitle());
    if (cleared.introspection === undefined) throw new Error("There is no introspection.");
    const answer = answerIntrospection(made, cleared.introspection, {});
    const built = buildClientSchema(answer as unknown as IntrospectionQuery);
    expect(printSchema(built)).toBe(printSchema(made));
    expect(JSON.stringify(answer)).not.toContain('"value"');
  });

  it("knows no type that the caller may not see", () => {
    const made = viewSchema(schema, only("Query.today"), catalogue);
    const answer = answerIntrospection(
      made,
      parse('query($n: String!) { a: __type(name: $n) { name } b: __type(name: "Query") { fields { name } } }'),
      { n: "Person" },
    );
    expect(JSON.parse(JSON.stringify(answer))).toEqual({ a: null, b: { fields: [{ name: "today" }] } });
  });

  it("is refused when its variables don't fit", () => {
    const made = viewSchema(schema, only("Query.today"), catalogue);
    expect(refusalOf(() => answerIntrospection(made, parse("query($n: String!) { __type(name: $n) { name } }"), {})).code).toBe(
      "BAD_USER_INPUT",
    );
  });
});

describe("any entitlement", () => {
  it("gives a valid schema, whose operations touch nothing denied", () => {
    fc.assert(
      fc.property(fc.subarray(coordinatesOfSample()), (coordinates) => {
        const entitlement = only(...coordinates);
        const made = viewSchema(schema, entitlement, catalogue);
        expect(validateSchema(made).map(({ message }) => message)).toEqual([]);
        const all = printSchema(made);
        for (const [name, type] of Object.entries(made.getTypeMap())) {
          if (name.startsWith("__") || !("getFields" in type)) continue;
          const denied = Object.keys(type.getFields()).filter(
            (field) => field !== "_nothingShared" && !coordinates.includes(`${name}.${field}`),
          );
          expect(denied, all).toEqual([]);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("that allows all gives the whole schema", () => {
    const made = viewSchema(schema, entitle(), catalogue);
    const { TraceLevel: _directiveOnly, ...types } = schema.getTypeMap();
    const signatures = (of: Readonly<Record<string, GraphQLNamedType>>): string[] =>
      Object.values(of)
        .map((type) => flat(printType(type).replaceAll(/ *"""[^"]*"""\n/g, "")))
        .toSorted();
    expect(signatures(made.getTypeMap())).toEqual(signatures(types));
  });

  it("takes operations that its schema takes", () => {
    const text = "{ person { name } today }";
    const made = viewSchema(schema, only("Query.person", "Query.today", "Person.name"), catalogue);
    expect(validate(made, read(text))).toEqual([]);
    expect(demandOf(made, read(text), undefined).coordinates).toEqual(["Query.person", "Person.name", "Query.today"]);
  });
});
