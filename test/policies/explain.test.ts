import { expect, test } from "vitest";
import type { Explanation } from "../../policies/engine/explain.ts";
import { explainField } from "../../policies/engine/explain.ts";
import { isNoteworthy, listFindings } from "../../policies/engine/findings.ts";
import { formatMatrix } from "../../policies/engine/matrix.ts";
import type { Policy } from "../../policies/engine/policy.ts";
import { listReaders } from "../../policies/engine/who.ts";
import { agreementText, policyOf } from "./world.ts";

const TODAY = Date.parse("2026-11-24T12:00:00+08:00");

function share(fields: string, more = ""): string {
  return `share: [{ fields: [${fields}], why: Needed${more} }]`;
}

function explain(policy: Policy, field: string): Explanation {
  const explanation = explainField(policy, { bureau: "desk", purpose: "checks", field, nowMs: TODAY, caseReference: undefined });
  if (explanation === undefined) throw new Error(`${field} is unknown.`);
  return explanation;
}

test("a field that the graph doesn't have is not explained", () => {
  const ask = (field: string): unknown =>
    explainField(policyOf(), { bureau: "desk", purpose: "checks", field, nowMs: TODAY, caseReference: undefined });
  for (const field of [
    "Person.shoe",
    "Person.name(x:)",
    "Party.shoe",
    "",
    "Person",
    "constructor",
    "Order.SIDEWAYS",
    "Filter.shoe",
    "Filter",
  ])
    expect(ask(field)).toBeUndefined();
});

test("a granted field is explained by agreement, clause, place and form", () => {
  const explanation = explain(policyOf(agreementText(share("Person.name", ", mask: exists"))), "Person.name");
  expect(explanation.summary).toBe("desk for checks may read Person.name under the mask exists, by AB-CD-2026-01 version 1.");
  expect(explanation).toMatchObject({
    level: "RESTRICTED",
    owners: ["people"],
    candidates: [
      { agreement: { agreement: "AB-CD-2026-01" }, share: { why: "Needed", place: { file: "agreements/0.yaml", line: 11 } }, gaps: [] },
    ],
  });
});

test("a denied field is explained by what stands between, and the nearest agreement comes first", () => {
  const policy = policyOf(
    agreementText("agreement: A-1", "recipient: lab", share("Person.name")),
    agreementText("agreement: B-1", "purpose: lists", share("Person.name")),
    agreementText(
      "agreement: C-1",
      "valid: { from: 2026-04-01, until: 2026-06-01 }",
      "review: 2026-05-01",
      'requires: { case: "^A$" }',
      share("Person.name"),
    ),
  );
  const { summary, candidates } = explain(policy, "Person.name");
  expect(summary).toBe("desk for checks may not read Person.name: the agreement that shares it has ended.");
  expect(candidates.map(({ agreement, gaps }) => [agreement.agreement, gaps])).toEqual([
    ["C-1", ["it ended on 2026-06-01", "it requires a case reference like ^A$"]],
    ["B-1", ["its purpose is lists, not checks"]],
    ["A-1", ["its recipient is lab, not desk"]],
  ]);
});

test("an inactive agreement says what it lacks", () => {
  const policy = policyOf(agreementText(share("Person.name"), "approvals: [{ post: Head, role: data-owner, on: 2026-03-01 }]"));
  expect(explain(policy, "Person.name").candidates[0]?.gaps).toEqual(["it is inactive: approvals of 1 instead of 2 different posts"]);
  expect(listFindings(policy, { nowMs: TODAY })[0]).toEqual({
    kind: "inactive",
    agreement: "AB-CD-2026-01",
    coordinate: undefined,
    file: "agreements/0.yaml",
    line: 1,
    column: 1,
    message: "AB-CD-2026-01 version 1 is inactive: approvals of 1 instead of 2 different posts.",
  });
  expect(listFindings(policy, { nowMs: TODAY }).map(({ kind }) => kind)).toEqual(["inactive", "single-approval", "review-due"]);
});

test("an argument that isn't listed is explained by the agreement that shares its field", () => {
  const { summary, candidates } = explain(policyOf(agreementText("provider: roads", share("Person.cars"))), "Person.cars(order:)");
  expect(summary).toBe(
    "desk for checks may not use Person.cars(order:): the agreement that shares the field doesn't list Person.cars(order:) under arguments.",
  );
  expect(candidates[0]?.gaps).toEqual(["it doesn't list Person.cars(order:) under arguments"]);
});

