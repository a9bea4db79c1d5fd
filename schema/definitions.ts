import type {
  ConstDirectiveNode,
  ConstValueNode,
  DefinitionNode,
  DirectiveDefinitionNode,
  DocumentNode,
  SchemaDefinitionNode,
  SchemaExtensionNode,
  TypeDefinitionNode,
  TypeExtensionNode,
  TypeNode,
} from "graphql";
import { Kind } from "graphql/language/index.js";
import { placeOf, SupergraphError } from "./errors.ts";

/** The definitions of a schema document by name, with every extension folded into what it extends. */
export interface Definitions {
  /** Undefined where the document has neither `schema` nor `extend schema`. */
  readonly schema: SchemaDefinitionNode | undefined;
  readonly types: ReadonlyMap<string, TypeDefinitionNode>;
  readonly directives: ReadonlyMap<string, DirectiveDefinitionNode>;
}

/** A directive argument's value. Objects are not read: no directive of ours takes one. */
export type ArgumentValue = string | number | boolean | readonly ArgumentValue[];

/**
 * Collects the definitions of a schema document.
 *
 * @throws {SupergraphError} Where a name is defined twice, an extension extends nothing, or the document holds an operation.
 */
export function readDefinitions(document: DocumentNode): Definitions {
  const types = new Map<string, TypeDefinitionNode>();
  const directives = new Map<string, DirectiveDefinitionNode>();
  const extensions: TypeExtensionNode[] = [];
  let schema: SchemaDefinitionNode | undefined;
  const schemaExtensions: SchemaExtensionNode[] = [];
  for (const definition of document.definitions) {
    switch (definition.kind) {
      case Kind.SCHEMA_DEFINITION:
        if (schema !== undefined) throw fault("The schema is defined twice.", definition);
        schema = definition;
        break;
      case Kind.SCHEMA_EXTENSION:
        schemaExtensions.push(definition);
        break;
      case Kind.DIRECTIVE_DEFINITION:
        addOnce(directives, definition, `Directive @${definition.name.value}`);
        break;
      case Kind.OPERATION_DEFINITION:
      case Kind.FRAGMENT_DEFINITION:
        throw fault("An operation or fragment stands in the schema document.", definition);
      case Kind.DIRECTIVE_EXTENSION:
        throw fault("Extensions of directives are not part of a supergraph.", definition);
      default:
        if (isTypeExtension(definition)) extensions.push(definition);
        else addOnce(types, definition, `Type ${definition.name.value}`);
    }
  }
  for (const extension of extensions) foldExtension(types, extension);
  return { schema: foldSchema(schema, schemaExtensions), types, directives };
}

/** The value of a directive's argument, if it is a plain string. */
export function stringArgument(directive: ConstDirectiveNode, name: string): string | undefined {
  const value = directive.arguments?.find((argument) => argument.name.value === name)?.value;
  return value?.kind === Kind.STRING ? value.value : undefined;
}

/** The value of a directive's argument: strings and enum names as text, numbers as numbers; undefined where it isn't given or is null. */
export function readArgument(directive: ConstDirectiveNode, name: string): ArgumentValue | undefined {
  const value = directive.arguments?.find((argument) => argument.name.value === name)?.value;
  return value === undefined ? undefined : readValue(value);
}

function readValue(value: ConstValueNode): ArgumentValue | undefined {
  switch (value.kind) {
    case Kind.STRING:
    case Kind.ENUM:
      return value.value;
    case Kind.BOOLEAN:
      return value.value;
    case Kind.INT:
    case Kind.FLOAT:
      return Number(value.value);
    case Kind.LIST:
      return value.values.flatMap((item) => readValue(item) ?? []);
    default:
      return undefined;
  }
}

/** Name of the type inside lists and non-nulls. */
export function namedType(type: TypeNode): string {
  let inner = type;
  while (inner.kind !== Kind.NAMED_TYPE) inner = inner.type;
  return inner.name.value;
}

function addOnce<Node extends TypeDefinitionNode | DirectiveDefinitionNode>(into: Map<string, Node>, node: Node, what: string): void {
  if (into.has(node.name.value)) throw fault(`${what} is defined twice.`, node);
  into.set(node.name.value, node);
}

function isTypeExtension(definition: DefinitionNode): definition is TypeExtensionNode {
  return definition.kind.endsWith("TypeExtension");
}

function foldExtension(types: Map<string, TypeDefinitionNode>, extension: TypeExtensionNode): void {
  const name = extension.name.value;
  const base = types.get(name);
  if (base === undefined || base.kind !== extension.kind.replace("Extension", "Definition")) {
    throw fault(`Type ${name} is extended as what it isn't defined as.`, extension);
  }
  // Both nodes are of one kind by the check above, so the lists of the one continue those of the other.
  const folded: Record<string, unknown> = { ...base };
  for (const list of ["directives", "fields", "interfaces", "types", "values"] as const) {
    const parts = [base, extension].flatMap((node): readonly unknown[] => {
      const part: unknown = Reflect.get(node, list);
      return Array.isArray(part) ? part : [];
    });
    if (parts.length > 0) folded[list] = parts;
  }
  types.set(name, folded as unknown as TypeDefinitionNode);
}

function foldSchema(
  schema: SchemaDefinitionNode | undefined,
  extensions: readonly SchemaExtensionNode[],
): SchemaDefinitionNode | undefined {
  const first = schema ?? extensions[0];
  if (first === undefined) return undefined;
  const parts = [...(schema === undefined ? [] : [schema]), ...extensions];
  return {
    ...first,
    kind: Kind.SCHEMA_DEFINITION,
    directives: parts.flatMap((part) => part.directives ?? []),
    operationTypes: parts.flatMap((part) => part.operationTypes ?? []),
  };
}

function fault(message: string, node: DefinitionNode): SupergraphError {
  return new SupergraphError(message, placeOf(node));
}
