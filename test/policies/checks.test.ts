import { expect, test } from "vitest";
import { compileBundle } from "../../policies/engine/policy.ts";
import { APPLICATIONS, agreementText, bundleOf, createSchema, filesOf, policyOf, problemsOfCompiling } from "./world.ts";

function share(fields: string, more = ""): string {
  return `share: [{ fields: [${fields}], why: Needed${more} }]`;
}

test.each([
  ["a field that the graph doesn't have", [share("Person.shoe")], "There is no field Person.shoe."],
  ["a field of an interface", [share("Party.ref")], "Party is no concrete type: name the fields of Company, Person instead."],
  ["a field of a union", [share("Owner.ref")], "Owner is no concrete type: name the fields of Company, Person instead."],
  ["a field of an input", [share("Filter.born")], "There is no field Filter.born."],
  ["a field of introspection", [share("Query.schema")], "There is no field Query.schema."],
  ["somebody else's field", [share("Car.mark")], "people doesn't own Car.mark, so it can't decide on it: roads does."],
  ["a field that nobody classified", [share("Query.mystery")], "people doesn't own Query.mystery, so it can't decide on it: nobody does."],
  [
    "somebody else's field among those withheld",
    [share("Person.name"), "withhold: [Car.mark]"],
    "people doesn't own Car.mark, so it can't decide on it: roads does.",
  ],
  [
    "an OPEN field among those withheld",
    [share("Person.name"), "withhold: [Person.mood]"],
    "Person.mood is OPEN: every caller may read it, so it can't be withheld.",
  ],
  [
    "an argument that the field doesn't have",
    [share("Person.name"), "arguments: [Person.name(form:)]"],
    "There is no argument Person.name(form:).",
  ],
  [
    "an input field that no listed argument takes",
    [share("Query.find"), "arguments: [Query.find(first:), Filter.born]"],
    "Filter.born is no input field and no enum value that an argument of this agreement takes.",
  ],
  ["a recipient that is no bureau", [share("Person.name"), "recipient: shop"], "The recipient shop is not a bureau of applications.yaml."],
  ["a purpose that isn't listed", [share("Person.name"), "purpose: other"], "The purpose other is not in purposes.yaml."],
  [
    "a declassification of what the field isn't computed from",
    [share("Person.name", ", declassifies: [Person.income]")],
    "Person.name is not computed from Person.income, so there is nothing to declassify.",
  ],
  [
    "keep on a Date",
    [share("Person.born", ", mask: { keep: { first: 4 } }")],
    "Person.born: The mask keep fits fields of type String or ID, and this is Date.",
  ],
  [
    "exists on a Boolean, which it wouldn't hide",
    [share("Person.isTall", ", mask: exists")],
    "Person.isTall: The mask exists fits fields of type String, ID or a scalar of the departments, and this is Boolean.",
  ],
  ["year on an ID", [share("Person.ref", ", mask: year")], "Person.ref: The mask year fits fields of type Date or String, and this is ID."],
  [
    "band on an ID",
    [share("Person.ref", ", mask: { band: [{ name: a, until: 1 }, { name: b, from: 1 }] }")],
    "Person.ref: The mask band fits fields of type String or a scalar of the departments such as Money, and this is ID.",
  ],
  [
    "exists on an object",
    [share("Query.person", ", mask: exists")],
    "Query.person: The mask exists fits fields of type String, ID or a scalar of the departments, and this is Person.",
  ],
  [
    "year on a scalar that isn't Date",
    [share("Person.income", ", mask: year"), "provider: taxes"],
    "Person.income: The mask year fits fields of type Date or String, and this is Money.",
  ],
])("an agreement with %s doesn't compile", (_what, lines, message) => {
  const problems = problemsOfCompiling(agreementText(...lines));
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(/^agreements\/0\.yaml:\d+ /);
  expect(problems[0]?.slice(problems[0].indexOf(" ") + 1)).toBe(message);
});

test("masks that fit their fields compile", () => {
  expect(() =>
    policyOf(
      agreementText(share("Person.born", ", mask: year")),
      agreementText("agreement: B-1", share("Person.name", ", mask: { keep: { first: 1 } }")),
    ),
  ).not.toThrow();
  const income = share("Person.income", ", mask: { band: [{ name: low, until: 10 }, { name: high, from: 10 }] }");
  expect(() => policyOf(agreementText("provider: taxes", income))).not.toThrow();
});

