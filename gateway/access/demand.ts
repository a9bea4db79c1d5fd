import type {
  DocumentNode,
  FieldNode,
  FragmentDefinitionNode,
  GraphQLArgument,
  GraphQLField,
  GraphQLInputType,
  GraphQLNamedType,
  GraphQLSchema,
  OperationDefinitionNode,
  SelectionSetNode,
  ValueNode,
  VariableDefinitionNode,
} from "graphql";
import {
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInputType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  typeFromAST,
} from "graphql";
import { HubError } from "../core/errors.ts";
import { isCatalogue } from "../core/reserved.ts";
import { selectOperation } from "./operation.ts";

/** What an operation touches. */
export interface Demand {
  /**
   * Without repeats, in the order in which the operation comes to them: `Type.field` with the parent type as written,
   * `Type.field(argument:)`, and of values written out `Input.field` and `Enum.VALUE`; `@directive` and
   * `@directive(argument:)` for directives other than `@skip` and `@include`.
   */
  readonly coordinates: readonly string[];
  /** Variables whose values hold coordinates of their own: their type is an enum or an input object. */
  readonly inputVariables: readonly InputVariable[];
}

/** A variable of an enum or input object type, lists of such included. */
export interface InputVariable {
  readonly name: string;
  readonly type: GraphQLInputType;
}

/**
 * Names every coordinate that an operation touches. `__typename` and all of introspection cost nothing.
 *
 * @throws {HubError} OPERATION_RESOLUTION_FAILURE when no one operation is meant; GRAPHQL_VALIDATION_FAILED for a field
 * or type that the schema doesn't have.
 */
export function demandOf(schema: GraphQLSchema, document: DocumentNode, operationName: string | undefined): Demand {
  const { operation, fragments } = selectOperation(document, operationName);
  const inputs = createInputScope(schema, operation);
  const demand: Demanding = { inputs, fragments, found: new Set(), seen: new Set() };
  for (const coordinate of directiveCoordinates(inputs, operation)) demand.found.add(coordinate);
  for (const variable of operation.variableDefinitions ?? []) {
    for (const coordinate of directiveCoordinates(inputs, variable)) demand.found.add(coordinate);
  }
  addSet(demand, operation.selectionSet, schema.getRootType(operation.operation) ?? undefined);
  return { coordinates: [...demand.found], inputVariables: inputVariablesOf(schema, operation.variableDefinitions) };
}

/** The variables whose values hold coordinates. */
export function inputVariablesOf(
  schema: GraphQLSchema,
  definitions: readonly VariableDefinitionNode[] | undefined,
): readonly InputVariable[] {
  return (definitions ?? []).flatMap((definition) => {
    const type = typeFromAST(schema, definition.type);
    if (!isInputType(type)) return [];
    const named = getNamedType(type);
    return isEnumType(named) || isInputObjectType(named) ? [{ name: definition.variable.name.value, type }] : [];
  });
}

/** What literal values are read against. */
export interface InputScope {
  readonly schema: GraphQLSchema;
  readonly variables: ReadonlyMap<string, VariableDefinitionNode>;
  /** Variables whose default values are counted already: one that is used a thousand times is read once. */
  readonly readDefaults: Set<string>;
}

/** Starts reading an operation's values. */
export function createInputScope(schema: GraphQLSchema, operation: OperationDefinitionNode): InputScope {
  const definitions = operation.variableDefinitions ?? [];
  return {
    schema,
    variables: new Map(definitions.map((definition) => [definition.variable.name.value, definition])),
    readDefaults: new Set(),
  };
}

/**
 * Finds a field's definition; undefined for `__typename`.
 *
 * @throws {HubError} GRAPHQL_VALIDATION_FAILED when the type has no such field.
 */
export function fieldOf(
  schema: GraphQLSchema,
  parent: GraphQLNamedType | undefined,
  node: FieldNode,
): GraphQLField<unknown, unknown> | undefined {
  const name = node.name.value;
  if (name === "__typename") return undefined;
  if (isRootIntrospection(schema, parent, node) && !isCatalogue(schema, parent, name))
    return name === SchemaMetaFieldDef.name ? SchemaMetaFieldDef : TypeMetaFieldDef;
  const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
  if (field === undefined) throw invalid(`Type ${parent?.name ?? "?"} has no field ${name}.`);
  return field;
}

/** Whether a field asks for the schema itself, or for the catalogue: what the hub answers. */
export function isRootIntrospection(schema: GraphQLSchema, parent: GraphQLNamedType | undefined, node: FieldNode): boolean {
  const name = node.name.value;
  if (isCatalogue(schema, parent, name)) return true;
  return (name === SchemaMetaFieldDef.name || name === TypeMetaFieldDef.name) && parent === schema.getQueryType();
}

/**
 * The type that a fragment narrows to.
 *
 * @throws {HubError} GRAPHQL_VALIDATION_FAILED when there is no such type.
 */
