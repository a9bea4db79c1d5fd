import { expect, test } from "vitest";
import { describeDecision } from "../../policies/engine/cases.ts";
import type { EntitlementQuestion, Policy } from "../../policies/engine/policy.ts";
import { decide, entitlementFor } from "../../policies/engine/policy.ts";
import { agreementText, policyOf } from "./world.ts";

const TODAY = Date.parse("2026-11-24T12:00:00+08:00");
const MIDNIGHT_BEFORE = Date.parse("2026-04-01T00:00:00+08:00");
const MIDNIGHT_AFTER = Date.parse("2027-04-01T00:00:00+08:00");

function share(fields: string, more = ""): string {
  return `share: [{ fields: [${fields}], why: Needed${more} }]`;
}

function ask(policy: Policy, coordinate: string, question: Partial<EntitlementQuestion> = {}): string {
  const entitlement = entitlementFor(policy, { bureau: "desk", purpose: "checks", caseReference: undefined, nowMs: TODAY, ...question });
  return describeDecision(decide(entitlement, coordinate));
}

test("what no agreement shares is denied, and what the graph doesn't have too", () => {
  const policy = policyOf(agreementText(share("Person.name")));
  for (const coordinate of ["Person.born", "Person.shoe", "Query.mystery", "constructor", "__proto__", "", "Query.person(ref:)"]) {
    expect(ask(policy, coordinate)).toBe("deny NOT_IN_AGREEMENT");
  }
});

test("what an agreement shares may be read by its recipient for its purpose, and the decision names agreement and version", () => {
  const policy = policyOf(agreementText(share("Person.name"), "version: 3"));
  const entitlement = entitlementFor(policy, { bureau: "desk", purpose: "checks", caseReference: undefined, nowMs: TODAY });
  expect(decide(entitlement, "Person.name")).toEqual({ kind: "allow", by: { agreement: "AB-CD-2026-01", version: 3 } });
  expect(ask(policy, "Person.name", { purpose: "lists" })).toBe("deny PURPOSE");
  expect(ask(policy, "Person.name", { bureau: "lab" })).toBe("deny NOT_IN_AGREEMENT");
});

test("a bureau and a purpose that nobody knows get OPEN fields and nothing else", () => {
  const policy = policyOf(agreementText(share("Person.name")));
  const question = { bureau: "__proto__", purpose: "constructor", caseReference: undefined, nowMs: TODAY };
  const entitlement = entitlementFor(policy, question);
  expect(decide(entitlement, "Place.code")).toEqual({ kind: "allow", by: undefined });
  expect(
    [...entitlement.decisions]
      .filter(([, decision]) => decision.kind !== "deny")
      .every(([, decision]) => decision.kind === "allow" && decision.by === undefined),
  ).toBe(true);
  expect(ask(policy, "Person.name", question)).toBe("deny NOT_IN_AGREEMENT");
});

test("an agreement begins at midnight in Hong Kong on its first day and ends at midnight of the day after its last", () => {
  const policy = policyOf(agreementText(share("Person.name")));
  expect(ask(policy, "Person.name", { nowMs: MIDNIGHT_BEFORE - 1 })).toBe("deny NOT_YET_VALID");
  expect(ask(policy, "Person.name", { nowMs: MIDNIGHT_BEFORE })).toBe("allow");
  expect(ask(policy, "Person.name", { nowMs: MIDNIGHT_AFTER - 1 })).toBe("allow");
  expect(ask(policy, "Person.name", { nowMs: MIDNIGHT_AFTER })).toBe("deny EXPIRED");
});

