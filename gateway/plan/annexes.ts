import type { ConstDirectiveNode, FieldDefinitionNode, SelectionSetNode, TypeDefinitionNode } from "graphql";
import { Kind, parse } from "graphql/language/index.js";
import { type Definitions, namedType, stringArgument } from "../../schema/definitions.ts";
import type { Features } from "../../schema/features.ts";
import { graphOf, JOIN } from "./joins.ts";

/** Names that a supergraph uses for what tells of its subgraphs. */
export interface JoinNames {
  readonly graph: string;
  readonly graphEnum: string;
  readonly type: string;
  readonly field: string;
  readonly implements: string;
  readonly unionMember: string;
  readonly enumValue: string;
}

export function joinNamesOf(features: Features): JoinNames {
  const name = (directive: string): string => features.directiveName(JOIN, directive);
  return {
    graph: name("graph"),
    graphEnum: features.typeName(JOIN, "Graph"),
    type: name("type"),
    field: name("field"),
    implements: name("implements"),
    unionMember: name("unionMember"),
    enumValue: name("enumValue"),
  };
}

/** Fields of a type that a subgraph computes from the same inputs. */
export interface Annex {
  /** Its name in `join__Graph`, which no subgraph has. */
  readonly name: string;
  /** The subgraph's name in `join__Graph`. */
  readonly graph: string;
  readonly type: string;
  /** The types whose objects have the fields: those of an interface where the subgraph knows it as an object, else the type itself. */
  readonly members: readonly string[];
  readonly isInterfaceObject: boolean;
  readonly keys: readonly string[];
  /** What `@requires` says. */
  readonly requires: string;
  readonly fields: readonly FieldDefinitionNode[];
  /** Every other type that the fields or their inputs need. */
  readonly reached: ReadonlySet<string>;
  /** Whether the fields lead to objects of the interface again, of which the subgraph knows the keys alone. */
  readonly isSelfReached: boolean;
}

/** A supergraph, taken apart. */
export interface Parts {
  readonly types: Definitions["types"];
  readonly names: JoinNames;
}

/** Which fields annexes are made of: those with `@requires`, or all that a subgraph gives an interface's objects too. */
export type AnnexScope = "inputs" | "interfaces";

/**
 * Finds the fields that can be planned as those of a subgraph of their own: leaves and objects below which there are none of
 * the field's own type, with inputs that have no arguments, aliases or fragments.
 */
export function findAnnexes(parts: Parts, scope: AnnexScope): readonly Annex[] {
  const groups = new Map<string, Omit<Group, "name"> & { readonly fields: FieldDefinitionNode[] }>();
  for (const type of parts.types.values()) {
    for (const field of fieldsOf(type)) {
      for (const directive of (field.directives ?? []).filter(({ name }) => name.value === parts.names.field)) {
        const graph = graphOf(directive);
        const requires =
          stringArgument(directive, "requires") ?? (scope === "interfaces" && isGiven(parts, type, { field, directive }) ? "" : undefined);
        if (requires === undefined || graph === undefined) continue;
        const key = JSON.stringify([graph, type.name.value, requires]);
        const group = groups.get(key) ?? { type, graph, requires, fields: [] };
        group.fields.push(field);
        groups.set(key, group);
      }
    }
  }
  const taken = new Set([...parts.types.values()].flatMap((type) => (type.kind === Kind.ENUM_TYPE_DEFINITION ? valuesOf(type) : [])));
  return [...groups.values()].flatMap((group, index) => {
    let name = `${group.graph}_ANNEX_${index}`;
    while (taken.has(name)) name += "_";
    return annexOf(parts, { ...group, name }) ?? [];
  });
}

interface Joined {
  readonly field: FieldDefinitionNode;
  readonly directive: ConstDirectiveNode;
}

/** Whether a field of an interface is given to its objects by the subgraph of a directive, which knows the interface as an object. */
function isGiven({ names }: Parts, type: TypeDefinitionNode, { field, directive }: Joined): boolean {
  const joins = (type.directives ?? []).filter((each) => each.name.value === names.type && graphOf(each) === graphOf(directive));
  if (!joins.some((join) => isSet(join, "isInterfaceObject", true)) || isSet(directive, "external", true)) return false;
  return !joins.some((join) => namesIn(stringArgument(join, "key") ?? "").includes(field.name.value));
}

interface Group {
  readonly name: string;
  readonly graph: string;
  readonly type: TypeDefinitionNode;
  readonly requires: string;
  readonly fields: readonly FieldDefinitionNode[];
}

