import { createHash } from "node:crypto";
import { parse, print, validate } from "graphql";
import { describe, expect, it } from "vitest";
import { clear, entitle, flat, refusalOf, schema, without } from "./sample.ts";

describe("a denied field", () => {
  it("is not in the document to plan, and its place is explained", () => {
    const cleared = clear("{ person { name income } }", without("Person.income"));
    expect(flat(cleared.text)).toBe("{ person { name } }");
    expect(cleared.withheld).toEqual([{ path: ["person", "income"], coordinate: "Person.income", reason: "NOT_IN_AGREEMENT" }]);
    expect([...cleared.withheldNodes].map((node) => node.name.value)).toEqual(["income"]);
    expect(flat(print(cleared.asked))).toBe("{ person { name income } }");
  });

  it("is denied when no agreement mentions it", () => {
    const entitlement = entitle();
    const decisions = new Map(entitlement.decisions);
    decisions.delete("Person.income");
    const cleared = clear("{ person { name income } }", { ...entitlement, decisions });
    expect(cleared.withheld).toEqual([{ path: ["person", "income"], coordinate: "Person.income", reason: "NOT_IN_AGREEMENT" }]);
  });

  it("keeps the reason that the agreements give", () => {
    const cleared = clear(
      "{ person { name income mother { ref } } }",
      entitle({ "Person.income": "EXPIRED", "Person.mother": "CASE_REQUIRED" }),
    );
    expect(cleared.withheld.map(({ reason }) => reason)).toEqual(["EXPIRED", "CASE_REQUIRED"]);
  });

  it("is found under an alias, also one that objects inherit", () => {
    const cleared = clear("{ person { name __proto__: income constructor: income } }", without("Person.income"));
    expect(flat(cleared.text)).toBe("{ person { name } }");
    expect(cleared.withheld.map(({ path }) => path)).toEqual([
      ["person", "__proto__"],
      ["person", "constructor"],
    ]);
  });

  it("leaves `__typename` where it was the only selection", () => {
    expect(flat(clear("{ person { income } }", without("Person.income")).text)).toBe("{ person { __typename } }");
  });

  it("takes all that is below it along, and is explained once", () => {
    const cleared = clear("{ today people { income mother { income name } } }", without("Query.people", "Person.income"));
    expect(flat(cleared.text)).toBe("{ today }");
    expect(cleared.withheld.map(({ path }) => path)).toEqual([["people"]]);
    expect([...cleared.verdict.keys()]).toEqual(["Query.today", "Query.people"]);
  });

  it("is withheld at the root as elsewhere", () => {
    const cleared = clear('mutation { a: rename(name: "x") { ref } }', entitle());
    expect(cleared.operationKind).toBe("mutation");
    const refused = refusalOf(() => clear('mutation { a: rename(name: "x") { ref } }', without("Mutation.rename")));
    expect(refused.code).toBe("OPERATION_EMPTY");
  });

  it("has one explanation for each path, whatever the number of nodes that lead there", () => {
    const text = `{ people { income ...F ... on Person { income mother { income } } mother { income } } }
      fragment F on Person { income mother { income } }`;
    expect(clear(text, without("Person.income")).withheld.map(({ path }) => path)).toEqual([
      ["people", "@", "income"],
      ["people", "@", "mother", "income"],
    ]);
  });

  it("has a path with one @ for each list around it", () => {
    const cleared = clear("{ people { assets { ... on Car { value } } } }", without("Car.value"));
    expect(cleared.withheld.map(({ path }) => path)).toEqual([["people", "@", "assets", "@", "@", "value"]]);
  });

  it("has no @ of its own where it is a list itself", () => {
    expect(clear("{ person { name assets { __typename } } }", without("Person.assets")).withheld[0]?.path).toEqual(["person", "assets"]);
  });

  it("has its own path for each use of a fragment, in lists and outside", () => {
    const text = "{ person { ...F } people { mother { ...F } } } fragment F on Person { name income }";
    const cleared = clear(text, without("Person.income"));
    expect(cleared.withheld.map(({ path }) => path)).toEqual([
      ["person", "income"],
      ["people", "@", "mother", "income"],
    ]);
    expect(flat(cleared.text)).toBe("{ person { ...F } people { mother { ...F } } } fragment F on Person { name }");
  });

  it("is withheld under @skip and @include whatever their variables are, and the variables that are left unused are dropped", () => {
    const text = "query Q($a: Boolean!, $b: Boolean!) { person { name @include(if: $b) income @skip(if: $a) } }";
    const cleared = clear(text, without("Person.income"));
    expect(flat(cleared.text)).toBe("query Q($b: Boolean!) { person { name @include(if: $b) } }");
    expect(cleared.withheld).toHaveLength(1);
    expect(cleared.operationName).toBe("Q");
  });
});

