import type {
  ConstArgumentNode,
  ConstDirectiveNode,
  DefinitionNode,
  DocumentNode,
  EnumTypeDefinitionNode,
  FieldDefinitionNode,
  InterfaceTypeDefinitionNode,
  ObjectTypeDefinitionNode,
} from "graphql";
import { Kind } from "graphql/language/index.js";
import { stringArgument } from "../../schema/definitions.ts";
import { type Annex, type JoinNames, namesIn } from "./annexes.ts";
import { graphOf } from "./joins.ts";

/**
 * Writes a supergraph in which each annex is a subgraph: a copy of what its own needs, without `@requires`, as the inputs are part of
 * its keys.
 *
 * @param root Name of the query type.
 */
export function addAnnexes(document: DocumentNode, annexes: readonly Annex[], { names, root }: Writing): DocumentNode {
  const add = (definition: DefinitionNode, annex: Annex): DefinitionNode => addAnnex(definition, annex, { names, root });
  return { ...document, definitions: document.definitions.map((definition) => annexes.reduce(add, definition)) };
}

/** What annexes are written with. */
export interface Writing {
  readonly names: JoinNames;
  readonly root: string;
}

function addAnnex(definition: DefinitionNode, annex: Annex, { names, root }: Writing): DefinitionNode {
  switch (definition.kind) {
    case Kind.ENUM_TYPE_DEFINITION:
      if (definition.name.value === names.graphEnum) return addGraph(definition, annex);
      return annex.reached.has(definition.name.value) ? copyEnum(definition, annex, names) : definition;
    case Kind.OBJECT_TYPE_DEFINITION:
    case Kind.INTERFACE_TYPE_DEFINITION: {
      const name = definition.name.value;
      if (name === annex.type || annex.members.includes(name)) return addToOwner(definition, annex, names);
      if (name === root) return join(definition, [directiveNode(names.type, annex.name)]);
      return annex.reached.has(name) ? copyFields(definition, annex, names) : definition;
    }
    case Kind.UNION_TYPE_DEFINITION:
    case Kind.SCALAR_TYPE_DEFINITION:
    case Kind.INPUT_OBJECT_TYPE_DEFINITION:
      return annex.reached.has(definition.name.value) ? join(definition, copies(definition.directives, annex)) : definition;
    default:
      return definition;
  }
}

function addGraph(definition: EnumTypeDefinitionNode, { graph, name }: Annex): DefinitionNode {
  const values = (definition.values ?? []).filter((value) => value.name.value === graph);
  const copied = values.map((value) => ({
    ...value,
    name: nameNode(name),
    directives: (value.directives ?? []).map((directive) => withArgument(directive, "name", { kind: Kind.STRING, value: name })),
  }));
  return { ...definition, values: [...(definition.values ?? []), ...copied] };
}

function copyEnum(definition: EnumTypeDefinitionNode, annex: Annex, names: JoinNames): DefinitionNode {
  const values = (definition.values ?? []).map((value) => {
    const isKnown = (value.directives ?? []).some(
      (directive) => directive.name.value === names.enumValue && graphOf(directive) === annex.graph,
    );
    return isKnown ? join(value, [directiveNode(names.enumValue, annex.name)]) : value;
  });
  return { ...join(definition, [directiveNode(names.type, annex.name)]), values };
}

type FieldsNode = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode;

/** A type that the annex's fields need: all of it that its subgraph has, under no key, as only the annex's own objects are looked up. */
function copyFields(definition: FieldsNode, annex: Annex, names: JoinNames): FieldsNode {
  const fields = (definition.fields ?? []).map((field): FieldDefinitionNode => {
    const joins = (field.directives ?? []).filter(
      (directive) =>
        directive.name.value === names.field && graphOf(directive) === annex.graph && stringArgument(directive, "requires") === undefined,
    );
    return joins.length === 0 ? field : join(field, copies(joins, annex));
  });
  const [isType, others] = [true, false].map((isWanted) =>
    (definition.directives ?? []).filter((directive) => (directive.name.value === names.type) === isWanted),
  );
  const objects = copies(isType, annex).filter((directive) => isInterfaceObject(directive));
  const joins = objects.length > 0 ? objects : [directiveNode(names.type, annex.name)];
  return { ...join(definition, [...joins, ...copies(others, annex)]), fields };
}

/** The type of the annex's fields, or one of those that have them from an interface. */
function addToOwner(definition: FieldsNode, annex: Annex, names: JoinNames): FieldsNode {
  const { name, keys, requires } = annex;
  const isMember = annex.members.includes(definition.name.value);
  const isObject = annex.isSelfReached && !isMember;
  const known = new Set(isMember || isObject ? keys.flatMap(namesIn) : []);
  const inputs = new Set(isMember ? namesIn(requires) : []);
  const own = new Map(annex.fields.map((field) => [field.name.value, field]));
  const fields = (definition.fields ?? []).map((field): FieldDefinitionNode => {
    const computed = own.get(field.name.value);
    if (computed !== undefined) return moveField(field, { computed: isObject ? undefined : computed, annex, names });
    const explicit = annex.isInterfaceObject && isMember ? nameGraphs(field, definition, names) : field;
    // A field that names no subgraph is in all that have its type.
    if (!isExplicit(explicit, names)) return field;
    if (known.has(field.name.value)) return join(explicit, [directiveNode(names.field, name)]);
    return inputs.has(field.name.value) ? join(explicit, [directiveNode(names.field, name, booleanArgument("external", true))]) : explicit;
  });
  const implementing =
    isMember && annex.isInterfaceObject && !annex.isSelfReached
      ? [directiveNode(names.implements, name, stringArgumentNode("interface", annex.type))]
      : [];
  return { ...join(definition, [...ownerJoins(annex, { isMember, isObject }, names), ...implementing]), fields };
}

