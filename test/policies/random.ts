import { isEnumType, isInputObjectType, isInterfaceType, isObjectType } from "graphql";
import type { Bundle } from "../../policies/engine/bundle.ts";
import { parseBundle } from "../../policies/engine/parse.ts";
import type { EntitlementQuestion, Policy } from "../../policies/engine/policy.ts";
import { compileBundle } from "../../policies/engine/policy.ts";
import { fc } from "../services/fc.ts";
import { createSchema, filesOf } from "./world.ts";

/** The small graph that random agreements are about. */
export const schema = createSchema();

/** Every coordinate of the graph and some that it doesn't have. */
export const coordinates = listCoordinates();

/** Fields by the department that may share them, with their arguments. */
const owned: readonly {
  readonly provider: string;
  readonly field: string;
  readonly masks: readonly string[];
  readonly requires: readonly string[];
}[] = [...schema.catalogue.fields.values()].flatMap(({ coordinate, owners, type, requires }) =>
  owners.map((provider) => ({ provider, field: coordinate, masks: masksOf(type), requires })),
);

/** Days at which random agreements begin and end. */
export const days = ["2026-01-01", "2026-04-01", "2026-04-02", "2027-01-01"];

const purposes = ["checks", "lists"];

const bureaus = ["desk", "lab"];

function masksOf(type: string): readonly string[] {
  if (type === "String")
    return [
      "keep: { first: 1 }",
      "keep: { first: 1, last: 1 }",
      "keep: { last: 2 }",
      "year",
      "exists",
      "initials",
      "district",
      "pseudonym",
      "band: [{ name: a, until: 1 }, { name: b, from: 1 }]",
    ];
  if (type === "ID") return ["keep: { last: 2 }", "exists", "pseudonym"];
  if (type === "Date") return ["year", "exists"];
  return type === "Money" ? ["exists", "band: [{ name: a, until: 1 }, { name: b, from: 1 }]"] : [];
}

function listCoordinates(): readonly string[] {
  const found = [
    "Person.shoe",
    "Person.name(x:)",
    "Shoe.size",
    "Order.SIDEWAYS",
    "Filter.shoe",
    "Party.shoe",
    "Party.ref(x:)",
    "nothing",
    "Filter",
    "",
  ];
  for (const type of Object.values(schema.apiSchema.getTypeMap())) {
    found.push(`${type.name}.__typename`);
    if (isEnumType(type)) found.push(...type.getValues().map(({ name }) => `${type.name}.${name}`));
    if (!isObjectType(type) && !isInterfaceType(type) && !isInputObjectType(type)) continue;
    const fields: readonly { readonly name: string; readonly args?: readonly { readonly name: string }[] }[] = Object.values(
      type.getFields(),
    );
    for (const field of fields) {
      found.push(`${type.name}.${field.name}`);
      found.push(...(field.args ?? []).map(({ name }) => `${type.name}.${field.name}(${name}:)`));
    }
  }
  return found.filter((coordinate) => !coordinate.startsWith("__"));
}

const shareArbitrary = fc.record({
  pick: fc.nat(),
  mask: fc.option(fc.nat(), { freq: 2 }),
  hasArguments: fc.nat({ max: 3 }),
  isDeclassifying: fc.boolean(),
});

/** Conditions by a name: of one step and of several, on one object and on some of a list, with all that is known of a request. */
const CONDITIONS: Readonly<Record<string, { readonly type: string; readonly text: string }>> = {
  tall: { type: "Person", text: "{ field: isTall, is: true }" },
  name: { type: "Person", text: "{ field: name, is: [$bureau, x] }" },
  named: { type: "Person", text: "{ field: name, is: [x, $case, $bureau] }" },
  born: { type: "Person", text: "{ field: born, from: 1990-01-01, until: $today }" },
  cars: { type: "Person", text: "{ field: cars, some: { mark: { is: $case }, seller.born: { until: $today } } }" },
  bought: { type: "Person", text: "{ field: cars, some: { seller.born: { until: $today }, mark: { is: $case } } }" },
  seller: { type: "Car", text: "{ field: seller.name, is: [$purpose, $case] }" },
  sellers: { type: "Car", text: "{ field: seller.cars, some: { seller.isTall: { is: true } } }" },
};

/** An agreement before it is written. */
export const agreementArbitrary = fc.record({
  provider: fc.constantFrom("people", "roads", "taxes", "trade"),
  // One bureau and purpose are more frequent, so that agreements meet.
  recipient: fc.constantFrom("desk", "desk", "desk", "lab"),
  purpose: fc.constantFrom("checks", "checks", "checks", "lists"),
  from: fc.constantFrom(0, 0, 1, 2),
  length: fc.constantFrom(3, 3, 2, 1),
  pattern: fc.constantFrom(undefined, undefined, undefined, "^A-[0-9]$", "^A-1$", "^B?-[0-9]{1,2}$"),
  missing: fc.constantFrom("", "", "", "", "", "legalBasis", "review", "approvals", "twin"),
  where: fc.oneof(
    { weight: 1, arbitrary: fc.constant<readonly string[]>([]) },
    { weight: 1, arbitrary: fc.subarray(Object.keys(CONDITIONS), { minLength: 2, maxLength: 6 }) },
  ),
  hasInputs: fc.nat({ max: 20 }),
  shares: fc.uniqueArray(shareArbitrary, { minLength: 2, maxLength: 10, size: "max", selector: ({ pick }) => pick }),
  withholds: fc.oneof({ weight: 3, arbitrary: fc.constant<number[]>([]) }, { weight: 1, arbitrary: fc.array(fc.nat(), { maxLength: 2 }) }),
});

