import type { DocumentNode, InlineFragmentNode, SelectionNode } from "graphql";
import { Kind, parse, print } from "graphql/language/index.js";
import { stripIgnoredCharacters } from "graphql/utilities/stripIgnoredCharacters.js";
import { readDefinitions, stringArgument } from "../../schema/definitions.ts";
import { readFeatures } from "../../schema/features.ts";
import { inlineFragments } from "../core/inline.ts";
import { readCall } from "./calls.ts";
import { graphOf, graphsByName, JOIN, readFieldTypes } from "./joins.ts";
import { askedAt, entitySelections, type Found, fieldsIn, type Known, keyOf, NOTHING, neededOf, type Path, type Plan } from "./needed.ts";
import {
  type BatchFetchNode,
  batchRequestsOf,
  type EntityRequest,
  entityRequestOf,
  type FetchNode,
  mapCalls,
  type PlanNode,
} from "./nodes.ts";
import { splitCall } from "./split.ts";
import { keysOf, soleCondition } from "./widen.ts";

/** Takes from a plan what it would fetch for objects of types that the operation doesn't ask it of. */
export type InputNarrowing = (node: PlanNode, operationText: string) => PlanNode;

/**
 * Makes the narrowing of a supergraph.
 *
 * Where a subgraph knows an interface as an object, its fields are computed for objects of any type. Asked of one type, the planner has them
 * computed for objects of all, and fetches for all what they are computed from: of types, too, whose field the caller may not read, and whose
 * selection was therefore taken out of the operation.
 *
 * @returns Undefined where no subgraph knows an interface as an object.
 */
export function createInputNarrowing(supergraphSdl: string): InputNarrowing | undefined {
  const document = parse(supergraphSdl, { noLocation: true });
  const features = readFeatures(readDefinitions(document).schema?.directives ?? []);
  const name = (directive: string): string => features.directiveName(JOIN, directive);
  const found = readInterfaceObjects(document, name("type"), name("implements"));
  if (found.members.size === 0) return undefined;
  const known: Known = { ...found, fieldTypes: readFieldTypes(document), graphs: graphsByName(document, name("graph")) };
  return (node, text) => {
    const typed = mapCalls(node, (call) => keepTypes(known, call));
    return narrowPlan(known, typed, inlineFragments(parse(text, { noLocation: true })));
  };
}

function readInterfaceObjects(document: DocumentNode, joinType: string, joinImplements: string): Pick<Known, "members" | "homes"> {
  const members = new Map<string, Set<string>>();
  const homes = new Set<string>();
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    for (const directive of definition.directives ?? []) {
      if (directive.name.value !== joinType) continue;
      const flag = directive.arguments?.find((argument) => argument.name.value === "isInterfaceObject")?.value;
      if (flag?.kind === Kind.BOOLEAN && flag.value) members.set(definition.name.value, new Set());
      else homes.add(`${graphOf(directive)} ${definition.name.value}`);
    }
  }
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) continue;
    for (const directive of definition.directives ?? [])
      if (directive.name.value === joinImplements) members.get(stringArgument(directive, "interface") ?? "")?.add(definition.name.value);
  }
  return { members, homes };
}

function narrowPlan(known: Known, node: PlanNode, operation: DocumentNode): PlanNode {
  // From the last call to the first, as what a call brings may be needed by a later one.
  const requests: Found[] = [];
  for (const request of listRequests(node, []).toReversed()) {
    const found = { ...request, types: undefined };
    requests.unshift({ ...found, types: typesOf({ known, operation, found: requests }, found) });
  }
  const isNarrow = requests.some(({ types }) => types !== undefined);
  const plan = { known, operation, found: requests };
  return mapCalls(node, (call) => {
    const own = requests.filter((found) => found.node === call);
    return splitCall(plan, isNarrow ? rewriteCall(plan, call, own) : call, own);
  });
}

/**
 * Asks a subgraph that knows an interface's types for objects by the types that they say they have. The planner at times gives them that of the
 * interface there, too, under which a key of theirs needn't be known, nor tell them apart.
 */
function keepTypes({ homes, graphs }: Known, node: FetchNode | BatchFetchNode): PlanNode {
  const keep = <Asked extends Pick<FetchNode, "inputRewrites">>(asked: Asked): Asked => {
    const rewrites = asked.inputRewrites?.filter(
      (rewrite) => !("ValueSetter" in rewrite && homes.has(`${graphs.get(node.serviceName)} ${rewrite.ValueSetter.setValueTo}`)),
    );
    return rewrites === undefined || rewrites.length === asked.inputRewrites?.length ? asked : { ...asked, inputRewrites: rewrites };
  };
  if (node.kind === "Fetch") return keep(node);
  return { ...node, entityBatch: { ...node.entityBatch, aliases: node.entityBatch.aliases.map(keep) } };
}

