import type { ConstDirectiveNode, FieldDefinitionNode, FieldNode, SelectionSetNode, TypeDefinitionNode, ValueNode } from "graphql";
import { Kind, parse } from "graphql";
import type { Definitions } from "../../schema/definitions.ts";
import { namedType, readArgument, readDefinitions, stringArgument } from "../../schema/definitions.ts";
import type { Features } from "../../schema/features.ts";
import { readFeatures } from "../../schema/features.ts";

/** How an entity is looked up in one subgraph. */
export interface EntityJoin {
  /** Field sets of the keys by which it can be looked up there. */
  readonly keys: readonly SelectionSetNode[];
  /** What `@requires` names for a field there, by the field's name. */
  readonly requires: ReadonlyMap<string, SelectionSetNode>;
}

/** What a supergraph says of joining: coordinates that are fetched though nobody asked for them. */
export interface Joins {
  /** By type: coordinates of all its keys in all subgraphs, nested fields and arguments included. */
  readonly keys: ReadonlyMap<string, ReadonlySet<string>>;
  /** By the coordinate of a field: what it is computed from in any subgraph, in the same form. */
  readonly requires: ReadonlyMap<string, ReadonlySet<string>>;
  /** Entities of the one subgraph by type name. */
  readonly entities: ReadonlyMap<string, EntityJoin>;
  /** Interfaces that the one subgraph knows as objects, with the types that they stand for. */
  readonly interfaceObjects: ReadonlyMap<string, readonly string[]>;
}

const JOIN = "https://specs.apollo.dev/join";

interface Reading {
  readonly definitions: Definitions;
  readonly features: Features;
  /** The subgraph's name in `join__Graph`. */
  readonly graph: string;
}

/**
 * Reads the joins of a supergraph as one of its subgraphs sees them.
 *
 * @param sdl A supergraph that `readSupergraph` takes.
 * @throws {Error} When the supergraph doesn't list the subgraph.
 * @see https://specs.apollo.dev/join/v0.3/
 */
export function readJoins(sdl: string, subgraph: string): Joins {
  const definitions = readDefinitions(parse(sdl, { noLocation: true }));
  const features = readFeatures(definitions.schema?.directives ?? []);
  const graph = graphNamed(subgraph, definitions, features);
  if (graph === undefined) throw new Error(`It lists no subgraph ${subgraph}.`);
  const reading: Reading = { definitions, features, graph };
  const keys = new Map<string, Set<string>>();
  const requires = new Map<string, Set<string>>();
  const entities = new Map<string, EntityJoin>();
  const interfaceObjects = new Map<string, readonly string[]>();
  for (const type of definitions.types.values()) {
    if (type.kind !== Kind.OBJECT_TYPE_DEFINITION && type.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    const name = type.name.value;
    const joined = joinsOf(type, features.directiveName(JOIN, "type"));
    for (const set of joined.flatMap(keyOf)) addAll(keys, name, coordinatesOf(set, name, definitions));
    const own = joined.filter((join) => readArgument(join, "graph") === graph);
    const lookups = own.filter((join) => readArgument(join, "resolvable") !== false).flatMap(keyOf);
    if (own.some((join) => readArgument(join, "isInterfaceObject") === true))
      interfaceObjects.set(name, possibleObjects(name, definitions));
    const ownRequires = new Map<string, SelectionSetNode>();
    for (const field of type.fields ?? []) readRequires(reading, { type: name, field }, { requires, ownRequires });
    if (lookups.length > 0) entities.set(name, { keys: lookups, requires: ownRequires });
  }
  return { keys, requires, entities, interfaceObjects };
}

function graphNamed(subgraph: string, definitions: Definitions, features: Features): string | undefined {
  const graphs = definitions.types.get(features.typeName(JOIN, "Graph"));
  const directive = features.directiveName(JOIN, "graph");
  if (graphs?.kind !== Kind.ENUM_TYPE_DEFINITION) return undefined;
  const found = graphs.values?.find((value) => joinsOf(value, directive).some((join) => stringArgument(join, "name") === subgraph));
  return found?.name.value;
}

function joinsOf(node: { readonly directives?: readonly ConstDirectiveNode[] | undefined }, name: string): readonly ConstDirectiveNode[] {
  return (node.directives ?? []).filter((directive) => directive.name.value === name);
}

function keyOf(join: ConstDirectiveNode): SelectionSetNode[] {
  const key = stringArgument(join, "key");
  return key === undefined ? [] : [parseFieldSet(key)];
}

interface Found {
  readonly requires: Map<string, Set<string>>;
  readonly ownRequires: Map<string, SelectionSetNode>;
}

function readRequires(
  { definitions, features, graph }: Reading,
  { type, field }: { readonly type: string; readonly field: FieldDefinitionNode },
  { requires, ownRequires }: Found,
): void {
  for (const join of joinsOf(field, features.directiveName(JOIN, "field"))) {
    const text = stringArgument(join, "requires");
    if (text === undefined) continue;
    const set = parseFieldSet(text);
    // What an interface object adds to an interface, it adds to each of its types.
    for (const object of possibleObjects(type, definitions))
      addAll(requires, `${object}.${field.name.value}`, coordinatesOf(set, object, definitions));
    if (readArgument(join, "graph") === graph) ownRequires.set(field.name.value, set);
  }
}

function addAll(into: Map<string, Set<string>>, name: string, found: ReadonlySet<string>): void {
  into.set(name, new Set([...(into.get(name) ?? []), ...found]));
}

function parseFieldSet(text: string): SelectionSetNode {
  const [definition] = parse(text.trimStart().startsWith("{") ? text : `{${text}}`, { noLocation: true }).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error("A field set is no selection set.");
  return definition.selectionSet;
}

function coordinatesOf(set: SelectionSetNode, parent: string, definitions: Definitions): ReadonlySet<string> {
  const found = new Set<string>();
  visitSet({ definitions, found }, set, possibleObjects(parent, definitions));
  return found;
}

interface Visit {
  readonly definitions: Definitions;
  readonly found: Set<string>;
}

function visitSet(visit: Visit, set: SelectionSetNode, objects: readonly string[]): void {
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD) for (const object of objects) visitField(visit, selection, object);
    else if (selection.kind === Kind.INLINE_FRAGMENT) {
      const condition = selection.typeCondition?.name.value;
      visitSet(visit, selection.selectionSet, condition === undefined ? objects : possibleObjects(condition, visit.definitions));
    }
  }
}

