import type {
  ArgumentNode,
  DirectiveNode,
  DocumentNode,
  FieldNode,
  FragmentDefinitionNode,
  GraphQLCompositeType,
  GraphQLField,
  GraphQLInputType,
  GraphQLObjectType,
  GraphQLSchema,
  OperationDefinitionNode,
  SelectionNode,
  SelectionSetNode,
  ValueNode,
} from "graphql";
import {
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isInputType,
  isInterfaceType,
  isObjectType,
  Kind,
  typeFromAST,
} from "graphql";
import { addLiteral } from "./values.ts";

/** What an operation asks of a subgraph. */
export interface Demand {
  /**
   * In the order in which the operation comes to them, without repeats: `Type.field` of object types, `Type.field(argument:)`, and of values
   * written out `Input.field` and `Enum.VALUE`; `@directive` for directives other than `@skip` and `@include`. `__typename` and
   * `_entities` are left out.
   */
  readonly coordinates: readonly string[];
  /** Variables whose values hold coordinates: their type is an enum or an input object, or a list of such. */
  readonly inputVariables: readonly InputVariable[];
  /** The `_entities` fields at the root. */
  readonly lookups: readonly Lookup[];
}

/** A variable whose value holds coordinates. */
export interface InputVariable {
  readonly name: string;
  readonly type: GraphQLInputType;
}

/** One `_entities` field. */
export interface Lookup {
  /** What stands for its representations; undefined when nothing does. */
  readonly argument: ValueNode | undefined;
  /** The default value of the variable that stands there, if any. */
  readonly fallback: ValueNode | undefined;
  /** By type: names of the fields that are selected of its entities. */
  readonly selected: ReadonlyMap<string, ReadonlySet<string>>;
}

interface Walk {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly found: Set<string>;
  /** Fragments that were read, so that one that is spread often costs no more. */
  readonly read: Set<string>;
  readonly lookups: Lookup[];
  readonly operation: OperationDefinitionNode;
}

/** Where selections stand: the type as written, and the object types that can be there. */
interface Site {
  readonly type: GraphQLCompositeType;
  readonly objects: ReadonlySet<GraphQLObjectType>;
}

/**
 * Names everything that an operation asks for. A field of an interface stands for that of every type that can be there.
 *
 * @param document Valid in the schema.
 */
export function demandOf(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode): Demand {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const each of document.definitions) if (each.kind === Kind.FRAGMENT_DEFINITION) fragments.set(each.name.value, each);
  const walk: Walk = { schema, fragments, found: new Set(), read: new Set(), lookups: [], operation };
  addDirectives(walk, operation.directives);
  for (const variable of operation.variableDefinitions ?? []) {
    addDirectives(walk, variable.directives);
    const type = typeFromAST(schema, variable.type);
    if (isInputType(type) && variable.defaultValue !== undefined) addLiteral(walk.found, type, variable.defaultValue);
  }
  const root = schema.getRootType(operation.operation);
  if (root !== undefined && root !== null) addSet(walk, operation.selectionSet, siteOf(schema, root));
  return { coordinates: [...walk.found], inputVariables: inputVariablesOf(schema, operation), lookups: walk.lookups };
}

/** The name under which the supergraph knows a type: a subgraph may call its root types as it likes. */
export function publicName(schema: GraphQLSchema, type: GraphQLCompositeType): string {
  if (type === schema.getQueryType()) return "Query";
  if (type === schema.getMutationType()) return "Mutation";
  return type === schema.getSubscriptionType() ? "Subscription" : type.name;
}

function inputVariablesOf(schema: GraphQLSchema, operation: OperationDefinitionNode): readonly InputVariable[] {
  return (operation.variableDefinitions ?? []).flatMap((definition) => {
    const type = typeFromAST(schema, definition.type);
    if (!isInputType(type)) return [];
    const named = getNamedType(type);
    return isEnumType(named) || isInputObjectType(named) ? [{ name: definition.variable.name.value, type }] : [];
  });
}

function siteOf(schema: GraphQLSchema, type: GraphQLCompositeType): Site {
  return { type, objects: new Set(isAbstractType(type) ? schema.getPossibleTypes(type) : [type]) };
}

function addSet(walk: Walk, set: SelectionSetNode, site: Site): void {
  for (const selection of set.selections) addSelection(walk, selection, site);
}