export type AgreementSeed = typeof agreementArbitrary extends fc.Arbitrary<infer Value> ? Value : never;

function writeAgreement(seed: AgreementSeed, index: number): string {
  const fields = owned.filter(({ provider }) => provider === seed.provider);
  const shared = new Set<string>();
  const listed: string[] = [];
  const lines: string[] = [];
  for (const { pick, mask, hasArguments, isDeclassifying } of seed.shares) {
    const field = fields[pick % fields.length];
    if (field === undefined || shared.has(field.field)) continue;
    shared.add(field.field);
    lines.push(`  - fields: [${field.field}]`, "    why: Needed");
    const chosen = mask === null ? undefined : field.masks[mask % Math.max(field.masks.length, 1)];
    if (chosen !== undefined) lines.push(chosen.includes(":") ? `    mask: { ${chosen} }` : `    mask: ${chosen}`);
    if (isDeclassifying && field.requires.length > 0)
      lines.push(`    declassifies: [${field.requires.slice(0, 1 + (pick % field.requires.length)).join(", ")}]`);
    const args = coordinates.filter((coordinate) => coordinate.startsWith(`${field.field}(`) && coordinate !== "Person.name(x:)");
    listed.push(...args.slice(0, hasArguments));
  }
  const inputs = inputsOf(listed);
  listed.push(...inputs.slice(0, seed.hasInputs));
  const withheld = new Set(
    seed.withholds.flatMap((pick) => {
      const field = fields[pick % fields.length]?.field;
      return field === undefined || schema.catalogue.fields.get(field)?.classification.level === "OPEN" ? [] : [field];
    }),
  );
  const from = days[seed.from] ?? "";
  const until = days[Math.min(seed.from + seed.length, days.length - 1)] ?? "";
  const second = seed.missing === "twin" ? "head" : "Privacy Officer";
  return [
    `agreement: A-${index}`,
    "version: 1",
    "title: Random",
    `provider: ${seed.provider}`,
    `recipient: ${seed.recipient}`,
    `purpose: ${seed.purpose}`,
    seed.missing === "legalBasis" ? "" : "legalBasis: { ordinance: A, section: B, kind: statute }",
    `valid: { from: ${from}, until: ${until} }`,
    seed.missing === "review" ? "" : `review: ${until}`,
    seed.missing === "approvals"
      ? ""
      : `approvals: [{ post: Head, role: data-owner, on: 2025-12-01 }, { post: ${second}, role: privacy-officer, on: 2025-12-01 }]`,
    seed.pattern === undefined ? "" : `requires: { case: "${seed.pattern}" }`,
    "share:",
    ...lines,
    whereLine(seed.where, shared),
    listed.length === 0 ? "" : `arguments: ["${listed.join('", "')}"]`,
    withheld.size === 0 ? "" : `withhold: [${[...withheld].join(", ")}]`,
  ]
    .filter((line) => line !== "")
    .join("\n");
}

function whereLine(where: AgreementSeed["where"], shared: ReadonlySet<string>): string {
  const types = ["Person", "Car"].filter((type) => [...shared].some((field) => field.startsWith(`${type}.`)));
  const lines = types.flatMap((type) => {
    const written = where.flatMap((name) => (CONDITIONS[name]?.type === type ? CONDITIONS[name].text : []));
    return written.length === 0 ? [] : `${type}: [${written.join(", ")}]`;
  });
  return lines.length === 0 ? "" : `where: { ${lines.join(", ")} }`;
}

/** Input fields and enum values that the listed arguments take, read from the types by hand. */
function inputsOf(args: readonly string[]): readonly string[] {
  const order = ["Order.DOWN", "Order.UP"];
  const found = args.flatMap((argument) => {
    if (argument.includes("(filter:)")) return ["Filter.born", "Filter.and", "Filter.area", "Area.code", "Area.order", ...order];
    if (argument.includes("(near:)")) return ["Area.code", "Area.order", ...order];
    return argument.includes("(order:)") || argument.includes("(form:)") ? order : [];
  });
  return [...new Set(found)];
}

/** A bundle that fits the graph. */
export interface Fitting {
  readonly bundle: Bundle;
  readonly policy: Policy;
}

/** Makes a bundle of the agreements, without those that would make a mistake of it. */
export function compileFitting(seeds: readonly AgreementSeed[]): Fitting {
  let texts = seeds.map((seed, index) => writeAgreement(seed, index));
  for (;;) {
    const parsed = parseBundle(filesOf(...texts));
    if (!parsed.ok) throw new Error(parsed.problems.map(({ file, line, message }) => `${file}:${line} ${message}`).join("\n"));
    const compiled = compileBundle(parsed.bundle, schema);
    if (compiled.ok) return { bundle: parsed.bundle, policy: compiled.policy };
    const wrong = compiled.problems[0]?.file;
    texts = texts.filter((_, index) => wrong !== `agreements/${index}.yaml`);
  }
}

/** Who asks, for what, and when. */
export const questionArbitrary: fc.Arbitrary<EntitlementQuestion> = fc.record({
  bureau: fc.constantFrom(...bureaus, "desk", "desk", "desk", "nobody"),
  purpose: fc.constantFrom(...purposes, "checks", "checks", "checks", "nothing"),
  caseReference: fc.constantFrom(undefined, "A-1", "A-1", "A-2", "B-12", "-7", "x"),
  nowMs: fc
    .tuple(fc.constantFrom(...days, "2026-06-15", "2026-06-15", "2026-06-15"), fc.constantFrom(-1, 0, 1, 3_600_000))
    .map(([day, offsetMs]) => Date.parse(`${day}T00:00:00+08:00`) + offsetMs),
});