describe("a denied field of an abstract type", () => {
  it("is judged as it is written: by the interface", () => {
    const cleared = clear("{ animal { name ... on Dog { name } } }", entitle({ "Animal.name": "POLYMORPHIC_PARTIAL" }));
    expect(flat(cleared.text)).toBe("{ animal { ... on Dog { name } __typename } }");
    expect(cleared.withheld).toEqual([{ path: ["animal", "name"], coordinate: "Animal.name", reason: "POLYMORPHIC_PARTIAL" }]);
  });

  it("is judged as it is written: by the object type of a fragment", () => {
    const cleared = clear("{ animal { name ... on Cat { chip } ...D } } fragment D on Dog { chip }", without("Dog.chip"));
    expect(flat(cleared.text)).toBe("{ animal { name ... on Cat { chip } __typename } }");
    expect(cleared.withheld).toEqual([{ path: ["animal", "chip"], coordinate: "Dog.chip", reason: "NOT_IN_AGREEMENT" }]);
  });

  it("leaves the type known, since the answer holds null only where the type condition holds", () => {
    expect(flat(clear("{ asset { ... on Car { mark } } today }", without("Car.mark")).text)).toBe("{ asset { __typename } today }");
    expect(flat(clear("{ animal { __typename ... on Dog { chip } } }", without("Dog.chip")).text)).toBe("{ animal { __typename } }");
    expect(flat(clear("{ animal { kind: __typename ... on Dog { chip } } }", without("Dog.chip")).text)).toBe(
      "{ animal { kind: __typename __typename } }",
    );
  });

  it("drops a fragment of which nothing is left, and fragments that only it used", () => {
    const text = "{ person { name ...A } } fragment A on Person { income ...B } fragment B on Person { income }";
    expect(flat(clear(text, without("Person.income")).text)).toBe("{ person { name } }");
  });
});

