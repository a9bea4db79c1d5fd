import { describe, expect, test } from "vitest";
import { brief, compose, graphOf, OPEN, problemsOf } from "./composing.ts";

describe("every field is classified, or composition fails", () => {
  test("and names the field, its departments, the file and the line", () => {
    const problems = problemsOf(
      compose({
        census: `type Query { c: Area ${OPEN} }\ntype Area @shareable {\n  "Square metres."\n  size: Int\n}`,
        lands: `type Query { l: Area ${OPEN} }\ntype Area @shareable { size: Int }`,
      }),
    );
    expect(problems.map(brief)).toEqual(["census.graphql:5:3 UNCLASSIFIED"]);
    expect(problems[0]?.message).toBe("Area.size is not classified by any department that serves it (census, lands).");
  });

  test("also where only a reference of another department is classified", () => {
    const result = compose({
      census: `type Query { c: Area ${OPEN} }\ntype Area @key(fields: "id") { id: ID! ${OPEN}\n  size: Int }`,
      lands: `type Area @key(fields: "id") ${OPEN} { id: ID! size: Int @external  price: Int @requires(fields: "size") }`,
    });
    expect(problemsOf(result).map(brief)).toEqual(["census.graphql:5:3 UNCLASSIFIED"]);
  });

  test("except fields that nobody can see, and interfaces' own", () => {
    const graph = graphOf(
      compose({
        lands: `type Query { p: Party ${OPEN} }\ninterface Party { ref: ID }\ntype Person implements Party { ref: ID ${OPEN}, hidden: Int @inaccessible }`,
      }),
    );
    expect([...graph.catalogue.fields.keys()].sort()).toEqual(["Person.ref", "Query.p"]);
  });

  test("personal data that is said to be OPEN is refused once, where it is said", () => {
    const problems = problemsOf(
      compose({ lands: `type Query { p: Person ${OPEN} }\ntype Person @classified(level: OPEN, personal: true) { a: Int b: Int }` }),
    );
    expect(problems.map(brief)).toEqual(["lands.graphql:4:13 PERSONAL_BUT_OPEN"]);
  });

  test("a governed field that can't be null is refused in each department that serves it", () => {
    const body = (name: string): string =>
      `type Query { ${name}: Area @classified(level: RESTRICTED) }\ntype Area @shareable @classified(level: RESTRICTED) {\n  size: Int!\n}`;
    const problems = problemsOf(compose({ census: body("c"), lands: body("l") }));
    expect(problems.map(brief)).toEqual(["census.graphql:5:3 GOVERNED_NOT_NULLABLE", "lands.graphql:5:3 GOVERNED_NOT_NULLABLE"]);
    expect(problems[0]?.message).toBe("Area.size is RESTRICTED and can't be null.");
  });

  test("a field of the root that can't be null is refused: without it an answer would be null as a whole", () => {
    const problems = problemsOf(
      compose({
        lands: `schema { query: All mutation: Changes }\ntype All ${OPEN} {\n  a: [Area!]!\n  b: [Area!]\n}\ntype Area ${OPEN} { size: Int! }
type Changes ${OPEN} { change: Int! }`,
      }),
    );
    expect(problems.map(brief)).toEqual(["lands.graphql:5:3 ROOT_NOT_NULLABLE", "lands.graphql:9:41 ROOT_NOT_NULLABLE"]);
    expect(problems[0]?.message).toBe("Query.a can't be null, so that an answer without it would be null as a whole.");
  });

  test("a root type of another name is classified like any", () => {
    expect(problemsOf(compose({ lands: "schema { query: All }\ntype All { a: Int }" })).map(({ code }) => code)).toEqual(["UNCLASSIFIED"]);
  });

  test.each([
    ["@classified(level: SECRET)", "CLASSIFICATION_INVALID"],
    ["@classified", "CLASSIFICATION_INVALID"],
    ["@classified(level: OPEN, personal: 1)", "CLASSIFICATION_INVALID"],
    [`${OPEN} @cacheControl(maxAge: -1)`, "MAX_AGE_INVALID"],
  ])("%s is refused as %s", (directives, code) => {
    const problems = problemsOf(compose({ lands: `type Query {\n  a: Int ${directives}\n}` }));
    expect(problems.map((problem) => [problem.file, problem.line, problem.code])).toEqual([["lands.graphql", 4, code]]);
  });
});