export function narrowed(
  schema: GraphQLSchema,
  parent: GraphQLNamedType | undefined,
  condition: string | undefined,
): GraphQLNamedType | undefined {
  if (condition === undefined) return parent;
  const type = schema.getType(condition);
  if (type === undefined) throw invalid(`There is no type ${condition}.`);
  return type;
}

/** The refusal of a document that validation would have refused. */
export function invalid(message: string): HubError {
  return new HubError("GRAPHQL_VALIDATION_FAILED", message);
}

/** The coordinates of a field's arguments and of the values written for them, in document order, repeats included. */
export function argumentCoordinates(
  scope: InputScope,
  coordinate: string,
  written: { readonly node: FieldNode; readonly field: GraphQLField<unknown, unknown> },
): string[] {
  const found: string[] = [];
  addArguments({ scope, found }, coordinate, { given: written.node.arguments ?? [], known: written.field.args });
  return found;
}

/** The coordinates of the directives on a node, `@skip` and `@include` left out: they only read what the caller sent. */
export function directiveCoordinates(scope: InputScope, node: Pick<FieldNode, "directives">): string[] {
  const found: string[] = [];
  for (const directive of node.directives ?? []) {
    const name = directive.name.value;
    if (name === "skip" || name === "include") continue;
    found.push(`@${name}`);
    addArguments({ scope, found }, `@${name}`, { given: directive.arguments ?? [], known: scope.schema.getDirective(name)?.args ?? [] });
  }
  return found;
}

interface Demanding {
  readonly inputs: InputScope;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly found: Set<string>;
  /** Fragments that are counted already; a fragment touches the same wherever it is spread. */
  readonly seen: Set<string>;
}

function addSet(demand: Demanding, set: SelectionSetNode, parent: GraphQLNamedType | undefined): void {
  const { schema } = demand.inputs;
  for (const selection of set.selections) {
    for (const coordinate of directiveCoordinates(demand.inputs, selection)) demand.found.add(coordinate);
    if (selection.kind === Kind.FIELD) addField(demand, selection, parent);
    else if (selection.kind === Kind.INLINE_FRAGMENT) {
      addSet(demand, selection.selectionSet, narrowed(schema, parent, selection.typeCondition?.name.value));
    } else {
      const fragment = demand.fragments.get(selection.name.value);
      if (fragment === undefined) throw invalid(`There is no fragment ${selection.name.value}.`);
      if (demand.seen.has(fragment.name.value)) continue;
      demand.seen.add(fragment.name.value);
      for (const coordinate of directiveCoordinates(demand.inputs, fragment)) demand.found.add(coordinate);
      addSet(demand, fragment.selectionSet, narrowed(schema, undefined, fragment.typeCondition.name.value));
    }
  }
}

function addField(demand: Demanding, node: FieldNode, parent: GraphQLNamedType | undefined): void {
  const field = fieldOf(demand.inputs.schema, parent, node);
  if (field === undefined || parent === undefined || isRootIntrospection(demand.inputs.schema, parent, node)) return;
  const coordinate = `${parent.name}.${field.name}`;
  demand.found.add(coordinate);
  for (const argument of argumentCoordinates(demand.inputs, coordinate, { node, field })) demand.found.add(argument);
  if (node.selectionSet !== undefined) addSet(demand, node.selectionSet, getNamedType(field.type));
}

interface ValueWalk {
  readonly scope: InputScope;
  readonly found: string[];
}

interface Arguments {
  readonly given: NonNullable<FieldNode["arguments"]>;
  readonly known: readonly GraphQLArgument[];
}

function addArguments(walk: ValueWalk, coordinate: string, { given, known }: Arguments): void {
  for (const argument of given) {
    walk.found.push(`${coordinate}(${argument.name.value}:)`);
    const type = known.find((candidate) => candidate.name === argument.name.value)?.type;
    if (type !== undefined) addValue(walk, type, argument.value);
  }
}

function addValue(walk: ValueWalk, type: GraphQLInputType, value: ValueNode): void {
  if (value.kind === Kind.VARIABLE) {
    const name = value.name.value;
    const standard = walk.scope.variables.get(name)?.defaultValue;
    if (standard === undefined || walk.scope.readDefaults.has(name)) return;
    walk.scope.readDefaults.add(name);
    addValue(walk, type, standard);
    return;
  }
  const nullable = isNonNullType(type) ? type.ofType : type;
  if (isListType(nullable)) {
    // One value where a list is expected stands for a list of one.
    for (const item of value.kind === Kind.LIST ? value.values : [value]) addValue(walk, nullable.ofType, item);
  } else if (isInputObjectType(nullable) && value.kind === Kind.OBJECT) {
    const fields = nullable.getFields();
    for (const { name, value: inner } of value.fields) {
      walk.found.push(`${nullable.name}.${name.value}`);
      const field = fields[name.value];
      if (field !== undefined) addValue(walk, field.type, inner);
    }
  } else if (isEnumType(nullable) && value.kind === Kind.ENUM) walk.found.push(`${nullable.name}.${value.value}`);
}