describe("a denied argument", () => {
  const denied = (coordinate: string) => [{ coordinate, reason: "ARGUMENT_NOT_ALLOWED" }];

  it.each([
    ["an argument", "{ person { cars(licensedOnly: true) { mark } } }", "Person.cars(licensedOnly:)"],
    ["an argument given null", "{ person { cars(licensedOnly: null) { mark } } }", "Person.cars(licensedOnly:)"],
    ["an argument given a variable", "query($x: Boolean) { person { cars(licensedOnly: $x) { mark } } }", "Person.cars(licensedOnly:)"],
    ["an enum value", "{ people(order: INCOME) { name } }", "Order.INCOME"],
    ["an input field", "{ person { pets(filter: { income: 3 }) { name } } }", "PetFilter.income"],
    ["an input field in a list", "{ person { pets(filter: { either: [{ income: 3 }] }) { name } } }", "PetFilter.income"],
    [
      "an input field where one item stands for a list",
      "{ person { pets(filter: { either: { income: 3 } }) { name } } }",
      "PetFilter.income",
    ],
    ["an enum value in an input field", "{ person { pets(filter: { order: INCOME }) { name } } }", "Order.INCOME"],
    ["a default", "query($o: Order = INCOME) { people(order: $o) { name } }", "Order.INCOME"],
    ["a default inside of an input", "query($o: Order = INCOME) { person { pets(filter: { order: $o }) { name } } }", "Order.INCOME"],
    ["a default of an input", "query($f: PetFilter = { income: 1 }) { person { pets(filter: $f) { name } } }", "PetFilter.income"],
    ["a directive", "{ today @trace(level: LOW) }", "@trace"],
    ["a directive on the operation", "query @trace { today }", "@trace"],
    ["a directive's argument", "{ ... @trace(level: LOW) { today } }", "@trace(level:)"],
    ["a value in a directive", "{ person { __typename @trace(level: HIGH) } }", "TraceLevel.HIGH"],
    ["an argument in a fragment", "{ person { ...F } } fragment F on Person { cars(first: 1) { mark } }", "Person.cars(first:)"],
  ])("refuses the operation as a whole: %s", (_what, text, coordinate) => {
    const refused = refusalOf(() => clear(text, without(coordinate)));
    expect(refused.code).toBe("UNAUTHORIZED_FIELD_OR_TYPE");
    expect(refused.facts["denied"]).toEqual(denied(coordinate));
    expect(refused.message).toContain(coordinate);
    expect(clear(text, entitle()).withheld).toEqual([]);
  });

  it("lists all of them", () => {
    const refused = refusalOf(() =>
      clear("{ people(order: INCOME) { cars(first: 1) { mark } } }", without("Order.INCOME", "Person.cars(first:)")),
    );
    expect(refused.facts["denied"]).toEqual([...denied("Order.INCOME"), ...denied("Person.cars(first:)")]);
  });

  it("does not count where its field is withheld: it is not run", () => {
    const text = "query($o: Order = INCOME) { person { name cars(first: 1) { mark } } people(order: $o) { name } }";
    const cleared = clear(text, without("Person.cars", "Person.cars(first:)", "Query.people", "Order.INCOME"));
    expect(flat(cleared.text)).toBe("{ person { name } }");
    expect(cleared.withheld.map(({ coordinate }) => coordinate)).toEqual(["Person.cars", "Query.people"]);
  });

  it("does not count below a withheld field", () => {
    const cleared = clear("{ today person { cars(first: 1) { mark } } }", without("Query.person", "Person.cars(first:)"));
    expect(flat(cleared.text)).toBe("{ today }");
  });

  it("is refused where an agreement masks it, as a mask fits no input", () => {
    const entitlement = entitle();
    const decisions = new Map(entitlement.decisions);
    decisions.set("Order.INCOME", { kind: "mask", mask: { kind: "exists" }, by: { agreement: "A", version: 1 } });
    expect(refusalOf(() => clear("{ people(order: INCOME) { name } }", { ...entitlement, decisions })).code).toBe(
      "UNAUTHORIZED_FIELD_OR_TYPE",
    );
  });
});

describe("a caller who wants all or nothing", () => {
  it("is refused with every denied coordinate, those below denied fields and arguments included", () => {
    const text = "{ people(order: INCOME) { income mother { income name } cars(first: 1) { value } } }";
    const refused = refusalOf(() =>
      clear(text, without("Query.people", "Person.income", "Order.INCOME", "Car.value"), { onDenied: "refuse" }),
    );
    expect(refused.code).toBe("UNAUTHORIZED_FIELD_OR_TYPE");
    expect(refused.status).toBe(403);
    expect(refused.facts["denied"]).toEqual(
      ["Query.people", "Order.INCOME", "Person.income", "Car.value"].map((coordinate) => ({ coordinate, reason: "NOT_IN_AGREEMENT" })),
    );
  });

  it("gets what is allowed as it is", () => {
    const cleared = clear("{ person { name } }", without("Person.income"), { onDenied: "refuse" });
    expect(flat(cleared.text)).toBe("{ person { name } }");
  });

  it("is told of the first ten in the message and of all in the facts", () => {
    const names = ["ref", "name", "income", "pets", "cars", "assets", "mother"].map((name) => `Person.${name}`);
    const more = ["Query.person", "Query.today", "Query.animal", "Animal.name", "Animal.owner"];
    const text =
      "{ today animal { name owner { ref } } person { ref name income pets { __typename } cars { __typename } assets { __typename } mother { __typename } } }";
    const refused = refusalOf(() => clear(text, without(...names, ...more), { onDenied: "refuse" }));
    expect(refused.message).toContain("and 2 more");
    expect(refused.facts["denied"]).toHaveLength(12);
  });
});

