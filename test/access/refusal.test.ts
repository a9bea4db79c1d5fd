import { describe, expect, it } from "vitest";
import { clear, entitle, flat, refusalOf, without } from "./sample.ts";

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