test("an entitlement says when the next date changes it", () => {
  const policy = policyOf(
    agreementText(share("Person.name")),
    agreementText(
      "agreement: B-1",
      "purpose: lists",
      share("Person.born"),
      "valid: { from: 2026-06-01, until: 2026-12-01 }",
      "review: 2026-11-01",
    ),
  );
  const changesAt = (nowMs: number): number | undefined =>
    entitlementFor(policy, { bureau: "desk", purpose: "checks", caseReference: undefined, nowMs }).changesAtMs;
  expect(changesAt(0)).toBe(MIDNIGHT_BEFORE);
  expect(changesAt(MIDNIGHT_BEFORE)).toBe(Date.parse("2026-06-01T00:00:00+08:00"));
  expect(changesAt(TODAY)).toBe(Date.parse("2026-12-01T00:00:00+08:00"));
  expect(changesAt(MIDNIGHT_AFTER - 1)).toBe(MIDNIGHT_AFTER);
  expect(changesAt(MIDNIGHT_AFTER)).toBeUndefined();
});

test.each([
  ["a legal basis", "legalBasis"],
  ["a review date", "review"],
  ["approvals", "approvals"],
])("an agreement without %s is inactive: it shares nothing and withholds nothing", (_what, key) => {
  const text = agreementText(share("Person.name"), "withhold: [Person.born]")
    .split("\n")
    .filter((line) => !line.startsWith(`${key}:`))
    .join("\n");
  const policy = policyOf(text, agreementText("agreement: B-1", share("Person.born")));
  expect(ask(policy, "Person.name")).toBe("deny NOT_IN_AGREEMENT");
  expect(ask(policy, "Person.born")).toBe("allow");
});

test("one post that approves twice is one approval", () => {
  const approvals =
    "approvals: [{ post: Head of People, role: data-owner, on: 2026-03-01 }, { post: head of people, role: privacy-officer, on: 2026-03-02 }]";
  expect(ask(policyOf(agreementText(share("Person.name"), approvals)), "Person.name")).toBe("deny NOT_IN_AGREEMENT");
});

test("an agreement that requires a case grants with a case that matches as a whole, and not without", () => {
  const policy = policyOf(agreementText(share("Person.name"), 'requires: { case: "^AB-[0-9]{3}$" }'));
  expect(ask(policy, "Person.name")).toBe("deny CASE_REQUIRED");
  for (const wrong of ["", "AB-12", "AB-1234", "xAB-123", "AB-123\n", "ab-123", "A".repeat(10_000)]) {
    expect(ask(policy, "Person.name", { caseReference: wrong })).toBe("deny CASE_REQUIRED");
  }
  expect(ask(policy, "Person.name", { caseReference: "AB-123" })).toBe("allow");
});

test("what is withheld is denied whoever shares it and whatever the case is, for that bureau and purpose alone", () => {
  const policy = policyOf(
    agreementText(share("Person.label"), "withhold: [Person.name]", 'requires: { case: "^A$" }'),
    agreementText("agreement: B-1", share("Person.name")),
    agreementText("agreement: C-1", share("Person.name"), "purpose: lists"),
  );
  expect(ask(policy, "Person.name")).toBe("deny WITHHELD");
  expect(ask(policy, "Person.name", { caseReference: "A" })).toBe("deny WITHHELD");
  expect(ask(policy, "Person.name", { purpose: "lists" })).toBe("allow");
});

test("of several masks the strictest holds, and the decision rests on its agreement", () => {
  const policy = policyOf(
    agreementText(share("Person.name")),
    agreementText("agreement: B-1", share("Person.name", ", mask: { keep: { first: 2, last: 1 } }")),
    agreementText("agreement: C-1", share("Person.name", ", mask: { keep: { first: 1, last: 1 } }")),
  );
  const entitlement = entitlementFor(policy, { bureau: "desk", purpose: "checks", caseReference: undefined, nowMs: TODAY });
  expect(decide(entitlement, "Person.name")).toEqual({
    kind: "mask",
    mask: { kind: "keep", first: 1, last: 1 },
    by: { agreement: "C-1", version: 1 },
  });
});

test("an argument of a governed field must be listed; one of an OPEN field needn't be", () => {
  const policy = policyOf(agreementText("provider: roads", share("Person.cars"), "arguments: [Person.cars(licensed:)]"));
  expect(ask(policy, "Person.cars(licensed:)")).toBe("allow");
  expect(ask(policy, "Person.cars(order:)")).toBe("deny ARGUMENT_NOT_ALLOWED");
  expect(ask(policy, "Query.places(order:)")).toBe("allow");
});

