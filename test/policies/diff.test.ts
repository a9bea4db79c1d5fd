import { isDeepStrictEqual } from "node:util";
import { parse, validate } from "graphql";
import { expect, test } from "vitest";
import { demandOf } from "../../gateway/access/demand.ts";
import { listColumns } from "../../policies/engine/cells.ts";
import type { Change } from "../../policies/engine/diff.ts";
import { diffPolicies } from "../../policies/engine/diff.ts";
import type { Policy } from "../../policies/engine/policy.ts";
import { compileBundle } from "../../policies/engine/policy.ts";
import type { Decision } from "../../policies/engine/words.ts";
import { fc } from "../services/fc.ts";
import { agreementArbitrary, compileFitting, coordinates, schema } from "./random.ts";
import { agreementText, bundleOf, createSchema, filesOf, policyOf } from "./world.ts";

const NOT_IN_AGREEMENT: Decision = { kind: "deny", reason: "NOT_IN_AGREEMENT" };

const NOW = Date.parse("2026-02-01T00:00:00+08:00");

/** What differs at one moment, cell by cell. */
function differencesAt([before, after]: readonly [Policy, Policy], nowMs: number): ReadonlyMap<string, readonly [Decision, Decision]> {
  const found = new Map<string, readonly [Decision, Decision]>();
  const columns = new Map([before, after].flatMap(listColumns).map((column) => [JSON.stringify(column), column]));
  for (const column of columns.values()) {
    for (const isCaseGiven of [true, false]) {
      const decided = [before, after].map((policy) => policy.decideFor({ ...column, nowMs, caseReference: undefined }, isCaseGiven));
      for (const coordinate of coordinates) {
        const [raw, otherRaw] = decided.map((decisions) => decisions.get(coordinate));
        if (raw === otherRaw) continue;
        const [one, other] = [plain(raw) ?? NOT_IN_AGREEMENT, plain(otherRaw) ?? NOT_IN_AGREEMENT];
        if (!isDeepStrictEqual(one, other)) found.set(`${column.bureau} ${column.purpose} ${coordinate} ${isCaseGiven}`, [one, other]);
      }
    }
  }
  return found;
}

/** The same of what was found to change. */
function changesAt(changes: readonly Change[], nowMs: number): ReadonlyMap<string, readonly [Decision, Decision]> {
  const found = new Map<string, readonly [Decision, Decision]>();
  for (const { bureau, purpose, coordinate, when, fromMs, untilMs, before, after } of changes) {
    if (nowMs < fromMs || (untilMs !== undefined && nowMs >= untilMs)) continue;
    for (const isCaseGiven of when === "either" ? [true, false] : [when === "given"]) {
      const key = `${bureau} ${purpose} ${coordinate} ${isCaseGiven}`;
      if (found.has(key)) throw new Error(`${key} is told twice.`);
      found.set(key, [plain(before), plain(after)] as [Decision, Decision]);
    }
  }
  return found;
}

/** The same data without class, freezing, and keys that hold undefined. */
function plain(decision: Decision | undefined): Decision | undefined {
  return decision === undefined ? undefined : (JSON.parse(JSON.stringify(decision)) as Decision);
}

function sorted(map: ReadonlyMap<string, unknown>): unknown {
  return [...map].sort(([one], [other]) => (one < other ? -1 : 1));
}

function instantsOf(policies: readonly Policy[]): readonly number[] {
  const edges = policies.flatMap(({ terms }) => terms.flatMap(({ fromMs, untilMs }) => [fromMs - 1, fromMs, untilMs - 1, untilMs]));
  return [...new Set([NOW, ...edges.filter((edge) => edge >= NOW), Date.parse("2040-01-01T00:00:00Z")])];
}