describe("an operation of which nothing is left", () => {
  it.each([
    "{ person { name } }",
    "{ __typename person { name } }",
    "{ ...F } fragment F on Query { person { name } }",
    "{ __schema { queryType { name } } person { name } }",
  ])("is refused with what was withheld: %s", (text) => {
    const refused = refusalOf(() => clear(text, entitle({ "Query.person": "PURPOSE" })));
    expect(refused.code).toBe("OPERATION_EMPTY");
    expect(refused.message).toContain("Query.person (PURPOSE)");
    expect(refused.facts["withheld"]).toEqual([{ path: ["person"], coordinate: "Query.person", reason: "PURPOSE" }]);
  });

  it("has no document when it asked for `__typename` alone", () => {
    const cleared = clear("{ __typename ... { kind: __typename } }", without("Query.person"));
    expect(cleared.document).toBeUndefined();
    expect(cleared.text).toBe("");
    expect(cleared.verdict.size).toBe(0);
  });
});

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

describe("many withheld places", () => {
  it("are refused when they are more than the limit", () => {
    const text = `{ today ${Array.from({ length: 11 }, (_, index) => `p${index}: person { income }`).join(" ")} }`;
    const refused = refusalOf(() => clear(text, without("Person.income"), { withheldPathsMax: 10 }));
    expect(refused.code).toBe("OPERATION_LIMIT");
    expect(refused.facts).toMatchObject({ limit: "withheldPathsMax", value: 11, max: 10 });
    expect(clear(text, without("Person.income"), { withheldPathsMax: 11 }).withheld).toHaveLength(11);
  });

  it("are found without writing nested fragments out, however often they are spread", () => {
    const fragments = Array.from({ length: 60 }, (_, index) => `fragment F${index} on Person { ...F${index + 1} ...F${index + 1} }`);
    const text = `{ person { ...F0 name } } ${fragments.join(" ")} fragment F60 on Person { income }`;
    expect(clear(text, without("Person.income")).withheld).toHaveLength(1);
  });

  it("are refused, not written out, where nested fragments double them at every level", () => {
    const fragments = Array.from(
      { length: 40 },
      (_, index) => `fragment F${index} on Person { a: mother { ...F${index + 1} } b: mother { ...F${index + 1} } }`,
    );
    const text = `{ person { ...F0 name } } ${fragments.join(" ")} fragment F40 on Person { income }`;
    expect(refusalOf(() => clear(text, without("Person.income"))).code).toBe("OPERATION_LIMIT");
  });
});

describe("an unrestricted hub", () => {
  it("denies nothing and still takes introspection out", () => {
    const cleared = clear("{ person(ref: 1) { income } __schema { __typename } }", undefined);
    expect(flat(cleared.text)).toBe("{ person(ref: 1) { income } }");
    expect(cleared.entitlement).toBeUndefined();
    expect(cleared.verdict.get("Person.income")).toEqual({ kind: "allow", by: undefined });
  });
});

describe("the verdict", () => {
  it("holds every coordinate in the order of the document, fragments where they are first used", () => {
    const text = `query($f: PetFilter = { name: "x" }) { person(ref: 1) { ...F pets(order: NAME, filter: $f) { name } } }
      fragment F on Person { income ref }`;
    const cleared = clear(text, without("Person.income"));
    expect([...cleared.verdict.keys()]).toEqual([
      "Query.person",
      "Query.person(ref:)",
      "Person.income",
      "Person.ref",
      "Person.pets",
      "Person.pets(order:)",
      "Order.NAME",
      "Person.pets(filter:)",
      "PetFilter.name",
      "Animal.name",
    ]);
    expect(cleared.verdict.get("Person.income")).toEqual({ kind: "deny", reason: "NOT_IN_AGREEMENT" });
  });
});

it("makes documents that are valid", () => {
  const text =
    "query($a: Boolean!, $r: ID) { person(ref: $r) { ...F } animal { ... on Dog @skip(if: $a) { chip } } } fragment F on Person { income }";
  const cleared = clear(text, without("Person.income", "Dog.chip"));
  expect(flat(cleared.text)).toBe("query ($r: ID) { person(ref: $r) { __typename } animal { __typename } }");
  expect(validate(schema, parse(cleared.text))).toEqual([]);
});