describe("what departments state of one field is merged", () => {
  test("to the strictest level, personal if any says so, the most identifying identifier, with every owner", () => {
    const graph = graphOf(
      compose({
        lands: `type Query { l: Area ${OPEN} }\ntype Area @shareable @classified(level: CONFIDENTIAL) { size: Int }`,
        census: `type Query { c: Area ${OPEN} }\ntype Area @shareable { size: Int @classified(level: RESTRICTED, personal: true, identifier: QUASI) }`,
        housing: `type Query { h: Area ${OPEN} }\ntype Area @shareable { size: Int }`,
      }),
    );
    expect(graph.catalogue.fields.get("Area.size")).toMatchObject({
      classification: { level: "CONFIDENTIAL", personal: true, identifier: "QUASI" },
      owners: ["census", "lands"],
    });
  });

  test("a field's own classification stands before its type's, and extensions count", () => {
    const graph = graphOf(
      compose({
        lands: `type Query { l: Area ${OPEN} }\ntype Area { size: Int  price: Int ${OPEN} }\nextend type Area @classified(level: RESTRICTED) { more: Int }`,
      }),
    );
    const levels = ["size", "price", "more"].map((name) => graph.catalogue.fields.get(`Area.${name}`)?.classification.level);
    expect(levels).toEqual(["RESTRICTED", "OPEN", "RESTRICTED"]);
  });

  test("a department that only refers to a field neither classifies nor owns it", () => {
    const graph = graphOf(
      compose({
        lands: `type Query { l: Area ${OPEN} }\ntype Area @key(fields: "id") ${OPEN} { id: ID! size: Int }`,
        revenue: `type Area @key(fields: "id") @classified(level: CONFIDENTIAL) { id: ID! ${OPEN} size: Int @external  tax: Int @requires(fields: "size") }`,
      }),
    );
    expect(graph.catalogue.fields.get("Area.size")).toMatchObject({ owners: ["lands"], classification: { level: "OPEN" } });
    expect(graph.catalogue.fields.get("Area.tax")).toMatchObject({ owners: ["revenue"], requires: ["Area.size"] });
  });

  test("a department whose field another took over has no say, unless it is taken over in part", () => {
    const bodies = (override: string): Readonly<Record<string, string>> => ({
      lands: `type Query { l: Area ${OPEN} }\ntype Area @key(fields: "id") ${OPEN} { id: ID! size: Int @classified(level: RESTRICTED) }`,
      census: `type Area @key(fields: "id") ${OPEN} { id: ID! size: Int @override(${override}) }`,
    });
    const whole = graphOf(compose(bodies('from: "lands"'))).catalogue.fields.get("Area.size");
    expect(whole).toMatchObject({ owners: ["census"], classification: { level: "OPEN" } });
    const part = graphOf(compose(bodies('from: "lands", label: "percent(5)"'))).catalogue.fields.get("Area.size");
    expect(part).toMatchObject({ owners: ["census", "lands"], classification: { level: "RESTRICTED" } });
  });

  test("fields of an interface object are classified on every type that gets them", () => {
    const graph = graphOf(
      compose({
        lands: `type Query { l: Party ${OPEN} }\ninterface Party @key(fields: "id") { id: ID! }\ntype Person implements Party @key(fields: "id") ${OPEN} { id: ID! }`,
        revenue: `type Party @key(fields: "id") @interfaceObject @classified(level: CONFIDENTIAL, personal: true) { id: ID! ${OPEN} tax: Int }`,
      }),
    );
    expect(graph.catalogue.fields.get("Person.tax")).toMatchObject({
      owners: ["revenue"],
      classification: { level: "CONFIDENTIAL", personal: true },
    });
    expect(graph.catalogue.fields.get("Person.id")?.owners).toEqual(["lands", "revenue"]);
  });

  test("an age is the field's, else that of the type it returns, else none; the shortest of the departments' counts", () => {
    const area =
      "type Area @shareable @cacheControl(maxAge: 500) @classified(level: OPEN) { size: Int @cacheControl(maxAge: 90) note: String }";
    const graph = graphOf(
      compose({
        lands: `type Query ${OPEN} { a: [Area!]  b: Area @cacheControl(maxAge: 20)  c: Int  d: Area @cacheControl(maxAge: 70, scope: PRIVATE)  e: Some }
          ${area}\nunion Some @cacheControl(maxAge: 8) = Area`,
        census: `type Query ${OPEN} { f: Int }\n${area.replace("90", "60")}`,
      }),
    );
    const age = (coordinate: string): number | undefined => graph.catalogue.fields.get(coordinate)?.maxAgeSeconds;
    expect(["Query.a", "Query.b", "Query.c", "Query.d", "Query.e", "Area.size", "Area.note"].map(age)).toEqual([
      500,
      20,
      undefined,
      70,
      8,
      60,
      undefined,
    ]);
  });
});
