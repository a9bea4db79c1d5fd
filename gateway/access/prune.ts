import type {
  ArgumentNode,
  DirectiveNode,
  DocumentNode,
  FragmentDefinitionNode,
  OperationDefinitionNode,
  SelectionSetNode,
  ValueNode,
} from "graphql";
import { Kind } from "graphql";

interface Use {
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly variables: Set<string>;
  readonly usedFragments: Map<string, FragmentDefinitionNode>;
}

/** Makes a document of an operation, with the fragments and variables that it uses and no others. */
export function assemble(operation: OperationDefinitionNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>): DocumentNode {
  const use: Use = { fragments, variables: new Set(), usedFragments: new Map() };
  countDirectives(use, operation.directives);
  for (const definition of operation.variableDefinitions ?? []) countDirectives(use, definition.directives);
  countSet(use, operation.selectionSet);
  const variableDefinitions = (operation.variableDefinitions ?? []).filter((definition) =>
    use.variables.has(definition.variable.name.value),
  );
  return { kind: Kind.DOCUMENT, definitions: [{ ...operation, variableDefinitions }, ...use.usedFragments.values()] };
}

function countSet(use: Use, set: SelectionSetNode): void {
  for (const selection of set.selections) {
    countDirectives(use, selection.directives);
    if (selection.kind === Kind.FIELD) countArguments(use, selection.arguments);
    if (selection.kind !== Kind.FRAGMENT_SPREAD) {
      if (selection.selectionSet !== undefined) countSet(use, selection.selectionSet);
      continue;
    }
    const fragment = use.fragments.get(selection.name.value);
    if (fragment === undefined || use.usedFragments.has(fragment.name.value)) continue;
    use.usedFragments.set(fragment.name.value, fragment);
    countDirectives(use, fragment.directives);
    countSet(use, fragment.selectionSet);
  }
}

function countDirectives(use: Use, directives: readonly DirectiveNode[] | undefined): void {
  for (const directive of directives ?? []) countArguments(use, directive.arguments);
}

function countArguments(use: Use, written: readonly ArgumentNode[] | undefined): void {
  for (const argument of written ?? []) countValue(use, argument.value);
}

function countValue(use: Use, value: ValueNode): void {
  if (value.kind === Kind.VARIABLE) use.variables.add(value.name.value);
  else if (value.kind === Kind.LIST) for (const item of value.values) countValue(use, item);
  else if (value.kind === Kind.OBJECT) for (const field of value.fields) countValue(use, field.value);
}