test("an argument of a field that is denied is denied for the field's reason", () => {
  const policy = policyOf(
    agreementText("provider: roads", share("Person.cars"), "arguments: [Person.cars(licensed:)]", 'requires: { case: "^A$" }'),
  );
  expect(ask(policy, "Person.cars(licensed:)")).toBe("deny CASE_REQUIRED");
  expect(ask(policy, "Person.cars(order:)")).toBe("deny CASE_REQUIRED");
});

test("the arguments are those of the agreement that the field's decision rests on", () => {
  const policy = policyOf(
    agreementText(share("Person.label"), "arguments: [Person.label(form:)]"),
    agreementText("agreement: B-1", share("Person.label", ", mask: exists")),
  );
  expect(ask(policy, "Person.label")).toBe("mask exists");
  expect(ask(policy, "Person.label(form:)")).toBe("deny ARGUMENT_NOT_ALLOWED");
});

test("input fields and enum values may be written where every allowed argument that reaches them allows them, at any depth", () => {
  const nobody = policyOf(agreementText(share("Query.find"), "arguments: [Query.find(first:)]"));
  expect(ask(nobody, "Filter.born")).toBe("deny NOT_IN_AGREEMENT");
  // The OPEN field Query.places reaches these on its own.
  expect(ask(nobody, "Area.code")).toBe("allow");
  expect(ask(nobody, "Order.UP")).toBe("allow");
  const granted = policyOf(agreementText(share("Query.find"), "arguments: [Query.find(filter:), Filter.born, Filter.and, Area.order]"));
  const entitlement = entitlementFor(granted, { bureau: "desk", purpose: "checks", caseReference: undefined, nowMs: TODAY });
  expect(decide(entitlement, "Filter.born")).toEqual({ kind: "allow", by: { agreement: "AB-CD-2026-01", version: 1 } });
  expect(decide(entitlement, "Filter.and")).toEqual({ kind: "allow", by: { agreement: "AB-CD-2026-01", version: 1 } });
  expect(decide(entitlement, "Area.order")).toEqual({ kind: "allow", by: undefined });
  expect(describeDecision(decide(entitlement, "Filter.area"))).toBe("deny ARGUMENT_NOT_ALLOWED");
  expect(describeDecision(decide(entitlement, "Area.code"))).toBe("deny ARGUMENT_NOT_ALLOWED");
});

test("a field that is computed from what the bureau can't read is denied, and so is what is computed from that", () => {
  const policy = policyOf(
    agreementText("provider: taxes", share("Person.band")),
    agreementText("agreement: B-1", "provider: roads", share("Person.rank")),
    agreementText("agreement: C-1", share("Person.name")),
  );
  expect(ask(policy, "Person.band")).toBe("deny DERIVED_FROM_WITHHELD");
  expect(ask(policy, "Person.rank")).toBe("deny DERIVED_FROM_WITHHELD");
});

test("it is readable with its inputs, and not with a masked input", () => {
  const band = agreementText("agreement: B-1", "provider: taxes", share("Person.band"));
  const income = (mask: string): string => agreementText("provider: taxes", share("Person.income", mask));
  expect(ask(policyOf(income(""), band), "Person.band")).toBe("allow");
  expect(ask(policyOf(income(", mask: exists"), band), "Person.band")).toBe("deny DERIVED_FROM_WITHHELD");
});

test("it is readable when an agreement declassifies its inputs", () => {
  const policy = policyOf(agreementText("provider: taxes", share("Person.band", ", declassifies: [Person.income]")));
  expect(ask(policy, "Person.band")).toBe("allow");
  expect(ask(policy, "Person.income")).toBe("deny NOT_IN_AGREEMENT");
});

test("an OPEN field that is computed from a governed one is held to the same rule", () => {
  expect(ask(policyOf(), "Person.mood")).toBe("deny DERIVED_FROM_WITHHELD");
  expect(ask(policyOf(agreementText(share("Person.name"))), "Person.mood")).toBe("allow");
});

