import type { DocumentNode, FieldNode, FragmentDefinitionNode, GraphQLNamedType, GraphQLOutputType, SelectionSetNode } from "graphql";
import {
  getNamedType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  NoUnusedFragmentsRule,
  NoUnusedVariablesRule,
  parse,
  specifiedRules,
  validate,
} from "graphql";
import { expect, it } from "vitest";
import { clearOperation } from "../../gateway/access/clear.ts";
import { demandOf } from "../../gateway/access/demand.ts";
import type { ClearedOperation } from "../../gateway/core/cleared.ts";
import { HubError } from "../../gateway/core/errors.ts";
import type { Entitlement } from "../../policies/engine/words.ts";
import { fc } from "../services/fc.ts";
import { operations } from "./random.ts";
import { coordinatesOfSample, schema, without } from "./sample.ts";

interface Case {
  readonly document: DocumentNode;
  readonly entitlement: Entitlement;
}

const RUNS = 500;
const LIMIT = 100_000;

/** Unused fragments and variables are written at random; clearing takes them away. */
const VALID = specifiedRules.filter((rule) => rule !== NoUnusedFragmentsRule && rule !== NoUnusedVariablesRule);

function cases(): fc.Arbitrary<Case> {
  const documents = operations((document) => validate(schema, document, VALID).length === 0);
  const fields = coordinatesOfSample().filter((coordinate) => /^[A-Z]\w*\.[a-z]\w*$/.test(coordinate));
  const denied = fc.oneof(
    { weight: 3, arbitrary: fc.subarray(fields, { maxLength: 6 }) },
    { weight: 1, arbitrary: fc.subarray(coordinatesOfSample(), { maxLength: 8 }) },
  );
  return fc.record({ document: documents, entitlement: denied.map((coordinates) => without(...coordinates)) });
}

function clearCase({ document, entitlement }: Case): ClearedOperation | HubError {
  try {
    return clearOperation({ schema, document, operationName: undefined, entitlement, onDenied: "withhold", withheldPathsMax: LIMIT });
  } catch (error) {
    if (error instanceof HubError) return error;
    throw error;
  }
}

/** What the rules say, by writing every fragment out: slow, and nothing like the code that it checks. */
interface Naive {
  readonly paths: Map<string, string>;
  readonly read: Set<string>;
  readonly given: Set<string>;
  isFetching: boolean;
}

function naively({ document, entitlement }: Case): Naive {
  const naive: Naive = { paths: new Map(), read: new Set(), given: new Set(), isFetching: false };
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  const operation = document.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  const root = schema.getQueryType() ?? undefined;
  const walk = (set: SelectionSetNode, parent: GraphQLNamedType | undefined, path: readonly string[]): void => {
    for (const selection of set.selections) {
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        walk(
          selection.selectionSet,
          selection.typeCondition === undefined ? parent : schema.getType(selection.typeCondition.name.value),
          path,
        );
      } else if (selection.kind === Kind.FRAGMENT_SPREAD) {
        const fragment = fragments.get(selection.name.value);
        if (fragment !== undefined) walk(fragment.selectionSet, schema.getType(fragment.typeCondition.name.value), path);
      } else field(selection, parent, path);
    }
  };
  const field = (node: FieldNode, parent: GraphQLNamedType | undefined, path: readonly string[]): void => {
    const definition = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[node.name.value] : undefined;
    if (definition === undefined || parent === undefined) return;
    const coordinate = `${parent.name}.${definition.name}`;
    const here = [...path, node.alias?.value ?? node.name.value];
    if (entitlement.decisions.get(coordinate)?.kind !== "allow") {
      if (!naive.paths.has(here.join("/"))) naive.paths.set(here.join("/"), coordinate);
      return;
    }
    naive.isFetching = true;
    naive.read.add(coordinate);
    for (const argument of node.arguments ?? []) naive.given.add(`${coordinate}(${argument.name.value}:)`);
    if (node.selectionSet !== undefined) walk(node.selectionSet, getNamedType(definition.type), [...here, ...ats(definition.type)]);
  };
  if (operation !== undefined) walk(operation.selectionSet, root, []);
  return naive;
}

function ats(type: GraphQLOutputType): string[] {
  if (isNonNullType(type)) return ats(type.ofType);
  return isListType(type) ? ["@", ...ats(type.ofType)] : [];
}

