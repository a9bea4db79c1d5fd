import { createHash } from "node:crypto";
import { parse, print } from "graphql";
import { describe, expect, it } from "vitest";
import { clear, entitle, flat, refusalOf, without } from "./sample.ts";

describe("introspection", () => {
  it("stands in its own document, with its fragments and variables", () => {
    const text = `query Q($n: String!, $r: ID) { __type(name: $n) { ...T } person(ref: $r) { ...P } ...R @include(if: true) }
      fragment T on __Type { name fields { ...F } } fragment F on __Field { name } fragment P on Person { name }
      fragment R on Query { today s: __schema { queryType { ...T } } }`;
    const cleared = clear(text, entitle());
    expect(flat(cleared.text)).toBe(
      "query Q($r: ID) { person(ref: $r) { ...P } ...R @include(if: true) } fragment P on Person { name } fragment R on Query { today }",
    );
    expect(flat(print(cleared.introspection ?? parse("{ none }")))).toBe(
      "query Q($n: String!) { __type(name: $n) { ...T } ...R @include(if: true) } fragment T on __Type { name fields { ...F } } fragment F on __Field { name } fragment R on Query { s: __schema { queryType { ...T } } }",
    );
    expect([...cleared.verdict.keys()]).toEqual(["Query.person", "Query.person(ref:)", "Person.name", "Query.today"]);
  });

  it("leaves nothing to fetch when it stands alone", () => {
    const cleared = clear("{ __schema { types { name } } }", without("Query.person"));
    expect(cleared.document).toBeUndefined();
    expect(cleared.introspection).toBeDefined();
  });

  it("is undefined when nobody asked", () => {
    expect(clear("{ today }", entitle()).introspection).toBeUndefined();
  });
});

describe("what the hub does not run", () => {
  it.each([
    ["@defer", "{ person { ... @defer { name } } }"],
    ["@stream", "{ people @stream { name } }"],
    ["the alias `__typename`", "{ animal { __typename: name } }"],
  ])("is refused by name: %s", (name, text) => {
    const refused = refusalOf(() => clear("{ today }", undefined, { document: parse(text) }));
    expect(refused.code).toBe("OPERATION_NOT_SUPPORTED");
    expect(refused.message).toContain(name);
  });

  it("is looked for in the operation to run only", () => {
    const document = parse("query A { today } query B { ... @defer { today } }");
    expect(flat(clear("{ today }", undefined, { document, operationName: "A" }).text)).toBe("query A { today }");
  });
});

describe("the operation to run", () => {
  const document = parse("query A { today } query B { person { ...F } } fragment F on Person { name }");

  it.each([
    [undefined, document],
    ["", document],
    ["C", document],
    [undefined, parse("fragment F on Person { name }")],
    ["A", parse("query A { today } query A { today }")],
  ])("must be one: %s", (operationName, of) => {
    expect(refusalOf(() => clear("{ today }", undefined, { document: of, operationName })).code).toBe("OPERATION_RESOLUTION_FAILURE");
  });

  it("is found by its name, and comes with its fragments alone", () => {
    const cleared = clear("{ today }", undefined, { document, operationName: "B" });
    expect(flat(print(cleared.asked))).toBe("query B { person { ...F } } fragment F on Person { name }");
    expect(cleared.operationHash).toBe(createHash("sha256").update(print(cleared.asked)).digest("hex"));
    expect(flat(print(clear("{ today }", undefined, { document, operationName: "A" }).asked))).toBe("query A { today }");
  });
});

describe("a document that was not validated", () => {
  it.each([
    "{ nothing }",
    "{ person { nothing } }",
    "{ asset { mark } }",
    "{ ... on Nothing { a } }",
    "{ ...Nothing }",
    "{ person { ...F } } fragment F on Person { mother { ...F } }",
    "subscription { today }",
  ])("is refused, never run: %s", (text) => {
    for (const entitlement of [undefined, entitle()]) {
      const refused = refusalOf(() => clear("{ today }", entitlement, { document: parse(text) }));
      expect(refused.code).toBe("GRAPHQL_VALIDATION_FAILED");
    }
  });
});