function addSelection(walk: Walk, selection: SelectionNode, site: Site): void {
  addDirectives(walk, selection.directives);
  if (selection.kind === Kind.FIELD) addField(walk, selection, site);
  else if (selection.kind === Kind.INLINE_FRAGMENT) {
    addSet(walk, selection.selectionSet, narrow(walk.schema, site, selection.typeCondition?.name.value));
  } else {
    const fragment = walk.fragments.get(selection.name.value);
    if (fragment === undefined || walk.read.has(fragment.name.value)) return;
    walk.read.add(fragment.name.value);
    addDirectives(walk, fragment.directives);
    const type = walk.schema.getType(fragment.typeCondition.name.value);
    // Read for all types that the fragment fits, since it is read once and may be spread in several places.
    if (isCompositeType(type)) addSet(walk, fragment.selectionSet, siteOf(walk.schema, type));
  }
}

function narrow(schema: GraphQLSchema, site: Site, condition: string | undefined): Site {
  const type = condition === undefined ? undefined : schema.getType(condition);
  if (!isCompositeType(type)) return site;
  const fitting = [...siteOf(schema, type).objects].filter((object) => site.objects.has(object));
  return { type, objects: new Set(fitting) };
}

function addField(walk: Walk, node: FieldNode, site: Site): void {
  const { schema, found } = walk;
  const name = node.name.value;
  if (name === "__typename") return;
  if (name === "_entities" && site.type === schema.getQueryType()) {
    addLookup(walk, node);
    return;
  }
  const field = fieldOf(site.type, name);
  // Where no object type can be, the type as written stands for itself, and nobody may read an interface.
  const owners = site.objects.size === 0 ? [site.type] : [...site.objects];
  for (const owner of owners) {
    const coordinate = `${publicName(schema, owner)}.${name}`;
    found.add(coordinate);
    for (const argument of node.arguments ?? []) found.add(`${coordinate}(${argument.name.value}:)`);
  }
  if (field === undefined) return;
  addArgumentValues(walk, field, node.arguments);
  const type = getNamedType(field.type);
  if (node.selectionSet !== undefined && isCompositeType(type)) addSet(walk, node.selectionSet, siteOf(schema, type));
}

function fieldOf(type: GraphQLCompositeType, name: string): GraphQLField<unknown, unknown> | undefined {
  return isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
}

function addArgumentValues({ found }: Walk, field: GraphQLField<unknown, unknown>, given: readonly ArgumentNode[] = []): void {
  for (const { name, value } of given) {
    const known = field.args.find((each) => each.name === name.value);
    if (known !== undefined) addLiteral(found, known.type, value);
  }
}

function addDirectives({ found }: Walk, directives: readonly DirectiveNode[] | undefined): void {
  for (const { name } of directives ?? []) if (name.value !== "skip" && name.value !== "include") found.add(`@${name.value}`);
}

function addLookup(walk: Walk, node: FieldNode): void {
  const { schema, operation, lookups } = walk;
  const argument = node.arguments?.find((each) => each.name.value === "representations")?.value;
  const variable = argument?.kind === Kind.VARIABLE ? argument.name.value : undefined;
  const definition = operation.variableDefinitions?.find((each) => each.variable.name.value === variable);
  const entity = schema.getType("_Entity");
  const selected = new Map<string, Set<string>>();
  if (node.selectionSet !== undefined && isCompositeType(entity)) {
    addSet(walk, node.selectionSet, siteOf(schema, entity));
    listSelected({ walk, selected, spread: new Set() }, node.selectionSet, siteOf(schema, entity));
  }
  lookups.push({ argument, fallback: definition?.defaultValue, selected });
}

interface Listing {
  readonly walk: Walk;
  readonly selected: Map<string, Set<string>>;
  readonly spread: Set<string>;
}

/** Lists the fields right under an `_entities` field, by the type on which they are asked for: an entity's own or an interface's. */
function listSelected(listing: Listing, set: SelectionSetNode, site: Site): void {
  const { walk, selected, spread } = listing;
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD) {
      for (const { name } of [site.type, ...site.objects]) selected.set(name, (selected.get(name) ?? new Set()).add(selection.name.value));
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      listSelected(listing, selection.selectionSet, narrow(walk.schema, site, selection.typeCondition?.name.value));
    } else {
      const fragment = walk.fragments.get(selection.name.value);
      if (fragment === undefined || spread.has(fragment.name.value)) continue;
      spread.add(fragment.name.value);
      listSelected(listing, fragment.selectionSet, narrow(walk.schema, site, fragment.typeCondition.name.value));
    }
  }
}
