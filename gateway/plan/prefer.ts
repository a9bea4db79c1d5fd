import type { ConstDirectiveNode, DefinitionNode, DocumentNode, FieldDefinitionNode } from "graphql";
import { Kind } from "graphql/language/index.js";
import { type Definitions, namedType } from "../../schema/definitions.ts";
import { directiveNode, isInterfaceObject } from "./annexed.ts";
import type { JoinNames } from "./annexes.ts";
import { graphOf } from "./joins.ts";

/**
 * Has a field that several subgraphs share be asked of those that can tell its objects' types, where some know their interface as an object:
 * the planner finds no way from the one kind to the other, and whoever shares a field gives the same.
 */
export function preferTypes(document: DocumentNode, types: Definitions["types"], names: JoinNames): DocumentNode {
  const definitions = document.definitions.map((definition): DefinitionNode => {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) return definition;
    const joins = joinsOf(definition.directives, names.type);
    return { ...definition, fields: (definition.fields ?? []).map((field) => preferField(field, { joins, types, names })) };
  });
  return { ...document, definitions };
}

interface Preferring {
  /** Of the type that has the field. */
  readonly joins: readonly ConstDirectiveNode[];
  readonly types: Definitions["types"];
  readonly names: JoinNames;
}

function preferField(field: FieldDefinitionNode, { joins, types, names }: Preferring): FieldDefinitionNode {
  const objects = joinsOf(types.get(namedType(field.type))?.directives, names.type).filter(isInterfaceObject);
  if (objects.length === 0) return field;
  const blind = new Set(objects.map(graphOf));
  const said = joinsOf(field.directives, names.field);
  // A field that names no subgraph is in all that have its type.
  const all =
    said.length > 0 ? said : [...new Set(joins.flatMap((join) => graphOf(join) ?? []))].map((graph) => directiveNode(names.field, graph));
  const seeing = all.filter((join) => !blind.has(graphOf(join)) && isPlain(join));
  if (seeing.length === 0 || seeing.length === all.length || !all.every(isPlain)) return field;
  const others = (field.directives ?? []).filter((directive) => directive.name.value !== names.field);
  return { ...field, directives: [...others, ...seeing] };
}

/** Whether a subgraph shares the field for good, and has it from nobody. */
function isPlain(join: ConstDirectiveNode): boolean {
  return (join.arguments ?? []).every(({ name }) => name.value === "graph" || name.value === "type" || name.value === "provides");
}

function joinsOf(directives: readonly ConstDirectiveNode[] | undefined, name: string): ConstDirectiveNode[] {
  return (directives ?? []).filter((directive) => directive.name.value === name);
}
