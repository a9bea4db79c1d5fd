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
