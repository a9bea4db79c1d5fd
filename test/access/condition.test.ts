import { expect, test } from "vitest";
import type { Condition, Decision, Entitlement } from "../../policies/engine/words.ts";
import { clear, entitle, flat, refusalOf } from "./sample.ts";

const by = { agreement: "A-1", version: 1 };

const isNamed: Condition = { type: "Person", path: ["name"], comparison: { kind: "is", operands: [{ kind: "literal", value: "x" }] } };

const hasTallMother: Condition = {
  type: "Person",
  path: ["mother", "name"],
  comparison: { kind: "is", operands: [{ kind: "literal", value: "y" }] },
};

function conditioned(...where: readonly Condition[]): Entitlement {
  const entitlement = entitle();
  const decisions = new Map<string, Decision>(entitlement.decisions);
  decisions.set("Person.income", { kind: "allow", by, where });
  return { ...entitlement, decisions };
}

function cleared(text: string, ...where: readonly Condition[]): string {
  return flat(clear(text, conditioned(...where)).text);
}

test("what a condition looks at is read next to each field that waits for it, under keys of the hub's own", () => {
  expect(cleared("{ person { income } }", isNamed)).toBe("{ person { income _hub_name: name } }");
  expect(cleared("{ person { a: income b: income mother { income } } }", isNamed)).toBe(
    "{ person { a: income b: income mother { income _hub_name: name } _hub_name: name } }",
  );
  expect(cleared("{ person { ...F ref } } fragment F on Person { income }", isNamed)).toBe(
    "{ person { ...F ref } } fragment F on Person { income _hub_name: name }",
  );
  expect(cleared("{ person { ... @include(if: true) { income } } }", isNamed)).toBe(
    "{ person { ... @include(if: true) { income _hub_name: name } } }",
  );
});

test("paths through objects are read as one, and a field without conditions adds nothing", () => {
  expect(cleared("{ person { income } }", isNamed, hasTallMother)).toBe(
    "{ person { income _hub_name: name _hub_mother: mother { _hub_name: name } } }",
  );
  expect(cleared("{ person { ref name } }", isNamed)).toBe("{ person { ref name } }");
});

test("an operation says whether anything in it waits for conditions", () => {
  expect(clear("{ person { income } }", conditioned(isNamed)).isConditioned).toBe(true);
  expect(clear("{ person { name } }", conditioned(isNamed)).isConditioned).toBe(false);
  expect(clear("{ person { income } }", undefined).isConditioned).toBe(false);
});

test("a caller's own key that begins like the hub's is refused, as an alias and anywhere", () => {
  for (const text of ["{ _hub_a: today }", "{ person { ...F } } fragment F on Person { _hub_name: name }"]) {
    expect(refusalOf(() => clear(text, conditioned(isNamed))).code).toBe("OPERATION_NOT_SUPPORTED");
  }
});