test("a field of an interface is readable where every possible type's field is, in the same form", () => {
  expect(ask(policyOf(), "Party.ref")).toBe("deny POLYMORPHIC_PARTIAL");
  expect(ask(policyOf(agreementText(share("Person.ref"))), "Party.ref")).toBe("allow");
  expect(ask(policyOf(agreementText(share("Person.ref", ", mask: exists"))), "Party.ref")).toBe("deny POLYMORPHIC_PARTIAL");
  expect(ask(policyOf(), "Party.label")).toBe("deny NOT_IN_AGREEMENT");
  const labels = (mask: string): Policy =>
    policyOf(
      agreementText(share("Person.label", mask), "arguments: [Person.label(form:)]"),
      agreementText("agreement: B-1", "provider: trade", share("Company.label", mask)),
    );
  expect(ask(labels(""), "Party.label")).toBe("allow");
  expect(ask(labels(", mask: exists"), "Party.label")).toBe("mask exists");
  expect(ask(labels(""), "Party.label(form:)")).toBe("deny POLYMORPHIC_PARTIAL");
});

test("the type's name may always be read, of objects, interfaces and unions", () => {
  for (const type of ["Person", "Party", "Owner", "Query"]) expect(ask(policyOf(), `${type}.__typename`)).toBe("allow");
});

test("every denial whose reason says more than that nothing is agreed stands in the entitlement", () => {
  const policy = policyOf(agreementText(share("Person.name"), "withhold: [Person.born]", 'requires: { case: "^A$" }'));
  const { decisions } = entitlementFor(policy, { bureau: "desk", purpose: "checks", caseReference: undefined, nowMs: TODAY });
  const denied = [...decisions]
    .filter(([, decision]) => decision.kind === "deny")
    .map(([coordinate, decision]) => [coordinate, describeDecision(decision)]);
  expect(Object.fromEntries(denied)).toEqual({
    "Party.ref": "deny POLYMORPHIC_PARTIAL",
    "Person.born": "deny WITHHELD",
    "Person.mood": "deny DERIVED_FROM_WITHHELD",
    "Person.name": "deny CASE_REQUIRED",
  });
});

test("equal questions get the same object, and its id changes with a date, a purpose, a case and the bundle", () => {
  const text = agreementText(share("Person.name"), 'requires: { case: "^A[0-9]$" }');
  const policy = policyOf(text);
  const question = { bureau: "desk", purpose: "checks", caseReference: "A1", nowMs: TODAY };
  const entitlement = entitlementFor(policy, question);
  expect(entitlementFor(policy, { ...question, caseReference: "A2", nowMs: TODAY + 1 })).toBe(entitlement);
  expect(entitlementFor(policyOf(text), question).id).toBe(entitlement.id);
  const others = [
    entitlementFor(policy, { ...question, nowMs: MIDNIGHT_AFTER }),
    entitlementFor(policy, { ...question, purpose: "lists" }),
    entitlementFor(policy, { ...question, caseReference: "B" }),
    entitlementFor(policy, { ...question, bureau: "lab" }),
    entitlementFor(policyOf(text, agreementText("agreement: B-1", "purpose: lists", share("Person.born"))), question),
  ].map(({ id }) => id);
  expect(new Set([entitlement.id, ...others]).size).toBe(6);
});

test("entitlements are kept up to a bound, so that no caller can fill the memory with purposes", () => {
  const policy = policyOf(agreementText(share("Person.name")));
  const askFor = (purpose: string): unknown => entitlementFor(policy, { bureau: "desk", purpose, caseReference: undefined, nowMs: TODAY });
  const first = askFor("0");
  for (let index = 1; index < 1000; index += 1) askFor(String(index));
  expect(askFor("0")).toBe(first);
  askFor("1000");
  expect(askFor("0")).not.toBe(first);
  expect(askFor("0")).toEqual(first);
});
