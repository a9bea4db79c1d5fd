import { expect, test } from "vitest";
import { describeDecision } from "../../policies/engine/cases.ts";
import type { EntitlementQuestion, Policy } from "../../policies/engine/policy.ts";
import { decide, entitlementFor } from "../../policies/engine/policy.ts";
import { agreementText, policyOf } from "./world.ts";

const TODAY = Date.parse("2026-11-24T12:00:00+08:00");

function share(fields: string, more = ""): string {
  return `share: [{ fields: [${fields}], why: Needed${more} }]`;
}

function ask(policy: Policy, coordinate: string, question: Partial<EntitlementQuestion> = {}): string {
  const entitlement = entitlementFor(policy, { bureau: "desk", purpose: "checks", caseReference: undefined, nowMs: TODAY, ...question });
  return describeDecision(decide(entitlement, coordinate));
}

const WHERE = "where: { Person: [{ field: name, is: [$purpose, $bureau] }, { field: born, until: $today }, { field: isTall, is: true }] }";

test("a field under conditions carries them, with what the agreement knows filled in", () => {
  const policy = policyOf(agreementText(share("Person.name, Query.person"), WHERE));
  const entitlement = entitlementFor(policy, { bureau: "desk", purpose: "checks", caseReference: undefined, nowMs: TODAY });
  expect(decide(entitlement, "Query.person")).toEqual({ kind: "allow", by: { agreement: "AB-CD-2026-01", version: 1 } });
  expect(ask(policy, "Person.name")).toBe("allow where");
  expect(decide(entitlement, "Person.name")).toMatchObject({
    kind: "allow",
    where: [
      { type: "Person", path: ["born"], comparison: { kind: "until", operand: { kind: "today" } } },
      { type: "Person", path: ["isTall"], comparison: { kind: "is", operands: [{ kind: "literal", value: true }] } },
      {
        type: "Person",
        path: ["name"],
        comparison: {
          kind: "is",
          operands: [
            { kind: "literal", value: "checks" },
            { kind: "literal", value: "desk" },
          ],
        },
      },
    ],
  });
});

test("what is computed from a field under conditions is denied unless it is under all of them too", () => {
  const name = agreementText(share("Person.name, Person.mood"), "where: { Person: { field: isTall, is: true } }");
  expect(ask(policyOf(name), "Person.mood")).toBe("deny DERIVED_FROM_WITHHELD");
  const rank = (where: string): string =>
    agreementText("agreement: B-1", "provider: roads", share("Person.rank", ", declassifies: [Person.band]"), where);
  expect(ask(policyOf(name, rank("where: { Person: { field: isTall, is: false } }")), "Person.rank")).toBe("deny DERIVED_FROM_WITHHELD");
  expect(ask(policyOf(name, rank("where: { Person: { field: isTall, is: true } }")), "Person.rank")).toBe("allow where");
});

test("a field of an interface is denied where a type's field is under a condition", () => {
  const policy = policyOf(agreementText(share("Person.ref"), "where: { Person: { field: isTall, is: true } }"));
  expect(ask(policy, "Party.ref")).toBe("deny POLYMORPHIC_PARTIAL");
});

test("limits and the basis for matching are carried for the agreements that grant something, and for no others", () => {
  const policy = policyOf(
    agreementText(share("Person.name"), "limits: { subjectsPerRequest: 50 }", "matching: { ground: ordinance, reference: Cap. 1 }"),
    agreementText("agreement: B-1", share("Person.label"), "limits: { requestsPerDay: 5 }", 'requires: { case: "^A$" }'),
  );
  const question = { bureau: "desk", purpose: "checks", caseReference: undefined, nowMs: TODAY };
  const { obligations } = entitlementFor(policy, question);
  expect([...obligations]).toEqual([
    [
      "AB-CD-2026-01",
      {
        by: { agreement: "AB-CD-2026-01", version: 1 },
        limits: { subjectsPerRequest: 50, subjectsPerDay: undefined, requestsPerDay: undefined },
        matching: { ground: "ordinance", reference: "Cap. 1" },
      },
    ],
  ]);
  expect([...entitlementFor(policy, { ...question, caseReference: "A" }).obligations.keys()]).toEqual(["AB-CD-2026-01", "B-1"]);
});

test("pseudonyms of two agreements are neither the same nor the stricter, so that what they give can't be joined", () => {
  const policy = policyOf(agreementText(share("Person.ref", ", mask: pseudonym")));
  const entitlement = entitlementFor(policy, { bureau: "desk", purpose: "checks", caseReference: undefined, nowMs: TODAY });
  expect(decide(entitlement, "Person.ref")).toMatchObject({ kind: "mask", mask: { kind: "pseudonym", key: "AB-CD-2026-01" } });
});