/** The operation must be valid, and must be about the coordinate. */
function faultOf({ coordinate, operation }: Change): string | undefined {
  if (operation === undefined) return `nothing reaches ${coordinate}`;
  const document = parse(operation);
  const [error] = validate(schema.apiSchema, document);
  if (error !== undefined) return error.message;
  return demandOf(schema.apiSchema, document, undefined).coordinates.includes(coordinate)
    ? undefined
    : `${operation} asks for something else`;
}

test("what changes between random bundles is what comparing cell by cell finds, at every moment, with an operation for each", () => {
  const seen = new Map<string, number>();
  const bundles = fc.record({
    common: fc.array(agreementArbitrary, { maxLength: 4, size: "max" }),
    old: fc.array(agreementArbitrary, { maxLength: 4, size: "max" }),
    next: fc.array(agreementArbitrary, { maxLength: 4, size: "max" }),
  });
  fc.assert(
    fc.property(bundles, ({ common, old, next }) => {
      const [before, after] = [compileFitting([...common, ...old]).policy, compileFitting([...common, ...next]).policy];
      const changes = diffPolicies(before, after, NOW);
      for (const nowMs of instantsOf([before, after]))
        expect(sorted(changesAt(changes, nowMs))).toEqual(sorted(differencesAt([before, after], nowMs)));
      expect(changes.flatMap((change) => faultOf(change) ?? [])).toEqual([]);
      for (const { when, direction, untilMs, coordinate } of changes)
        for (const kind of [when, direction, untilMs === undefined ? "open" : "closed", kindOf(coordinate)])
          seen.set(kind, (seen.get(kind) ?? 0) + 1);
    }),
    { numRuns: 80, verbose: fc.VerbosityLevel.Verbose },
  );
  // A comparison that never came to one of the outcomes says nothing about it.
  for (const kind of ["given", "without", "either", "wider", "narrower", "other", "open", "closed", "field", "argument", "input", "shared"])
    expect(seen.get(kind) ?? 0, kind).toBeGreaterThan(20);
}, 120_000);

function kindOf(coordinate: string): string {
  if (coordinate.includes("(")) return "argument";
  if (coordinate.startsWith("Party.")) return "shared";
  return /^(?:Filter|Area|Order)\./.test(coordinate) ? "input" : "field";
}

test("an enum's value and an input field that an agreement no longer lists are told, with where they are given", () => {
  const listed = (inputs: string): Policy =>
    policyOf(
      agreementText("share: [{ fields: [Query.find, Query.person], why: Needed }]", `arguments: ["Query.find(filter:)", ${inputs}]`),
    );
  const changes = diffPolicies(
    listed("Filter.and, Filter.born, Filter.area, Area.order, Order.UP"),
    listed("Filter.and, Filter.area, Area.order"),
    NOW,
  );
  expect(changes.map(({ coordinate, direction, operation }) => [coordinate, direction, operation])).toEqual([
    ["Filter.born", "narrower", "query($born0: Date) { find(filter: { born: $born0 }) { __typename } }"],
    // An OPEN field takes it as well, and the stricter counts.
    ["Order.UP", "narrower", "query { places(order: UP) { __typename } }"],
  ]);
});

test("a field that another graph classifies otherwise is told, for every bureau and purpose", () => {
  const opened = createSchema();
  const field = opened.catalogue.fields.get("Person.isTall");
  if (field === undefined) throw new Error("The graph lacks Person.isTall.");
  const fields = new Map(opened.catalogue.fields).set("Person.isTall", {
    ...field,
    classification: { ...field.classification, level: "OPEN" },
  });
  const compiled = compileBundle(bundleOf(filesOf()), { ...opened, catalogue: { ...opened.catalogue, fields } });
  if (!compiled.ok) throw new Error("The policies don't fit.");
  expect(diffPolicies(policyOf(), compiled.policy, NOW)).toMatchObject(
    ["checks", "lists"].map((purpose) => ({ bureau: "desk", purpose, coordinate: "Person.isTall", direction: "wider", when: "either" })),
  );
});