function annexOf(parts: Parts, { name, graph, type, requires, fields }: Group): Annex | undefined {
  const { names, types } = parts;
  const joins = (type.directives ?? []).filter((directive) => directive.name.value === names.type && graphOf(directive) === graph);
  const keys = joins.filter((join) => !isSet(join, "resolvable", false)).flatMap((join) => stringArgument(join, "key") ?? []);
  const isInterfaceObject = joins.some((join) => isSet(join, "isInterfaceObject", true));
  const typeName = type.name.value;
  const members = isInterfaceObject ? membersOf(parts, typeName) : [typeName];
  const inputs = readSelections(requires);
  const isObject = type.kind === Kind.OBJECT_TYPE_DEFINITION || isInterfaceObject;
  if (!isObject || keys.length === 0 || members.length === 0 || inputs === undefined) return undefined;
  // Whoever asks an interface of the subgraph for the field would otherwise be told that it has it.
  const interfaces = (type.directives ?? []).filter((each) => each.name.value === names.implements && graphOf(each) === graph);
  const declared = interfaces.flatMap((each) => fieldsOf(types.get(stringArgument(each, "interface") ?? "")));
  if (declared.some((field) => fields.some((own) => own.name.value === field.name.value))) return undefined;
  const reached = new Set<string>();
  const reach = { parts, graph, reached };
  for (const field of fields) reachField(reach, field);
  const isSelfReached = reached.has(typeName);
  if ((isSelfReached && !isInterfaceObject) || members.some((each) => reached.has(each))) return undefined;
  for (const key of [requires, ...keys]) reachSelections(reach, members[0] ?? typeName, readSelections(key));
  for (const each of [typeName, ...members]) reached.delete(each);
  return { name, graph, type: typeName, members, isInterfaceObject, keys, requires, fields, reached, isSelfReached };
}

function membersOf({ types }: Parts, interfaceName: string): string[] {
  return [...types.values()].flatMap((type) =>
    type.kind === Kind.OBJECT_TYPE_DEFINITION && type.interfaces?.some(({ name }) => name.value === interfaceName) === true
      ? [type.name.value]
      : [],
  );
}

/** Names at each level of a selection of plain fields; undefined for any other. */
function readSelections(text: string): SelectionSetNode | undefined {
  if (text === "") return { kind: Kind.SELECTION_SET, selections: [] };
  const [definition] = parse(`{${text}}`, { noLocation: true }).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION || !isPlain(definition.selectionSet)) return undefined;
  return definition.selectionSet;
}

function isPlain({ selections }: SelectionSetNode): boolean {
  return selections.every(
    (selection) =>
      selection.kind === Kind.FIELD &&
      selection.alias === undefined &&
      (selection.arguments ?? []).length === 0 &&
      (selection.selectionSet === undefined || isPlain(selection.selectionSet)),
  );
}

/** The first names of a selection of plain fields. */
export function namesIn(text: string): readonly string[] {
  return (readSelections(text)?.selections ?? []).flatMap((selection) => (selection.kind === Kind.FIELD ? [selection.name.value] : []));
}

interface Reach {
  readonly parts: Parts;
  readonly graph: string;
  readonly reached: Set<string>;
}

function reachField(reach: Reach, field: FieldDefinitionNode): void {
  reachType(reach, namedType(field.type));
  for (const argument of field.arguments ?? []) reachType(reach, namedType(argument.type));
}

function reachSelections(reach: Reach, typeName: string, set: SelectionSetNode | undefined): void {
  for (const selection of set?.selections ?? []) {
    const field = fieldsOf(reach.parts.types.get(typeName)).find(
      (each) => selection.kind === Kind.FIELD && each.name.value === selection.name.value,
    );
    if (field !== undefined) reachField(reach, field);
  }
}

function reachType(reach: Reach, typeName: string): void {
  const { parts, graph, reached } = reach;
  const type = parts.types.get(typeName);
  const joins = (type?.directives ?? []).filter((directive) => graphOf(directive) === graph);
  if (type === undefined || reached.has(typeName) || joins.length === 0) return;
  reached.add(typeName);
  for (const join of joins) reachType(reach, stringArgument(join, "interface") ?? stringArgument(join, "member") ?? "");
  if (type.kind === Kind.INTERFACE_TYPE_DEFINITION) for (const member of membersOf(parts, typeName)) reachType(reach, member);
  for (const field of fieldsOf(type)) if (isIn(field, graph, parts.names)) reachField(reach, field);
  if (type.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION) for (const field of type.fields ?? []) reachType(reach, namedType(field.type));
}

/** Whether a subgraph that has a field's type can be asked for the field: the field says so, or says nothing. */
export function isIn(field: FieldDefinitionNode, graph: string, names: JoinNames): boolean {
  const joins = (field.directives ?? []).filter((directive) => directive.name.value === names.field);
  return joins.length === 0 || joins.some((join) => graphOf(join) === graph && stringArgument(join, "requires") === undefined);
}

function isSet(directive: ConstDirectiveNode, name: string, expected: boolean): boolean {
  const value = directive.arguments?.find((argument) => argument.name.value === name)?.value;
  return value?.kind === Kind.BOOLEAN && value.value === expected;
}

function valuesOf(type: TypeDefinitionNode & { kind: Kind.ENUM_TYPE_DEFINITION }): string[] {
  return (type.values ?? []).map(({ name }) => name.value);
}

function fieldsOf(type: TypeDefinitionNode | undefined): readonly FieldDefinitionNode[] {
  return type?.kind === Kind.OBJECT_TYPE_DEFINITION || type?.kind === Kind.INTERFACE_TYPE_DEFINITION ? (type.fields ?? []) : [];
}
