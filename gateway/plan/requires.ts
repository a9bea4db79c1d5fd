import type { DocumentNode, FieldDefinitionNode, SelectionSetNode } from "graphql";
import { Kind, parse } from "graphql/language/index.js";
import { readDefinitions, stringArgument } from "../../schema/definitions.ts";
import { readFeatures } from "../../schema/features.ts";
import type { RequiredSelection } from "../core/layout.ts";
import { readCall } from "./calls.ts";
import { graphOf, graphsByName, JOIN, readFieldTypes } from "./joins.ts";
import { type BatchFetchNode, batchRequestsOf, entityRequestOf, type FetchNode, type PlanNode } from "./nodes.ts";

/** Finds a field of a plan that its subgraph is asked for without what it is computed from. */
export type RequiresCheck = (node: PlanNode) => string | undefined;

/** By subgraph, type and field: names of the fields that `@requires` names first. */
type Requirements = ReadonlyMap<string, readonly string[]>;

interface Known {
  readonly requirements: Requirements;
  readonly fieldTypes: ReadonlyMap<string, string>;
  /** Names in `join__Graph` by subgraph. */
  readonly graphs: ReadonlyMap<string, string>;
}

/**
 * Makes the check of a supergraph's `@requires`.
 *
 * The planner now and then leaves the inputs of a field of an interface object out of the representation, or asks for such a field where an
 * object was not looked up by a representation. The subgraph would then compute a wrong value, which nobody could tell.
 */
export function createRequiresCheck(supergraphSdl: string): RequiresCheck {
  const document = parse(supergraphSdl, { noLocation: true });
  const features = readFeatures(readDefinitions(document).schema?.directives ?? []);
  const requirements = readRequirements(document, features.directiveName(JOIN, "field"));
  if (requirements.size === 0) return () => undefined;
  const known: Known = {
    requirements,
    fieldTypes: readFieldTypes(document),
    graphs: graphsByName(document, features.directiveName(JOIN, "graph")),
  };
  return (node) => checkNode(known, node);
}

function readRequirements(document: DocumentNode, joinField: string): Requirements {
  const requirements = new Map<string, readonly string[]>();
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    for (const field of definition.fields ?? [])
      for (const [graph, names] of requirementsOf(field, joinField))
        requirements.set(`${graph} ${definition.name.value}.${field.name.value}`, names);
  }
  return requirements;
}

function requirementsOf(field: FieldDefinitionNode, joinField: string): [graph: string, names: readonly string[]][] {
  return (field.directives ?? []).flatMap((directive): [string, readonly string[]][] => {
    const graph = directive.name.value === joinField ? graphOf(directive) : undefined;
    const requires = stringArgument(directive, "requires");
    if (graph === undefined || requires === undefined) return [];
    const [definition] = parse(`{${requires}}`, { noLocation: true }).definitions;
    return definition?.kind === Kind.OPERATION_DEFINITION ? [[graph, fieldNames(definition.selectionSet)]] : [];
  });
}

function fieldNames(set: SelectionSetNode): string[] {
  return set.selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection.name.value];
    return selection.kind === Kind.INLINE_FRAGMENT ? fieldNames(selection.selectionSet) : [];
  });
}

function checkNode(known: Known, node: PlanNode): string | undefined {
  switch (node.kind) {
    case "Fetch":
    case "BatchFetch":
      return checkCall(known, node);
    case "Flatten":
      return checkNode(known, node.node);
    case "Sequence":
    case "Parallel":
      return firstOf(node.nodes.map((child) => checkNode(known, child)));
    case "Subscription":
      return checkCall(known, node.primary);
    default:
      return undefined;
  }
}

function firstOf(findings: readonly (string | undefined)[]): string | undefined {
  return findings.find((finding) => finding !== undefined);
}

function checkCall(known: Known, node: FetchNode | BatchFetchNode): string | undefined {
  const { operation } = readCall(node.operation);
  const graph = known.graphs.get(node.serviceName) ?? "";
  const requests = node.kind === "BatchFetch" ? batchRequestsOf(node) : [entityRequestOf(node, [])];
  return firstOf(
    operation.selectionSet.selections.map((selection) => {
      if (selection.kind !== Kind.FIELD || selection.selectionSet === undefined) return undefined;
      const key = selection.alias?.value ?? selection.name.value;
      const request = selection.name.value === "_entities" ? requests.find(({ responseKey }) => responseKey === key) : undefined;
      const type = known.fieldTypes.get(`${known.fieldTypes.get(operation.operation)}.${selection.name.value}`);
      return checkSet({ known, graph, given: namesIn(request?.requires ?? []) }, type, selection.selectionSet);
    }),
  );
}

function namesIn(selections: readonly RequiredSelection[]): ReadonlySet<string> {
  return new Set(selections.flatMap((selection) => (selection.kind === "field" ? [selection.name] : [...namesIn(selection.selections)])));
}

interface Checking {
  readonly known: Known;
  readonly graph: string;
  /** What the representation gives. */
  readonly given: ReadonlySet<string>;
}

function checkSet(checking: Checking, type: string | undefined, set: SelectionSetNode): string | undefined {
  const { known, graph, given } = checking;
  return firstOf(
    set.selections.map((selection) => {
      if (selection.kind === Kind.FRAGMENT_SPREAD) return undefined;
      if (selection.kind === Kind.INLINE_FRAGMENT)
        return checkSet(checking, selection.typeCondition?.name.value ?? type, selection.selectionSet);
      const coordinate = `${type}.${selection.name.value}`;
      const needed = known.requirements.get(`${graph} ${coordinate}`) ?? [];
      if (needed.some((name) => !given.has(name))) return coordinate;
      if (selection.selectionSet === undefined) return undefined;
      return checkSet({ known, graph, given: new Set() }, known.fieldTypes.get(coordinate), selection.selectionSet);
    }),
  );
}