interface OwnerKind {
  readonly isMember: boolean;
  /** Whether it is an interface that the annex knows as an object. */
  readonly isObject: boolean;
}

function ownerJoins({ name, keys, requires }: Annex, { isMember, isObject }: OwnerKind, names: JoinNames): ConstDirectiveNode[] {
  if (isObject) {
    const marks = [booleanArgument("isInterfaceObject", true), booleanArgument("resolvable", false)];
    return keys.map((key) => directiveNode(names.type, name, stringArgumentNode("key", key), ...marks));
  }
  if (!isMember) return [directiveNode(names.type, name)];
  return keys.map((key) => directiveNode(names.type, name, stringArgumentNode("key", `${key} ${requires}`.trim())));
}

function isExplicit(field: FieldDefinitionNode, names: JoinNames): boolean {
  return (field.directives ?? []).some((directive) => directive.name.value === names.field);
}

/** Has a field say which subgraphs it is in: those that its type is in so far. */
function nameGraphs(field: FieldDefinitionNode, type: FieldsNode, names: JoinNames): FieldDefinitionNode {
  if (isExplicit(field, names)) return field;
  const joins = (type.directives ?? []).filter((directive) => directive.name.value === names.type);
  const graphs = new Set(joins.flatMap((directive) => graphOf(directive) ?? []));
  return join(
    field,
    [...graphs].map((graph) => directiveNode(names.field, graph)),
  );
}

/** Whether a join says that its subgraph knows an interface as an object. */
export function isInterfaceObject(directive: ConstDirectiveNode): boolean {
  const value = directive.arguments?.find((argument) => argument.name.value === "isInterfaceObject")?.value;
  return value?.kind === Kind.BOOLEAN && value.value;
}

interface Moving {
  /** The field as its subgraph declares it; undefined where no subgraph may be asked for it. */
  readonly computed: FieldDefinitionNode | undefined;
  readonly annex: Annex;
  readonly names: JoinNames;
}

/** Takes a field from its subgraph, or from the interface that it came with, into the annex. */
function moveField(field: FieldDefinitionNode, { computed, annex, names }: Moving): FieldDefinitionNode {
  const isOld = (directive: ConstDirectiveNode): boolean =>
    directive.name.value === names.field && (graphOf(directive) === annex.graph || graphOf(directive) === undefined);
  const moved = (computed?.directives ?? []).filter(
    (directive) => directive.name.value === names.field && graphOf(directive) === annex.graph,
  );
  const copied = copies(moved, annex).map((directive) => ({
    ...directive,
    arguments: (directive.arguments ?? []).filter((argument) => argument.name.value !== "requires"),
  }));
  const nowhere: ConstDirectiveNode = { kind: Kind.DIRECTIVE, name: nameNode(names.field), arguments: [] };
  const left = [...(field.directives ?? []).filter((directive) => !isOld(directive)), ...copied];
  // A field that names no subgraph would be in all that have its type.
  return { ...field, directives: left.some((directive) => directive.name.value === names.field) ? left : [...left, nowhere] };
}

/** What directives say of an annex's subgraph, said of the annex. */
function copies(directives: readonly ConstDirectiveNode[] | undefined, { graph, name }: Annex): ConstDirectiveNode[] {
  return (directives ?? [])
    .filter((directive) => graphOf(directive) === graph)
    .map((directive) => withArgument(directive, "graph", { kind: Kind.ENUM, value: name }));
}

function withArgument(directive: ConstDirectiveNode, name: string, value: ConstArgumentNode["value"]): ConstDirectiveNode {
  const given = (directive.arguments ?? []).map((argument) => (argument.name.value === name ? { ...argument, value } : argument));
  return { ...directive, arguments: given };
}

function join<Node extends { readonly directives?: readonly ConstDirectiveNode[] | undefined }>(
  node: Node,
  directives: readonly ConstDirectiveNode[],
): Node {
  return { ...node, directives: [...(node.directives ?? []), ...directives] };
}

/** A directive about a subgraph. */
export function directiveNode(name: string, graph: string, ...more: readonly ConstArgumentNode[]): ConstDirectiveNode {
  const argument: ConstArgumentNode = { kind: Kind.ARGUMENT, name: nameNode("graph"), value: { kind: Kind.ENUM, value: graph } };
  return { kind: Kind.DIRECTIVE, name: nameNode(name), arguments: [argument, ...more] };
}

function stringArgumentNode(name: string, value: string): ConstArgumentNode {
  return { kind: Kind.ARGUMENT, name: nameNode(name), value: { kind: Kind.STRING, value } };
}

function booleanArgument(name: string, value: boolean): ConstArgumentNode {
  return { kind: Kind.ARGUMENT, name: nameNode(name), value: { kind: Kind.BOOLEAN, value } };
}

function nameNode(value: string): { readonly kind: Kind.NAME; readonly value: string } {
  return { kind: Kind.NAME, value };
}
