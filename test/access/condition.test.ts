import { expect, test } from "vitest";
import { decisionOn } from "../../gateway/access/decision.ts";
import type { Condition, Decision } from "../../policies/engine/words.ts";
import { entitle } from "./sample.ts";

const where: readonly Condition[] = [
  { type: "Person", path: ["isTall"], comparison: { kind: "is", operands: [{ kind: "literal", value: true }] } },
];

test("what an agreement releases under a condition is denied while nothing looks at conditions, masked or not", () => {
  const by = { agreement: "A-1", version: 1 };
  const conditioned: readonly Decision[] = [
    { kind: "allow", by, where },
    { kind: "mask", by, mask: { kind: "exists" }, where },
  ];
  for (const decision of conditioned) {
    const entitlement = { ...entitle(), decisions: new Map([["Person.name", decision]]) };
    expect(decisionOn(entitlement, "Person.name")).toEqual({ kind: "deny", reason: "CONDITION_NOT_SUPPORTED" });
  }
  expect(decisionOn({ ...entitle(), decisions: new Map([["Person.name", { kind: "allow", by }]]) }, "Person.name")).toEqual({
    kind: "allow",
    by,
  });
});
