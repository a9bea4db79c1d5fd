import { expect, test } from "vitest";
import { findApplication } from "../../policies/engine/bundle.ts";
import { APPLICATIONS, agreementText, bundleOf, filesOf, PURPOSES, problemsOfParsing } from "./world.ts";

const SHARE = "share: [{ fields: [Person.name], why: Needed }]";

/** Problems of one agreement. The agreement's own 10 lines come first, so what is given begins at line 11, less one for each line replaced. */
function problemsOf(...lines: readonly string[]): readonly string[] {
  return problemsOfParsing(filesOf(agreementText(...lines)));
}

test.each([
  ["a key that nobody knows", ["colour: red", SHARE], "agreements/0.yaml:11 `colour` is not a known key."],
  [
    "a condition on a type of which nothing is shared",
    [SHARE, "where: { Car: { field: mark, is: A } }"],
    "agreements/0.yaml:12 The agreement shares no field of Car, so there is nothing to condition.",
  ],
  [
    "a condition that compares with nothing",
    [SHARE, "where: { Person: { field: isTall } }"],
    "agreements/0.yaml:12 The condition on Person must compare the field with something: is, has, from, until or some.",
  ],
  [
    "a condition with an unknown variable",
    [SHARE, "where: { Person: { field: name, is: $officer } }"],
    "agreements/0.yaml:12 The condition on Person doesn't know $officer: there are $purpose, $bureau, $today and $case.",
  ],
  ["a condition of no shape", [SHARE, "where: { Person: always }"], "agreements/0.yaml:12 `Person` must be a condition such as"],
  [
    "an unknown key of a condition",
    [SHARE, "where: { Person: { field: name, like: x } }"],
    "agreements/0.yaml:12 `like` is not a known key.",
  ],
  ["a limit of nothing", [SHARE, "limits: { subjectsPerDay: 0 }"], "agreements/0.yaml:12 `subjectsPerDay` must be 1 or more."],
  ["an unknown limit", [SHARE, "limits: { rows: 5 }"], "agreements/0.yaml:12 `rows` is not a known key."],
  ["limits without any", [SHARE, "limits: {}"], "agreements/0.yaml:12 `limits` must set one limit at least."],
  [
    "a ground for matching that the law doesn't have",
    [SHARE, "matching: { ground: convenience, reference: A }"],
    "agreements/0.yaml:12 `ground` must be one of consent, commissioner, class, ordinance.",
  ],
  [
    "an author who approves it",
    [SHARE, "author: head of people"],
    "agreements/0.yaml:10 Head of People drafted the agreement, so it can't approve it.",
  ],
  [
    "an unknown key of a share",
    ["share:", "  - fields: [Person.name]", "    why: Needed", "    rows: [1]"],
    "agreements/0.yaml:14 `rows` is not a known key.",
  ],
  [
    "a mask that nobody knows",
    ["share:", "  - fields: [Person.name]", "    why: Needed", "    mask: { rot13: true }"],
    "agreements/0.yaml:14 `rot13` names an unknown mask; known are year, exists, initials, district, pseudonym, keep and band.",
  ],
  [
    "a mask without a value",
    ["share: [{ fields: [Person.name], why: Needed, mask: }]"],
    "agreements/0.yaml:11 `mask` must be a mask: year, exists, initials, district, pseudonym, { keep: ... } or { band: ... }.",
  ],
  [
    "two masks at once",
    ["share: [{ fields: [Person.name], why: Needed, mask: { keep: { last: 1 }, band: [] } }]"],
    "agreements/0.yaml:11 `mask` must name exactly one mask.",
  ],
  [
    "a mask that keeps nothing",
    ["share: [{ fields: [Person.name], why: Needed, mask: { keep: {} } }]"],
    "agreements/0.yaml:11 `keep` must keep one character at least; leave the field out otherwise.",
  ],
  [
    "a mask that keeps too much",
    ["share: [{ fields: [Person.name], why: Needed, mask: { keep: { first: 99 } } }]"],
    "agreements/0.yaml:11 `first` must be a whole number from 0 to 16.",
  ],
  [
    "an unknown setting of a mask",
    ["share: [{ fields: [Person.name], why: Needed, mask: { keep: { middle: 2 } } }]"],
    "agreements/0.yaml:11 `middle` is not a setting of `keep`: only first and last are.",
  ],
  [
    "bands that overlap",
    [
      "share:",
      "  - fields: [Person.income]",
      "    why: Needed",
      "    mask:",
      "      band:",
      "        - { name: low, until: 10 }",
      "        - { name: high, from: 9 }",
    ],
    "agreements/0.yaml:17 `band` must begin where the band before it ends, or later: bands stand in order and don't overlap.",
  ],
  [
    "bands of one name",
    [
      "share:",
      "  - fields: [Person.income]",
      "    why: Needed",
      "    mask:",
      "      band:",
      "        - { name: low, until: 10 }",
      "        - { name: low, from: 10 }",
    ],
    "agreements/0.yaml:17 `name` is the name of another band too.",
  ],
  [
    "a field that isn't one",
    ["share: [{ fields: [Person.name.en], why: Needed }]"],
    "agreements/0.yaml:11 `fields` must be a field written Type.field, such as Vehicle.class (arguments stand under `arguments`).",
  ],
  [
    "a wildcard",
    ['share: [{ fields: ["Person.*"], why: Needed }]'],
    "agreements/0.yaml:11 `fields` must be a field written Type.field, such as Vehicle.class (arguments stand under `arguments`).",
  ],
  ["a field without a reason", ["share: [{ fields: [Person.name] }]"], "agreements/0.yaml:11 `why` is missing."],
  [
    "a field shared twice",
    ["share: [{ fields: [Person.name, Person.name], why: Needed }]"],
    "agreements/0.yaml:11 Person.name stands here for the second time.",
  ],
  [
    "an argument of a field that isn't shared",
    [SHARE, "arguments: [Query.person(ref:)]"],
    "agreements/0.yaml:12 Query.person(ref:) is an argument of Query.person, which the agreement doesn't share.",
  ],
  ["nothing shared and nothing withheld", [], "agreements/0.yaml:1 The agreement shares nothing and withholds nothing."],
  [
    "an agreement that ends before it begins",
    ["valid: { from: 2026-04-01, until: 2026-03-31 }", "review: 2026-03-31", SHARE],
    "agreements/0.yaml:9 `until` must be later than `from`: it is the first day on which the agreement doesn't hold any more.",
  ],
  [
    "a day that doesn't exist",
    ["valid: { from: 2026-02-30, until: 2027-04-01 }", SHARE],
    "agreements/0.yaml:10 `from` must be a day such as 2026-04-01.",
  ],
  [
    "a year with a slip",
    ["valid: { from: 0206-04-01, until: 2027-04-01 }", SHARE],
    "agreements/0.yaml:10 `from` must be a day such as 2026-04-01.",
  ],
  [
    "a review after more than twelve months",
    ["valid: { from: 2026-04-01, until: 2028-04-01 }", "review: 2027-04-02", SHARE],
    "agreements/0.yaml:10 `review` must be at most 12 months after the agreement takes effect: 2027-04-01 or earlier.",
  ],
  [
    "a review after the end",
    ["valid: { from: 2026-04-01, until: 2026-06-01 }", SHARE],
    "agreements/0.yaml:8 `review` must lie within the time for which the agreement holds.",
  ],
  [
    "an approval that comes after the agreement takes effect",
    ["approvals: [{ post: Head, role: data-owner, on: 2026-04-02 }]", SHARE],
    "agreements/0.yaml:10 The approval is dated 2026-04-02, after the agreement takes effect: let `from` be that day or a later one.",
  ],
  [
    "a role that isn't one",
    ["approvals: [{ post: Head, role: boss, on: 2026-03-02 }]", SHARE],
    "agreements/0.yaml:10 `role` must be one of data-owner, data-user, privacy-officer, legal-adviser.",
  ],
  [
    "a case pattern without its end",
    ['requires: { case: "^HD-[0-9]{7}" }', SHARE],
    "agreements/0.yaml:11 `case` must start with ^ and end with $, so that it holds for the whole case reference.",
  ],
  ["a number where text belongs", ["title: 7", SHARE], "agreements/0.yaml:10 `title` must be text: write it in quotes."],
  ["text where a map belongs", ["valid: always", SHARE], "agreements/0.yaml:10 `valid` must be a map of keys and values."],
  [
    "a repeated key",
    [SHARE, "provider: people", "provider: roads"],
    "agreements/0.yaml:12 The YAML can't be read: Map keys must be unique.",
  ],
  [
    "an anchor",
    ["share: &shares [{ fields: [Person.name], why: Needed }]"],
    "agreements/0.yaml:11 Anchors are not used in policy files: write the value out.",
  ],
  ["a tag", ["title: !!str 7", SHARE], "agreements/0.yaml:10 Tags are not used in policy files: write the value out."],
  ["broken YAML", ["share: [{ fields"], "agreements/0.yaml:12 The YAML can't be read: "],
  ["a second document", [SHARE, "---", "agreement: X"], "agreements/0.yaml:11 The file holds more than one YAML document."],
])("an agreement file with %s is invalid, and the problem names the line", (_what, lines, problem) => {
  const problems = problemsOf(...lines);
  expect(problems[0]).toContain(problem);
});

