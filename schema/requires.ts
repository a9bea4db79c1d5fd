import type {
  ConstDirectiveNode,
  FieldDefinitionNode,
  InterfaceTypeDefinitionNode,
  SelectionNode,
  SelectionSetNode,
  TypeDefinitionNode,
} from "graphql";
import { Kind, parse } from "graphql";
import type { Definitions } from "./definitions.ts";
import { namedType, readArgument, stringArgument } from "./definitions.ts";
import { placeOf, SupergraphError } from "./errors.ts";
import type { Features } from "./features.ts";

const JOIN = "https://specs.apollo.dev/join";

/**
 * Makes a function that lists what a supergraph's field is computed from: the coordinates of `@requires`, sorted. A field that an
 * interface object adds to all types of an interface has the `@requires` of the interface's field.
 *
 * @throws {SupergraphError} From the returned function, where a `@requires` doesn't parse.
 */
export function createRequiresReader(
  definitions: Definitions,
  features: Features,
): (type: string, field: FieldDefinitionNode | undefined) => readonly string[] {
  const joinField = features.directiveName(JOIN, "field");
  const inherited = interfaceObjects(definitions, features);
  return (typeName, field) => {
    if (field === undefined) return [];
    const type = definitions.types.get(typeName);
    const parents = type?.kind === Kind.OBJECT_TYPE_DEFINITION ? (type.interfaces ?? []) : [];
    const joins = [...(field.directives ?? [])];
    for (const parent of parents) joins.push(...(inherited.get(parent.name.value)?.get(field.name.value) ?? []));
    const found = new Set<string>();
    for (const join of joins) {
      const fieldSet = join.name.value === joinField ? stringArgument(join, "requires") : undefined;
      if (fieldSet === undefined) continue;
      for (const coordinate of readFieldSet(fieldSet, typeName, { join, definitions })) found.add(coordinate);
    }
    return [...found].sort();
  };
}

function readFieldSet(
  fieldSet: string,
  typeName: string,
  from: { readonly join: ConstDirectiveNode; readonly definitions: Definitions },
): ReadonlySet<string> {
  try {
    return fieldSetCoordinates(fieldSet, typeName, from.definitions.types);
  } catch (error) {
    throw new SupergraphError(`The fields that \`requires\` names in type ${typeName} don't parse.`, placeOf(from.join), error);
  }
}

/** By interface and field: the join directives of the subgraphs that know the interface as an object. */
function interfaceObjects(
  definitions: Definitions,
  features: Features,
): ReadonlyMap<string, ReadonlyMap<string, readonly ConstDirectiveNode[]>> {
  const joinType = features.directiveName(JOIN, "type");
  const all = new Map<string, ReadonlyMap<string, readonly ConstDirectiveNode[]>>();
  for (const type of definitions.types.values()) {
    if (type.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    const graphs = new Set<string>();
    for (const directive of type.directives ?? []) {
      const isObject = directive.name.value === joinType && readArgument(directive, "isInterfaceObject") === true;
      const graph = readArgument(directive, "graph");
      if (isObject && typeof graph === "string") graphs.add(graph);
    }
    if (graphs.size > 0) all.set(type.name.value, joinsFrom(type, graphs));
  }
  return all;
}

function joinsFrom(type: InterfaceTypeDefinitionNode, graphs: ReadonlySet<string>): ReadonlyMap<string, readonly ConstDirectiveNode[]> {
  const joins = new Map<string, readonly ConstDirectiveNode[]>();
  for (const field of type.fields ?? []) {
    const own = (field.directives ?? []).filter((directive) => {
      const graph = readArgument(directive, "graph");
      return typeof graph === "string" && graphs.has(graph);
    });
    joins.set(field.name.value, own);
  }
  return joins;
}

/**
 * Finds the coordinates that a field set (`@requires`, `@key`) names, nested ones included. A field of an interface or union
 * stands for the same field of every possible object type. `__typename` is nobody's data and is left out.
 *
 * @param fieldSet Such as `size { width(unit: CM) } weight`, with or without braces around it.
 * @param parent Name of the type that the set is read against.
 * @returns Coordinates in no order. A field that the type doesn't have is named too: nobody can be granted it, so it fails closed.
 * @throws {GraphQLError} When the set doesn't parse.
 */
export function fieldSetCoordinates(fieldSet: string, parent: string, types: ReadonlyMap<string, TypeDefinitionNode>): ReadonlySet<string> {
  const text = fieldSet.trimStart().startsWith("{") ? fieldSet : `{${fieldSet}}`;
  const [definition] = parse(text, { noLocation: true }).definitions;
  const found = new Set<string>();
  if (definition?.kind === Kind.OPERATION_DEFINITION) visitSelections(definition.selectionSet, parent, { types, found, seen: new Map() });
  return found;
}

interface Visit {
  readonly types: ReadonlyMap<string, TypeDefinitionNode>;
  readonly found: Set<string>;
  /** Types against which a selection set was read already: without it, nested interfaces would multiply. */
  readonly seen: Map<SelectionSetNode, Set<string>>;
}

function visitSelections(set: SelectionSetNode, parent: string, visit: Visit): void {
  const parents = visit.seen.get(set) ?? new Set();
  if (parents.has(parent)) return;
  visit.seen.set(set, parents.add(parent));
  for (const selection of set.selections) visitSelection(selection, parent, visit);
}

function visitSelection(selection: SelectionNode, parent: string, visit: Visit): void {
  if (selection.kind === Kind.INLINE_FRAGMENT) {
    visitSelections(selection.selectionSet, selection.typeCondition?.name.value ?? parent, visit);
    return;
  }
  if (selection.kind !== Kind.FIELD || selection.name.value === "__typename") return;
  for (const object of possibleObjects(parent, visit.types)) {
    visit.found.add(`${object}.${selection.name.value}`);
    const field = fieldOf(object, selection.name.value, visit.types);
    if (field !== undefined && selection.selectionSet !== undefined) visitSelections(selection.selectionSet, namedType(field.type), visit);
  }
}

function possibleObjects(name: string, types: ReadonlyMap<string, TypeDefinitionNode>): readonly string[] {
  const type = types.get(name);
  if (type?.kind === Kind.UNION_TYPE_DEFINITION) return (type.types ?? []).map((member) => member.name.value);
  if (type?.kind !== Kind.INTERFACE_TYPE_DEFINITION) return [name];
  const objects: string[] = [];
  for (const candidate of types.values()) {
    if (candidate.kind !== Kind.OBJECT_TYPE_DEFINITION) continue;
    if (candidate.interfaces?.some((interfaceNode) => interfaceNode.name.value === name)) objects.push(candidate.name.value);
  }
  return objects;
}

function fieldOf(object: string, field: string, types: ReadonlyMap<string, TypeDefinitionNode>): FieldDefinitionNode | undefined {
  const type = types.get(object);
  return type?.kind === Kind.OBJECT_TYPE_DEFINITION ? type.fields?.find((candidate) => candidate.name.value === field) : undefined;
}
