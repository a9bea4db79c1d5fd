import { expect, test } from "vitest";
import { listFindings } from "../../policies/engine/findings.ts";
import { agreementText, policyOf } from "./world.ts";

const TODAY = Date.parse("2026-11-24T12:00:00+08:00");

function share(fields: string, more = ""): string {
  return `share: [{ fields: [${fields}], why: Needed${more} }]`;
}

function kindsOf(...agreements: readonly string[]): readonly string[] {
  return listFindings(policyOf(...agreements), { nowMs: TODAY, daysAhead: 1 }).map(
    ({ kind, agreement, coordinate }) => `${kind} ${agreement}${coordinate === undefined ? "" : ` ${coordinate}`}`,
  );
}

test("agreements in order give no findings", () => {
  expect(kindsOf(agreementText(share("Person.name")))).toEqual([]);
});

test("a grant that a stricter one or a withholding overrides on all of its days is shadowed, and one that outlives it is not", () => {
  const strict = agreementText("agreement: B-1", share("Person.name", ", mask: exists"));
  expect(kindsOf(agreementText(share("Person.name")), strict)).toEqual(["shadowed AB-CD-2026-01 Person.name"]);
  const short = agreementText("agreement: B-1", share("Person.name", ", mask: exists"), "valid: { from: 2026-04-01, until: 2027-01-15 }");
  expect(kindsOf(agreementText(share("Person.name")), short)).toEqual([]);
  const withCase = agreementText("agreement: B-1", share("Person.name", ", mask: exists"), 'requires: { case: "^A$" }');
  expect(kindsOf(agreementText(share("Person.name")), withCase)).toEqual([]);
  expect(kindsOf(agreementText(share("Person.name"), "withhold: [Person.name]"))).toEqual(["shadowed AB-CD-2026-01 Person.name"]);
});

test("a mask that is milder for another bureau or purpose is found, and not the same one", () => {
  const masked = agreementText(share("Person.name", ", mask: exists"));
  const milder = agreementText("agreement: B-1", "recipient: lab", share("Person.name", ", mask: year"));
  expect(kindsOf(masked, milder)).toEqual(["weaker-elsewhere AB-CD-2026-01 Person.name"]);
  expect(kindsOf(masked, agreementText("agreement: B-1", "recipient: lab", share("Person.name", ", mask: exists")))).toEqual([]);
});

test("what nobody read is unused only where it is known what was read", () => {
  const policy = policyOf(agreementText(share("Person.name, Person.label")));
  const kinds = (used: ReadonlySet<string> | undefined): readonly string[] =>
    listFindings(policy, { nowMs: TODAY, daysAhead: 1, used }).map(({ kind, coordinate }) => `${kind} ${coordinate ?? ""}`);
  expect(kinds(undefined)).toEqual([]);
  expect(kinds(new Set(["AB-CD-2026-01 Person.name"]))).toEqual(["unused Person.label"]);
});