test("two agreements that share one field the same way with one bureau for one purpose don't compile", () => {
  expect(problemsOfCompiling(agreementText(share("Person.name")), agreementText("agreement: B-1", share("Person.name")))).toEqual([
    "agreements/1.yaml:11 Person.name is shared by AB-CD-2026-01 too, the same way (agreements/0.yaml:11): keep one.",
  ]);
});

test("nor do two with masks of which neither is the stricter", () => {
  const first = agreementText(share("Person.name", ", mask: { keep: { first: 2 } }"));
  const last = agreementText("agreement: B-1", share("Person.name", ", mask: { keep: { last: 1 } }"));
  expect(problemsOfCompiling(first, last)).toEqual([
    "agreements/1.yaml:11 Person.name is shared by AB-CD-2026-01 too, under masks or conditions of which neither is the stricter (agreements/0.yaml:11): keep one.",
  ]);
});

test.each([
  ["for another purpose", ["purpose: lists"]],
  ["with another bureau", ["recipient: lab"]],
  ["after the first has ended", ["valid: { from: 2027-04-01, until: 2028-04-01 }", "review: 2027-12-01"]],
])("sharing the same field again %s is no mistake", (_what, lines) => {
  expect(problemsOfCompiling(agreementText(share("Person.name")), agreementText("agreement: B-1", share("Person.name"), ...lines))).toEqual(
    [],
  );
});

test("a new version follows the old one; it doesn't stand beside it", () => {
  const old = agreementText(share("Person.name"));
  expect(problemsOfCompiling(old, agreementText("version: 2", share("Person.label")))).toEqual([
    "agreements/1.yaml:1 Versions 1 and 2 of AB-CD-2026-01 hold on the same days (the other stands in agreements/0.yaml:1).",
  ]);
  expect(problemsOfCompiling(old, agreementText(share("Person.label")))).toEqual([
    "agreements/1.yaml:1 Version 1 of AB-CD-2026-01 stands in agreements/0.yaml:1 too.",
  ]);
  const next = agreementText("version: 2", share("Person.name"), "valid: { from: 2027-04-01, until: 2028-04-01 }", "review: 2027-12-01");
  expect(problemsOfCompiling(old, next)).toEqual([]);
});

test("an application of an unknown bureau or for an unknown purpose doesn't compile", () => {
  const applications = `${APPLICATIONS}  - { client: shop-app, title: Shop, bureau: shop, purposes: [sales] }\n`;
  const files = filesOf().map((file) => (file.path === "applications.yaml" ? { ...file, text: applications } : file));
  const result = compileBundle(bundleOf(files), createSchema());
  expect(result).toEqual({
    ok: false,
    problems: [
      {
        file: "applications.yaml",
        line: 7,
        column: 5,
        message: "The application shop-app belongs to shop, which is not listed under bureaus.",
      },
      {
        file: "applications.yaml",
        line: 7,
        column: 5,
        message: "The application shop-app names the purpose sales, which is not in purposes.yaml.",
      },
    ],
  });
});

test("a grant with more conditions and a milder mask is neither the stricter nor the looser", () => {
  const conditioned = agreementText(share("Person.name"), "where: { Person: { field: isTall, is: true } }");
  const masked = agreementText("agreement: B-1", share("Person.name", ", mask: exists"));
  const plain = agreementText("agreement: C-1", share("Person.name"));
  expect(problemsOfCompiling(conditioned, masked)).toHaveLength(1);
  expect(problemsOfCompiling(conditioned, plain)).toEqual([]);
});

test.each([
  ["{ field: shoe, is: 1 }", "there is no field Person.shoe"],
  ["{ field: cars, has: A }", "cars gives objects: go on to a field of Car, or use `some`"],
  ["{ field: cars.mark, has: A }", "Person.cars is a list, through which only `some` goes"],
  ["{ field: name, has: A }", "name is no list, which `has` looks into: use `is`"],
  ["{ field: isTall, is: 5 }", "isTall is Boolean, which 5 never equals"],
  ["{ field: name, from: 5 }", "name is String; `from` and `until` compare a Date with a day and a number with a number"],
  ["{ field: born, from: soon }", "born is a Date, and is compared with a day such as 2026-04-01 or with $today"],
  ["{ field: cars, some: { owner: { is: A } } }", "owner gives objects: go on to a field of Owner, or use `some`"],
  ["{ field: name, some: { a: { is: A } } }", "name is no list of objects, which `some` looks through"],
])("an agreement with the condition %s doesn't compile", (condition, why) => {
  expect(problemsOfCompiling(agreementText(share("Person.label"), `where: { Person: ${condition} }`))).toEqual([
    `agreements/0.yaml:12 The condition on Person can't be looked at: ${why}.`,
  ]);
});
