import type { ConstDirectiveNode, DocumentNode } from "graphql";
import { Kind } from "graphql/language/index.js";
import { namedType, stringArgument } from "../../schema/definitions.ts";

/** The specification whose directives say which subgraph has what. */
export const JOIN = "https://specs.apollo.dev/join";

/** The graph that a join directive names. */
export function graphOf(directive: ConstDirectiveNode): string | undefined {
  const value = directive.arguments?.find((argument) => argument.name.value === "graph")?.value;
  return value?.kind === Kind.ENUM ? value.value : undefined;
}

/** Names in `join__Graph` by subgraph. */
export function graphsByName(document: DocumentNode, joinGraph: string): ReadonlyMap<string, string> {
  const graphs = new Map<string, string>();
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.ENUM_TYPE_DEFINITION) continue;
    for (const value of definition.values ?? []) {
      const directive = value.directives?.find((candidate) => candidate.name.value === joinGraph);
      const subgraph = directive === undefined ? undefined : stringArgument(directive, "name");
      if (subgraph !== undefined) graphs.set(subgraph, value.name.value);
    }
  }
  return graphs;
}

/** Named type of each field, by `Type.field`, and of each root by its kind of operation. */
export function readFieldTypes(document: DocumentNode): ReadonlyMap<string, string> {
  const types = new Map<string, string>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.SCHEMA_DEFINITION)
      for (const root of definition.operationTypes) types.set(root.operation, root.type.name.value);
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    for (const field of definition.fields ?? []) types.set(`${definition.name.value}.${field.name.value}`, namedType(field.type));
  }
  return types;
}
