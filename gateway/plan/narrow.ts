import type { DocumentNode, FieldNode, InlineFragmentNode, SelectionNode, SelectionSetNode } from "graphql";
import { Kind, parse, print } from "graphql/language/index.js";
import { stripIgnoredCharacters } from "graphql/utilities/stripIgnoredCharacters.js";
import { readDefinitions, stringArgument } from "../../schema/definitions.ts";
import { readFeatures } from "../../schema/features.ts";
import { inlineFragments } from "../core/inline.ts";
import type { RequiredSelection } from "../core/layout.ts";
import { readCall } from "./calls.ts";
import { graphOf, graphsByName, JOIN, readFieldTypes } from "./joins.ts";
import {
  type BatchFetchNode,
  batchRequestsOf,
  type EntityRequest,
  entityRequestOf,
  type FetchNode,
  mapCalls,
  type PlanNode,
} from "./nodes.ts";
import { keysOf, soleCondition } from "./widen.ts";

/** Takes from a plan what it would fetch for objects of types that the operation doesn't ask it of. */
export type InputNarrowing = (node: PlanNode, operationText: string) => PlanNode;

interface Known {
  readonly fieldTypes: ReadonlyMap<string, string>;
  /** Object types of each interface that some subgraph knows as an object. */
  readonly members: ReadonlyMap<string, ReadonlySet<string>>;
  /** `GRAPH Interface` of the subgraphs that know the interface's types. */
  readonly homes: ReadonlySet<string>;
  /** Names in `join__Graph` by subgraph. */
  readonly graphs: ReadonlyMap<string, string>;
}

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

/** A request for entities with where it stands in the plan. */
interface Found {
  readonly node: FetchNode | BatchFetchNode;
  readonly request: EntityRequest;
  /** Its paths, each as a text that those of the same objects share. */
  readonly places: readonly string[];
  readonly selections: SelectionSetNode;
  /** Types that its representations are made of; undefined where they may be of every type. */
  readonly types: ReadonlySet<string> | undefined;
}

interface Plan {
  readonly known: Known;
  readonly operation: DocumentNode;
  readonly found: readonly Found[];
}

function narrowPlan(known: Known, node: PlanNode, operation: DocumentNode): PlanNode {
  const requests = listRequests(node, []).map((request) => ({ ...request, types: typesOf(known, operation, request) }));
  if (requests.every(({ types }) => types === undefined)) return node;
  const plan = { known, operation, found: requests };
  return mapCalls(node, (call) => rewriteCall(plan, call));
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

type Path = EntityRequest["paths"][number];

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

function fieldsIn(path: Path): readonly string[] {
  return path.flatMap((segment) => (segment !== "@" && "Field" in segment ? [segment.Field] : []));
}

const NOTHING: SelectionSetNode = { kind: Kind.SELECTION_SET, selections: [] };

function entitySelections(set: SelectionSetNode, responseKey: string): SelectionSetNode {
  const field = set.selections.find((selection) => selection.kind === Kind.FIELD && keyOf(selection) === responseKey);
  return field?.kind === Kind.FIELD ? (field.selectionSet ?? NOTHING) : NOTHING;
}

function keyOf(field: FieldNode): string {
  return field.alias?.value ?? field.name.value;
}

/** The types of which the operation asks all that a call on an interface brings; undefined where it asks all types, or nothing of the kind. */
function typesOf(known: Known, operation: DocumentNode, { request, selections }: Omit<Found, "types">): ReadonlySet<string> | undefined {
  const wide = soleCondition(selections);
  const members = wide === undefined ? undefined : known.members.get(wide);
  const [only, ...others] = request.requires;
  if (members === undefined || only?.kind !== "fragment" || only.typeCondition !== wide || others.length > 0) return undefined;
  const types = new Set<string>();
  for (const path of request.paths) {
    const asked = askedAt(known, operation, fieldsIn(path));
    for (const key of keysOf(selections, request)) {
      const parents = asked.get(key);
      // What the planner added for another call has a use of its own.
      if (parents === undefined) return undefined;
      for (const parent of parents) types.add(parent);
    }
  }
  return types.size > 0 && types.size < members.size && [...types].every((type) => members.has(type)) ? types : undefined;
}

/** Which types' objects each key is asked of at a position of the operation. */
function askedAt(
  { fieldTypes }: Known,
  { definitions }: DocumentNode,
  fields: readonly string[],
): ReadonlyMap<string, ReadonlySet<string>> {
  const operation = definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  let sites = operation === undefined ? [] : fieldsOf(operation.selectionSet, fieldTypes.get(operation.operation));
  for (const field of fields)
    sites = sites.flatMap(({ node, parent }) =>
      keyOf(node) === field && node.selectionSet !== undefined
        ? fieldsOf(node.selectionSet, fieldTypes.get(`${parent}.${node.name.value}`))
        : [],
    );
  const asked = new Map<string, Set<string>>();
  for (const { node, parent } of sites) asked.set(keyOf(node), (asked.get(keyOf(node)) ?? new Set()).add(parent ?? ""));
  return asked;
}

function fieldsOf(set: SelectionSetNode, parent: string | undefined): { readonly node: FieldNode; readonly parent: string | undefined }[] {
  return set.selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [{ node: selection, parent }];
    return selection.kind === Kind.INLINE_FRAGMENT ? fieldsOf(selection.selectionSet, selection.typeCondition?.name.value ?? parent) : [];
  });
}

type Requires = NonNullable<FetchNode["requires"]>;

function rewriteCall(plan: Plan, node: FetchNode | BatchFetchNode): PlanNode {
  const own = plan.found.filter((found) => found.node === node);
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

/** For each key that a call brings, the types of which it is asked or a later call needs it. A type of every object is told by its interface. */
function neededOf({ known, operation, found: all }: Plan, found: Found): ReadonlyMap<string, ReadonlySet<string>> {
  const needed = new Map<string, Set<string>>();
  const need = (key: string, types: Iterable<string>): void => {
    const set = needed.get(key) ?? new Set();
    for (const type of types) for (const each of known.members.get(type) ?? [type]) set.add(each);
    needed.set(key, set);
  };
  for (const path of found.request.paths) for (const [key, parents] of askedAt(known, operation, fieldsIn(path))) need(key, parents);
  for (const other of all) {
    if (other === found || !other.places.some((place) => found.places.includes(place))) continue;
    for (const selection of other.request.requires) needRequired(selection, other.types, need);
  }
  return needed;
}

function needRequired(
  selection: RequiredSelection,
  types: ReadonlySet<string> | undefined,
  need: (key: string, types: Iterable<string>) => void,
): void {
  if (selection.kind !== "fragment") return;
  const wanted = types ?? [selection.typeCondition];
  for (const inner of selection.selections) if (inner.kind === "field") need(inner.sourceKey, wanted);
}
