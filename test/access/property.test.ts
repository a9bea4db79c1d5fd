import * as fc from "fast-check";
import type { DocumentNode, FieldNode, FragmentDefinitionNode, GraphQLNamedType, GraphQLOutputType, SelectionSetNode } from "graphql";
import { getNamedType, isInterfaceType, isListType, isNonNullType, isObjectType, Kind, parse, validate } from "graphql";
import { expect, it } from "vitest";
import { clearOperation } from "../../gateway/access/clear.ts";
import { demandOf } from "../../gateway/access/demand.ts";
import type { ClearedOperation } from "../../gateway/core/cleared.ts";
import { HubError } from "../../gateway/core/errors.ts";
import type { Entitlement } from "../../policies/engine/words.ts";
import { operations } from "./random.ts";
import { coordinatesOfSample, schema, without } from "./sample.ts";

interface Case {
  readonly document: DocumentNode;
  readonly entitlement: Entitlement;
}

const RUNS = 1_500;
const LIMIT = 100_000;

function cases(): fc.Arbitrary<Case> {
  const documents = operations()
    .map((text) => parse(text))
    .filter((document) => validate(schema, document).length === 0);
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

it("the cleared document is valid and touches nothing denied, and what is withheld is what the rules say", () => {
  const seen = { cleared: 0, withheld: 0, refused: 0, empty: 0, introspection: 0, fragments: 0 };
  fc.assert(
    fc.property(cases(), (given) => {
      const outcome = clearCase(given);
      const naive = naively(given);
      if (outcome instanceof HubError) {
        if (outcome.code === "OPERATION_EMPTY") {
          seen.empty += 1;
          expect(naive.isFetching).toBe(false);
          expect(naive.paths.size).toBeGreaterThan(0);
          return;
        }
        seen.refused += 1;
        expect(outcome.code).toBe("UNAUTHORIZED_FIELD_OR_TYPE");
        const denied = outcome.facts["denied"] as { coordinate: string }[];
        expect(denied.every(({ coordinate }) => given.entitlement.decisions.get(coordinate)?.kind === "deny")).toBe(true);
        return;
      }
      seen.cleared += 1;
      if (outcome.withheld.length > 0) seen.withheld += 1;
      expect(outcome.withheld.map(({ path, coordinate }) => [path.join("/"), coordinate])).toEqual([...naive.paths]);
      expect([...naive.given].filter((coordinate) => given.entitlement.decisions.get(coordinate)?.kind !== "allow")).toEqual([]);
      expect(outcome.document !== undefined).toBe(naive.isFetching);
      if (outcome.introspection !== undefined) {
        seen.introspection += 1;
        expect(validate(schema, outcome.introspection)).toEqual([]);
        expect(
          demandOf(schema, outcome.introspection, undefined).coordinates.filter(
            (coordinate) => !coordinate.startsWith("@") && !coordinate.startsWith("TraceLevel"),
          ),
        ).toEqual([]);
      }
      if (outcome.document === undefined) return;
      if (outcome.document.definitions.length > 1) seen.fragments += 1;
      expect(validate(schema, outcome.document).map((error) => error.message)).toEqual([]);
      expect(validate(schema, parse(outcome.text))).toEqual([]);
      expect(outcome.text).not.toContain("__schema");
      const touched = demandOf(schema, outcome.document, undefined).coordinates;
      expect(touched.filter((coordinate) => given.entitlement.decisions.get(coordinate)?.kind !== "allow")).toEqual([]);
      const allowed = [...outcome.verdict].filter(([, decision]) => decision.kind === "allow").map(([coordinate]) => coordinate);
      expect(touched.toSorted()).toEqual(allowed.toSorted());
      expect([...naive.read].filter((coordinate) => !touched.includes(coordinate))).toEqual([]);
    }),
    { numRuns: RUNS },
  );
  // A property that never saw the cases it is about would prove nothing.
  for (const [what, times] of Object.entries(seen)) expect(times, what).toBeGreaterThan(20);
});

it("clearing twice changes nothing more", () => {
  fc.assert(
    fc.property(cases(), (given) => {
      const once = clearCase(given);
      if (once instanceof HubError || once.document === undefined) return;
      const twice = clearCase({ ...given, document: once.document });
      expect(twice).not.toBeInstanceOf(HubError);
      if (!(twice instanceof HubError)) {
        expect(twice.text).toBe(once.text);
        expect(twice.withheld).toEqual([]);
      }
    }),
    { numRuns: 500 },
  );
});

it("an operation that is refused as a whole when all or nothing is asked is the one of which something is denied", () => {
  fc.assert(
    fc.property(cases(), (given) => {
      const options = { schema, document: given.document, operationName: undefined, entitlement: given.entitlement };
      const hasDenied = demandOf(schema, given.document, undefined).coordinates.some(
        (coordinate) => given.entitlement.decisions.get(coordinate)?.kind === "deny",
      );
      if (hasDenied) expect(() => clearOperation({ ...options, onDenied: "refuse" })).toThrow(HubError);
      else expect(clearOperation({ ...options, onDenied: "refuse" }).withheld).toEqual([]);
    }),
    { numRuns: 500 },
  );
});