test("an alias is refused before it is followed, so that nothing can grow without bound", () => {
  const levels = Array.from({ length: 12 }, (_, level) => `a${level}: &a${level} [${`*a${level - 1}, `.repeat(level === 0 ? 0 : 9)}]`);
  const problems = problemsOfParsing([...filesOf(), { path: "agreements/bomb.yaml", text: levels.join("\n") }]);
  expect(problems.every((problem) => /Anchors|Aliases/.test(problem))).toBe(true);
  expect(problems).toHaveLength(12 + 11 * 9);
});

test("a deeply nested file is a problem, not a crash", () => {
  const [problem] = problemsOfParsing([...filesOf(), { path: "agreements/deep.yaml", text: "[".repeat(60_000) }]);
  expect(problem).toMatch(/^agreements\/deep\.yaml:1 The YAML can't be read: /);
});

test("a file that is too long, and too many files, are refused", () => {
  expect(problemsOfParsing([...filesOf(), { path: "agreements/long.yaml", text: "#".repeat(65_537) }])).toEqual([
    "agreements/long.yaml:1 The file is longer than 65536 characters.",
  ]);
  const many = Array.from({ length: 2001 }, (_, index) => ({ path: `agreements/${index}.yaml`, text: "" }));
  expect(problemsOfParsing(many)).toEqual(["policies:1 There are more than 2000 policy files."]);
});

test("a file that belongs nowhere, and one that is missing, make the bundle invalid", () => {
  expect(
    problemsOfParsing([
      { path: "agreements/old/x.yaml", text: "" },
      { path: "agreements/y.yml", text: "" },
      { path: "purposes.yaml", text: PURPOSES },
    ]),
  ).toEqual([
    "agreements/old/x.yaml:1 This is no policy file: agreements/NAME.yaml, cases/NAME.yaml, purposes.yaml and applications.yaml are.",
    "agreements/y.yml:1 This is no policy file: agreements/NAME.yaml, cases/NAME.yaml, purposes.yaml and applications.yaml are.",
    "applications.yaml:1 The file is missing.",
  ]);
});

test("every problem of a file is told at once", () => {
  expect(problemsOf("colour: red", "purpose: Checks", "share: [{ fields: [Person.name] }]")).toHaveLength(3);
});

test("an empty agreement file says what is missing", () => {
  expect(problemsOfParsing([...filesOf(), { path: "agreements/empty.yaml", text: "" }])).toEqual([
    "agreements/empty.yaml:1 The file must be a map of keys and values.",
  ]);
});

test("codes and clients stand once", () => {
  const purposes = `${PURPOSES}  - { code: checks, title: Checks, description: Again. }\n`;
  const applications = `${APPLICATIONS}  - { client: desk-app, title: Twin, bureau: desk, purposes: [checks] }\n`;
  expect(
    problemsOfParsing([
      { path: "purposes.yaml", text: purposes },
      { path: "applications.yaml", text: applications },
    ]),
  ).toEqual([
    "applications.yaml:7 desk-app stands in this file for the second time.",
    "purposes.yaml:5 checks stands in this file for the second time.",
  ]);
});

test("a key named __proto__ is an unknown key and changes no prototype", () => {
  expect(problemsOf("__proto__: { polluted: true }", SHARE)).toEqual(["agreements/0.yaml:11 `__proto__` is not a known key."]);
  expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
});

test("a client is found by its id, and an unknown one isn't", () => {
  const bundle = bundleOf(filesOf());
  expect(findApplication(bundle, "desk-app")).toMatchObject({ bureau: "desk", purposes: ["checks", "lists"] });
  expect(findApplication(bundle, "constructor")).toBeUndefined();
});

test("the hash is that of what is said: not of comments, layout, the order of keys, or file names", () => {
  const text = agreementText(SHARE);
  const other = `# A comment\n${text.split("\n").filter(Boolean).reverse().join("\n\n")}\n`;
  const renamed = filesOf(other).map((file) => ({ ...file, path: file.path.replace("/0.", "/renamed.") }));
  expect(bundleOf(renamed).hash).toBe(bundleOf(filesOf(text)).hash);
});

test.each([
  ["a field", agreementText("share: [{ fields: [Person.label], why: Needed }]")],
  ["a mask", agreementText("share: [{ fields: [Person.name], why: Needed, mask: exists }]")],
  ["a reason", agreementText("share: [{ fields: [Person.name], why: Wanted }]")],
  ["a day", agreementText("valid: { from: 2026-04-02, until: 2027-04-01 }", SHARE)],
  ["an approval", agreementText("approvals: [{ post: Head, role: data-owner, on: 2026-03-01 }]", SHARE)],
  ["something withheld", agreementText(SHARE, "withhold: [Person.income]")],
  ["a case", agreementText(SHARE, 'requires: { case: "^A$" }')],
  ["a condition", agreementText(SHARE, "where: { Person: { field: isTall, is: true } }")],
  ["a limit", agreementText(SHARE, "limits: { subjectsPerDay: 5 }")],
  ["a basis for matching", agreementText(SHARE, "matching: { ground: consent, reference: Form 1 }")],
  ["an author", agreementText(SHARE, "author: Clerk")],
  ["the version", agreementText(SHARE, "version: 2")],
])("the hash changes with %s", (_what, text) => {
  expect(bundleOf(filesOf(text)).hash).not.toBe(bundleOf(filesOf(agreementText(SHARE))).hash);
});