function listRequests(node: PlanNode, path: Path): readonly Omit<Found, "types">[] {
  switch (node.kind) {
    case "Fetch":
      return node.requires === undefined || node.requires.length === 0 ? [] : [readRequest(node, entityRequestOf(node, path))];
    case "BatchFetch":
      return batchRequestsOf(node).map((request) => readRequest(node, request));
    case "Flatten":
      return listRequests(node.node, [...path, ...node.path]);
    case "Sequence":
    case "Parallel":
      return node.nodes.flatMap((child) => listRequests(child, path));
    case "Condition":
      return [node.ifClause, node.elseClause].flatMap((clause) => (clause ? listRequests(clause, path) : []));
    default:
      return [];
  }
}

function readRequest(node: FetchNode | BatchFetchNode, request: EntityRequest): Omit<Found, "types"> {
  const places = request.paths.map((path) => JSON.stringify(fieldsIn(path)));
  return { node, request, places, selections: entitySelections(readCall(node.operation).operation.selectionSet, request.responseKey) };
}

/**
 * The types of which the operation asks all that a call on an interface brings, or a later call needs some of it; undefined where these are all types, or
 * nothing of the kind.
 */
function typesOf(plan: Plan, found: Found): ReadonlySet<string> | undefined {
  const { known, operation } = plan;
  const { request, selections } = found;
  const wide = soleCondition(selections);
  const members = wide === undefined ? undefined : known.members.get(wide);
  const [only, ...others] = request.requires;
  if (members === undefined || only?.kind !== "fragment" || only.typeCondition !== wide || others.length > 0) return undefined;
  const keys = keysOf(selections, request);
  for (const path of request.paths) {
    const asked = askedAt(known, operation, fieldsIn(path));
    // What the planner added for another call has a use of its own.
    if (keys.some((key) => !asked.has(key))) return undefined;
  }
  const needed = neededOf(plan, found);
  // The operation asks for it by the one name, a later call by the other.
  const names = [...keys, ...keysOf(selections, { ...request, renames: [] })];
  const types = new Set(names.flatMap((name) => [...(needed.get(name) ?? [])]));
  return types.size > 0 && types.size < members.size && [...types].every((type) => members.has(type)) ? types : undefined;
}

type Requires = NonNullable<FetchNode["requires"]>;

function rewriteCall(plan: Plan, node: FetchNode | BatchFetchNode, own: readonly Found[]): FetchNode | BatchFetchNode {
  const operation = own.reduce((text, found) => narrowCall(plan, found, text), node.operation);
  const narrowed = (requires: Requires, key: string): Requires => {
    const types = own.find(({ request }) => request.responseKey === key)?.types;
    const [only] = requires;
    if (types === undefined || only?.kind !== "InlineFragment") return requires;
    return [...types].map((typeCondition) => ({ ...only, typeCondition }));
  };
  if (node.kind === "Fetch")
    return { ...node, operation, ...(node.requires === undefined ? {} : { requires: narrowed(node.requires, "_entities") }) };
  const aliases = node.entityBatch.aliases.map((alias) => ({ ...alias, requires: narrowed(alias.requires, alias.alias) }));
  return { ...node, operation, entityBatch: { ...node.entityBatch, aliases } };
}

/** Asks a subgraph that knows the interface's types for each field of those types only of which something needs it. */
function narrowCall(plan: Plan, found: Found, text: string): string {
  const { known } = plan;
  const wide = soleCondition(found.selections);
  const members = wide === undefined ? undefined : known.members.get(wide);
  if (members === undefined || !known.homes.has(`${known.graphs.get(found.node.serviceName)} ${wide}`)) return text;
  const needed = neededOf(plan, found);
  const rewrite = (fragment: InlineFragmentNode): readonly InlineFragmentNode[] => {
    const byTypes = Map.groupBy(fragment.selectionSet.selections, (selection) => {
      const types = [...((selection.kind === Kind.FIELD ? needed.get(keyOf(selection)) : undefined) ?? [])].sort();
      const isNarrow = types.length > 0 && types.length < members.size && types.every((type) => members.has(type));
      return isNarrow ? types.join(" ") : "";
    });
    return [...byTypes].flatMap(([types, selections]) =>
      (types === "" ? [wide ?? ""] : types.split(" ")).map((type) => narrowFragment(fragment, type, selections)),
    );
  };
  const { operation } = readCall(text);
  const selections = operation.selectionSet.selections.map((selection): SelectionNode => {
    if (selection.kind !== Kind.FIELD || keyOf(selection) !== found.request.responseKey) return selection;
    const inner = (selection.selectionSet ?? NOTHING).selections.flatMap((each): readonly SelectionNode[] =>
      each.kind === Kind.INLINE_FRAGMENT ? rewrite(each) : [each],
    );
    return { ...selection, selectionSet: { kind: Kind.SELECTION_SET, selections: inner } };
  });
  return stripIgnoredCharacters(print({ ...operation, selectionSet: { ...operation.selectionSet, selections } }));
}

function narrowFragment(fragment: InlineFragmentNode, type: string, selections: readonly SelectionNode[]): InlineFragmentNode {
  const typeCondition = { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: type } } as const;
  return { ...fragment, typeCondition, selectionSet: { kind: Kind.SELECTION_SET, selections } };
}