/** What is wrong with an operation that was cleared. */
function faultsOf(given: Case, outcome: ClearedOperation, naive: Naive): string[] {
  const faults: string[] = [];
  const isDenied = (coordinate: string): boolean => given.entitlement.decisions.get(coordinate)?.kind !== "allow";
  const withheld = outcome.withheld.map(({ path, coordinate }) => `${path.join("/")} ${coordinate}`);
  const expected = [...naive.paths].map(([path, coordinate]) => `${path} ${coordinate}`);
  if (withheld.join() !== expected.join()) faults.push(`withheld ${withheld.join()} instead of ${expected.join()}`);
  faults.push(...[...naive.given].filter(isDenied).map((coordinate) => `a denied argument is given: ${coordinate}`));
  if ((outcome.document !== undefined) !== naive.isFetching) faults.push("there is a document, or there is none");
  if (outcome.introspection !== undefined) faults.push(...validate(schema, outcome.introspection).map((error) => error.message));
  if (outcome.document === undefined) return faults;
  faults.push(...validate(schema, outcome.document).map((error) => error.message));
  faults.push(...validate(schema, parse(outcome.text)).map((error) => error.message));
  if (outcome.text.includes("__schema")) faults.push("introspection is left");
  const touched = demandOf(schema, outcome.document, undefined).coordinates;
  faults.push(...touched.filter(isDenied).map((coordinate) => `denied but left: ${coordinate}`));
  const allowed = [...outcome.verdict].filter(([, decision]) => decision.kind === "allow").map(([coordinate]) => coordinate);
  if (touched.toSorted().join() !== allowed.toSorted().join()) faults.push(`touches ${touched.join()} but allows ${allowed.join()}`);
  faults.push(
    ...[...naive.read].filter((coordinate) => !touched.includes(coordinate)).map((coordinate) => `allowed but gone: ${coordinate}`),
  );
  return faults;
}

/** What is wrong with a refusal. */
function refusalFaultsOf(given: Case, outcome: HubError, naive: Naive): string[] {
  if (outcome.code === "OPERATION_EMPTY") return naive.isFetching || naive.paths.size === 0 ? ["something was left"] : [];
  if (outcome.code !== "UNAUTHORIZED_FIELD_OR_TYPE") return [outcome.message];
  const denied = (outcome.facts["denied"] as { coordinate: string }[]).map(({ coordinate }) => coordinate);
  const wrong = denied.filter(
    (coordinate) =>
      given.entitlement.decisions.get(coordinate)?.kind === "allow" || coordinate.includes(".") === coordinate.startsWith("@"),
  );
  return denied.length === 0 ? ["refused without a reason"] : wrong;
}

it("the cleared document is valid and touches nothing denied, and what is withheld is what the rules say", () => {
  const seen = { cleared: 0, withheld: 0, refused: 0, empty: 0, introspection: 0, fragments: 0 };
  fc.assert(
    fc.property(cases(), (given) => {
      const outcome = clearCase(given);
      const naive = naively(given);
      if (outcome instanceof HubError) {
        if (outcome.code === "OPERATION_EMPTY") seen.empty += 1;
        else seen.refused += 1;
        expect(refusalFaultsOf(given, outcome, naive)).toEqual([]);
        return;
      }
      seen.cleared += 1;
      if (outcome.withheld.length > 0) seen.withheld += 1;
      if (outcome.introspection !== undefined) seen.introspection += 1;
      if ((outcome.document?.definitions.length ?? 0) > 1) seen.fragments += 1;
      expect(faultsOf(given, outcome, naive)).toEqual([]);
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
  // A property that never saw the cases it is about would prove nothing.
  expect(Object.entries(seen).filter(([, times]) => times === 0)).toEqual([]);
});

it("clearing twice changes nothing more", () => {
  let times = 0;
  fc.assert(
    fc.property(cases(), (given) => {
      const once = clearCase(given);
      if (once instanceof HubError || once.document === undefined) return;
      const twice = clearCase({ ...given, document: once.document });
      times += 1;
      expect(twice instanceof HubError ? twice.message : { text: twice.text, withheld: twice.withheld }).toEqual({
        text: once.text,
        withheld: [],
      });
    }),
    { numRuns: 150, endOnFailure: true },
  );
  expect(times).toBeGreaterThan(100);
});

it("where all or nothing is asked, exactly the operations of which something is denied are refused", () => {
  fc.assert(
    fc.property(cases(), ({ document, entitlement }) => {
      const { coordinates } = demandOf(schema, document, undefined);
      const denied = coordinates.filter((coordinate) => entitlement.decisions.get(coordinate)?.kind === "deny");
      let refused: unknown = [];
      try {
        clearOperation({ schema, document, operationName: undefined, entitlement, onDenied: "refuse" });
      } catch (error) {
        refused = error instanceof HubError ? error.facts["denied"] : error;
      }
      expect(refused).toEqual(denied.map((coordinate) => ({ coordinate, reason: "NOT_IN_AGREEMENT" })));
    }),
    { numRuns: 150, endOnFailure: true },
  );
});
