import type { ConstDirectiveNode } from "graphql";
import { buildSchema, isObjectType, valueFromASTUntyped } from "graphql";
import type { Bundle, PolicyFile, Problem } from "../../policies/engine/bundle.ts";
import type { PolicySchema } from "../../policies/engine/graph.ts";
import { parseBundle } from "../../policies/engine/parse.ts";
import type { Policy } from "../../policies/engine/policy.ts";
import { compileBundle } from "../../policies/engine/policy.ts";
import type { CatalogueField, Level } from "../../schema/catalogue.ts";

/** What the small graph's SDL states of each field in place of what composition would. */
const STATEMENT = "directive @own(by: [String!]!, level: String!, requires: [String!]) on FIELD_DEFINITION";

/** A graph that has one of each thing that policies distinguish. */
const SDL = `
  scalar Money
  scalar Date

  type Query {
    person(ref: ID!): Person @own(by: ["people"], level: "RESTRICTED")
    find(filter: Filter, first: Int): [Person] @own(by: ["people"], level: "RESTRICTED")
    cars(order: Order): [Car] @own(by: ["roads"], level: "RESTRICTED")
    places(order: Order, near: Area): [Place] @own(by: ["maps"], level: "OPEN")
    mystery: String
  }

  interface Party {
    ref: ID
    label(form: Order): String
  }

  type Person implements Party {
    ref: ID @own(by: ["people", "roads"], level: "RESTRICTED")
    label(form: Order): String @own(by: ["people"], level: "RESTRICTED")
    name: String @own(by: ["people"], level: "RESTRICTED")
    born: Date @own(by: ["people"], level: "RESTRICTED")
    income: Money @own(by: ["taxes"], level: "CONFIDENTIAL")
    band: String @own(by: ["taxes"], level: "CONFIDENTIAL", requires: ["Person.income"])
    rank: String @own(by: ["roads"], level: "RESTRICTED", requires: ["Person.band", "Person.name"])
    mood: String @own(by: ["people"], level: "OPEN", requires: ["Person.name"])
    cars(licensed: Boolean, order: Order): [Car] @own(by: ["roads"], level: "RESTRICTED")
    isTall: Boolean @own(by: ["people"], level: "RESTRICTED")
  }

  type Company implements Party {
    ref: ID @own(by: ["trade"], level: "OPEN")
    label(form: Order): String @own(by: ["trade"], level: "RESTRICTED")
  }

  union Owner = Person | Company

  type Car {
    mark: ID @own(by: ["roads"], level: "RESTRICTED")
    owner: Owner @own(by: ["roads"], level: "RESTRICTED")
    seller: Person @own(by: ["roads"], level: "RESTRICTED")
    egg: String @own(by: ["roads"], level: "RESTRICTED", requires: ["Car.hen"])
    hen: String @own(by: ["roads"], level: "RESTRICTED", requires: ["Car.egg"])
  }

  type Place {
    code: ID @own(by: ["maps"], level: "OPEN")
  }

  input Filter {
    born: Date
    area: Area
    and: [Filter!]
  }

  input Area {
    code: ID
    order: Order
  }

  enum Order {
    UP
    DOWN
  }
`;

/** The small graph with its catalogue. */
export function createSchema(): PolicySchema {
  const apiSchema = buildSchema(STATEMENT + SDL);
  const fields = new Map<string, CatalogueField>();
  for (const type of Object.values(apiSchema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith("__")) continue;
    for (const field of Object.values(type.getFields())) {
      const coordinate = `${type.name}.${field.name}`;
      const own = field.astNode?.directives?.find(({ name }) => name.value === "own");
      fields.set(coordinate, {
        coordinate,
        owners: (read(own, "by") as string[] | undefined) ?? [],
        classification: { level: (read(own, "level") as Level | undefined) ?? "CONFIDENTIAL", personal: true, identifier: "NONE" },
        type: String(field.type),
        description: undefined,
        requires: (read(own, "requires") as string[] | undefined) ?? [],
        maxAgeSeconds: undefined,
      });
    }
  }
  return { apiSchema, catalogue: { fields, unclassified: ["Query.mystery"] } };
}

function read(directive: ConstDirectiveNode | undefined, name: string): unknown {
  const value = directive?.arguments?.find((argument) => argument.name.value === name)?.value;
  return value === undefined ? undefined : valueFromASTUntyped(value);
}

export const PURPOSES = `
purposes:
  - { code: checks, title: Checks, description: Checking things. }
  - { code: lists, title: Lists, description: Listing things. }
`;

export const APPLICATIONS = `
bureaus:
  - { code: desk, title: The desk }
  - { code: lab, title: The lab }
applications:
  - { client: desk-app, title: The desk's application, bureau: desk, purposes: [checks, lists] }
`;

/** The lines of an agreement that is complete but for what it shares. `lines` come after them, and win over a line with the same key. */
export function agreementText(...lines: readonly string[]): string {
  const keyOf = (line: string): string => line.split(":")[0] ?? line;
  const given = new Set(lines.flatMap((line) => line.split("\n")).map(keyOf));
  const complete = [
    "agreement: AB-CD-2026-01",
    "version: 1",
    "title: People for the desk",
    "provider: people",
    "recipient: desk",
    "purpose: checks",
    'legalBasis: { ordinance: "Cap. 1", section: "2", kind: statute }',
    "valid: { from: 2026-04-01, until: 2027-04-01 }",
    "review: 2027-01-15",
    "approvals: [{ post: Head of People, role: data-owner, on: 2026-03-01 }, { post: Privacy Officer, role: privacy-officer, on: 2026-03-02 }]",
  ];
  return [...complete.filter((line) => !given.has(keyOf(line))), ...lines, ""].join("\n");
}

/** The files of a policies folder with these agreements, `agreements/0.yaml` and on. */
export function filesOf(...agreements: readonly string[]): readonly PolicyFile[] {
  return [
    { path: "purposes.yaml", text: PURPOSES },
    { path: "applications.yaml", text: APPLICATIONS },
    ...agreements.map((text, index) => ({ path: `agreements/${index}.yaml`, text })),
  ];
}

/** The problems that parsing finds, as `file:line message`; empty when there are none. */
export function problemsOfParsing(files: readonly PolicyFile[]): readonly string[] {
  const result = parseBundle(files);
  return result.ok ? [] : result.problems.map((problem) => printProblem(problem));
}

/** A bundle that must parse. */
export function bundleOf(files: readonly PolicyFile[]): Bundle {
  const result = parseBundle(files);
  if (!result.ok) throw new Error(result.problems.map((problem) => printProblem(problem)).join("\n"));
  return result.bundle;
}

/** The problems that compilation finds. */
export function problemsOfCompiling(...agreements: readonly string[]): readonly string[] {
  const result = compileBundle(bundleOf(filesOf(...agreements)), createSchema());
  return result.ok ? [] : result.problems.map((problem) => printProblem(problem));
}

/** A policy that must compile. */
export function policyOf(...agreements: readonly string[]): Policy {
  const result = compileBundle(bundleOf(filesOf(...agreements)), createSchema());
  if (!result.ok) throw new Error(result.problems.map((problem) => printProblem(problem)).join("\n"));
  return result.policy;
}

function printProblem({ file, line, message }: Problem): string {
  return `${file}:${line} ${message}`;
}