function visitField(visit: Visit, node: FieldNode, object: string): void {
  const name = node.name.value;
  if (name === "__typename") return;
  visit.found.add(`${object}.${name}`);
  const type = visit.definitions.types.get(object);
  const field = type?.kind === Kind.OBJECT_TYPE_DEFINITION ? type.fields?.find((each) => each.name.value === name) : undefined;
  if (field === undefined) return;
  for (const argument of node.arguments ?? []) {
    visit.found.add(`${object}.${name}(${argument.name.value}:)`);
    const input = field.arguments?.find((each) => each.name.value === argument.name.value);
    if (input !== undefined) visitValue(visit, namedType(input.type), argument.value);
  }
  if (node.selectionSet !== undefined) visitSet(visit, node.selectionSet, possibleObjects(namedType(field.type), visit.definitions));
}

function visitValue(visit: Visit, typeName: string, value: ValueNode): void {
  if (value.kind === Kind.ENUM) visit.found.add(`${typeName}.${value.value}`);
  else if (value.kind === Kind.LIST) for (const item of value.values) visitValue(visit, typeName, item);
  else if (value.kind === Kind.OBJECT) {
    const type = visit.definitions.types.get(typeName);
    for (const { name, value: inner } of value.fields) {
      visit.found.add(`${typeName}.${name.value}`);
      const field =
        type?.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION ? type.fields?.find((each) => each.name.value === name.value) : undefined;
      if (field !== undefined) visitValue(visit, namedType(field.type), inner);
    }
  }
}

function possibleObjects(name: string, { types }: Definitions): readonly string[] {
  const type = types.get(name);
  if (type?.kind === Kind.UNION_TYPE_DEFINITION) return (type.types ?? []).map((member) => member.name.value);
  if (type?.kind !== Kind.INTERFACE_TYPE_DEFINITION) return [name];
  return [...types.values()].filter((candidate) => implementsInterface(candidate, name)).map((candidate) => candidate.name.value);
}

function implementsInterface(type: TypeDefinitionNode, name: string): boolean {
  return type.kind === Kind.OBJECT_TYPE_DEFINITION && type.interfaces?.some((each) => each.name.value === name) === true;
}
