import { parse } from "graphql";
import { describe, expect, it } from "vitest";
import { validateOperation } from "../../gateway/access/validate.ts";
import { refusalOf, schema } from "./sample.ts";

describe("an operation that is not valid", () => {
  it.each([
    ["a field", "{ person { incom } }", "income"],
    ["a type", "{ ... on Persn { name } }", "Person"],
    ["an argument", "{ people(ordr: NAME) { name } }", "order"],
    ["an enum value", "{ people(order: INCOM) { name } }", "INCOME"],
    ["an input field", "{ person { pets(filter: { incom: 1 }) { name } } }", "income"],
    ["a directive", "{ today @trac }", "@trace"],
  ])("is refused without a hint at the name that was meant: %s", (_what, text, meant) => {
    const refused = refusalOf(() => validateOperation(schema, parse(text)));
    expect(refused.code).toBe("GRAPHQL_VALIDATION_FAILED");
    expect(refused.message.toLowerCase()).not.toContain("did you mean");
    expect(JSON.stringify(refused.facts)).not.toContain(`"${meant}"`);
  });

  it("is refused with the places of its errors", () => {
    const refused = refusalOf(() => validateOperation(schema, parse("{\n  person { nothing }\n  nowhere\n}")));
    expect(refused.facts["errors"]).toMatchObject([{ locations: [{ line: 2, column: 12 }] }, { locations: [{ line: 3, column: 3 }] }]);
  });

  it("is read as far as twenty errors", () => {
    const refused = refusalOf(() =>
      validateOperation(schema, parse(`{ ${Array.from({ length: 500 }, (_, index) => `a${index}`).join(" ")} }`)),
    );
    expect((refused.facts["errors"] as unknown[]).length).toBeLessThanOrEqual(21);
  });

  it("is refused where introspection nests lists in lists, which multiply", () => {
    const text = "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }";
    expect(refusalOf(() => validateOperation(schema, parse(text))).code).toBe("GRAPHQL_VALIDATION_FAILED");
  });
});

it("@defer and @stream are named as what the hub doesn't do, in any operation of the document", () => {
  const refused = refusalOf(() =>
    validateOperation(schema, parse("query A { today } query B { ... @defer { today } people @stream { ref } }")),
  );
  expect(refused.code).toBe("OPERATION_NOT_SUPPORTED");
  expect(refused.facts["features"]).toEqual(["@defer", "@stream"]);
});

it("what is valid passes, several operations included", () => {
  expect(() => validateOperation(schema, parse("query A { today } query B { person { name } }"))).not.toThrow();
});