test("an input field and an enum's value are explained by the agreements that list them, and by those that ought to", () => {
  const lists = agreementText(
    "agreement: A-1",
    share("Query.find"),
    'arguments: ["Query.find(filter:)", Filter.born, Filter.area, Area.order, Order.DOWN]',
  );
  const policy = policyOf(
    lists,
    agreementText("agreement: B-1", "provider: roads", share("Person.cars"), 'arguments: ["Person.cars(order:)"]'),
  );
  const born = explain(policy, "Filter.born");
  expect(born.summary).toBe("desk for checks may use Filter.born, by A-1 version 1.");
  expect(born.candidates).toMatchObject([{ agreement: { agreement: "A-1" }, place: { file: "agreements/0.yaml", line: 12 }, gaps: [] }]);
  expect(born.parts.map(({ coordinate, decision }) => [coordinate, decision.kind])).toEqual([["Query.find(filter:)", "allow"]]);
  const down = explain(policy, "Order.DOWN");
  expect(down.summary).toBe(
    "desk for checks may not use Order.DOWN: an agreement by which an argument that can hold it may be given doesn't list Order.DOWN under arguments.",
  );
  expect(down.candidates.map(({ agreement, gaps }) => [agreement.agreement, gaps])).toEqual([
    ["A-1", ["B-1, by which Person.cars(order:) may be given, doesn't list Order.DOWN"]],
    ["B-1", ["it doesn't list Order.DOWN under arguments"]],
  ]);
  expect(explain(policy, "Filter.and").candidates[0]?.gaps).toEqual(["it doesn't list Filter.and under arguments"]);
  expect(explain(policyOf(), "Order.UP").summary).toBe("desk for checks may use Order.UP: an OPEN field takes it.");
  expect(explain(policyOf(), "Filter.born").summary).toBe(
    "desk for checks may not use Filter.born: this bureau may give no argument that can hold it.",
  );
});

test("who may give an input field is told with the line that lists it", () => {
  const policy = policyOf(agreementText(share("Query.find"), 'arguments: ["Query.find(filter:)", Filter.born]'));
  expect(listReaders(policy, "Filter.born", TODAY)).toMatchObject([
    { bureau: "desk", purpose: "checks", agreement: { agreement: "AB-CD-2026-01" }, place: { file: "agreements/0.yaml", line: 12 } },
  ]);
  expect(listReaders(policy, "Filter.and", TODAY)).toEqual([]);
  expect(listReaders(policy, "Filter.shoe", TODAY)).toBeUndefined();
});

test("a withheld field names the agreement that withholds it", () => {
  const { summary, withheldBy } = explain(policyOf(agreementText(share("Person.label"), "withhold: [Person.name]")), "Person.name");
  expect(summary).toBe("desk for checks may not read Person.name: an agreement withholds it, whatever others share.");
  expect(withheldBy.map(({ agreement }) => agreement)).toEqual(["AB-CD-2026-01"]);
});

test("a derived field shows its inputs, and a field of an interface its types", () => {
  const policy = policyOf(agreementText("provider: taxes", share("Person.band")));
  expect(explain(policy, "Person.band").parts).toEqual([
    { coordinate: "Person.income", decision: { kind: "deny", reason: "NOT_IN_AGREEMENT" } },
  ]);
  expect(explain(policy, "Party.ref").parts.map(({ coordinate, decision }) => [coordinate, decision.kind])).toEqual([
    ["Company.ref", "allow"],
    ["Person.ref", "deny"],
  ]);
});

test("findings name what is over, what was to be reviewed, and what is shared though it is OPEN", () => {
  const policy = policyOf(
    agreementText("agreement: A-1", share("Person.name"), "valid: { from: 2026-04-01, until: 2026-11-24 }", "review: 2026-11-01"),
    agreementText("agreement: B-1", share("Person.label"), "review: 2026-11-24"),
    agreementText("agreement: C-1", "provider: maps", share("Place.code")),
  );
  expect(
    listFindings(policy, { nowMs: TODAY })
      .filter(isNoteworthy)
      .map(({ file, line, message }) => `${file}:${line} ${message}`),
  ).toEqual([
    "agreements/0.yaml:8 A-1 version 1 is over since 2026-11-24.",
    "agreements/1.yaml:9 B-1 version 1 was to be reviewed by 2026-11-24.",
    "agreements/2.yaml:11 Place.code is OPEN: every caller may read it, and C-1 version 1 adds nothing.",
  ]);
});

test("the matrix has a row for each governed field and argument and a column for each bureau and purpose", () => {
  const policy = policyOf(
    agreementText(share("Person.name", ", mask: exists")),
    agreementText(
      "agreement: B-1",
      "recipient: lab",
      'requires: { case: "^A$" }',
      share("Person.label"),
      "arguments: [Person.label(form:)]",
    ),
  );
  const text = formatMatrix(policy, TODAY);
  expect(text).toContain("# A = desk, checks\n# B = desk, lists\n# C = lab, checks\n");
  const rowOf = (coordinate: string): readonly string[] | undefined =>
    text
      .split("\n")
      .find((line) => line.startsWith(`${coordinate} `))
      ?.split(/ +/);
  expect(rowOf("Person.name")).toEqual(["Person.name", "RESTRICTED", "mask", "-", "-"]);
  expect(rowOf("Person.label(form:)")).toEqual(["Person.label(form:)", "RESTRICTED", "-", "-", "allow*"]);
  expect(rowOf("Query.mystery")).toEqual(["Query.mystery", "CONFIDENTIAL", "-", "-", "-"]);
  expect(rowOf("Place.code")).toBeUndefined();
});
