import { extendSchema, parse } from "graphql";
import { expect, test } from "vitest";
import { listFindings, listOpenArguments } from "../../policies/engine/findings.ts";
import { readGraph } from "../../policies/engine/graph.ts";
import { agreementText, createSchema, policyOf } from "./world.ts";

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

test("what a recipient may give and that carries the name of a field it may not read is found, and not where it may", () => {
  const listed = (fields: string): string =>
    agreementText(share(fields), 'arguments: ["Query.find(filter:)", Filter.and, Filter.born, Filter.area, Area.code]');
  expect(kindsOf(listed("Query.find"))).toEqual(["argument-reads AB-CD-2026-01 Filter.born"]);
  expect(kindsOf(listed("Query.find, Person.born"))).toEqual([]);
  const masked = agreementText("agreement: B-1", share("Person.born", ", mask: year"));
  const asked = agreementText("agreement: B-2", share("Query.find"), 'arguments: ["Query.find(filter:)", Filter.born]');
  expect(kindsOf(masked, asked)).toEqual(["argument-reads B-2 Filter.born"]);
});

test("what every caller may give and that carries the name of a governed field is found with its department, whatever the form of the name", () => {
  const openArguments = (schema: ReturnType<typeof createSchema>): readonly string[] =>
    listOpenArguments({ graph: readGraph(schema), schema }).map(({ coordinate, owners }) => `${coordinate} ${owners.join(" ")}`);
  const schema = createSchema();
  expect(openArguments(schema)).toEqual([]);
  const field = schema.catalogue.fields.get("Query.find");
  if (field === undefined) throw new Error("The graph lacks Query.find.");
  const fields = new Map(schema.catalogue.fields).set("Query.find", {
    ...field,
    classification: { ...field.classification, level: "OPEN" },
  });
  const apiSchema = extendSchema(
    schema.apiSchema,
    parse(
      "extend input Filter { INCOME_from: Int isTallerThan: Int minBand: String } extend input Area { sort: PersonSort } enum PersonSort { NAME_DESC OTHER }",
    ),
  );
  expect(openArguments({ apiSchema, catalogue: { ...schema.catalogue, fields } })).toEqual([
    "Filter.INCOME_from people",
    "Filter.born people",
    "Filter.minBand people",
    "PersonSort.NAME_DESC people",
  ]);
});
