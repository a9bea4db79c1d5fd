import type { DocumentNode, FieldNode, FragmentDefinitionNode, SelectionNode, SelectionSetNode } from "graphql";
import { Kind } from "graphql";
import type { AskedOperation } from "./operation.ts";
import { assemble } from "./prune.ts";

/** Root fields of an operation that ask for the schema, and the sets around them. */
export interface Introspecting {
  readonly asked: AskedOperation;
  readonly nodes: ReadonlySet<FieldNode>;
  /** Selection sets that hold such a node at their own level, fragments followed. */
  readonly holding: ReadonlySet<SelectionSetNode>;
}

/** The part of an operation that asks for the schema, as a document of its own; undefined when there is none. */
export function introspectionOf(introspecting: Introspecting): DocumentNode | undefined {
  const { asked, holding } = introspecting;
  if (!holding.has(asked.operation.selectionSet)) return undefined;
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const [name, fragment] of asked.fragments) {
    // A fragment around root fields keeps those that ask for the schema. Others may stand below such a field, where all is kept.
    const isAroundRoot = holding.has(fragment.selectionSet);
    fragments.set(name, isAroundRoot ? { ...fragment, selectionSet: keep(introspecting, fragment.selectionSet) } : fragment);
  }
  return assemble({ ...asked.operation, selectionSet: keep(introspecting, asked.operation.selectionSet) }, fragments);
}

function keep(introspecting: Introspecting, set: SelectionSetNode): SelectionSetNode {
  return { ...set, selections: set.selections.flatMap((selection) => keepSelection(introspecting, selection)) };
}

function keepSelection(introspecting: Introspecting, selection: SelectionNode): SelectionNode[] {
  switch (selection.kind) {
    case Kind.FIELD:
      return introspecting.nodes.has(selection) ? [selection] : [];
    case Kind.INLINE_FRAGMENT:
      if (!introspecting.holding.has(selection.selectionSet)) return [];
      return [{ ...selection, selectionSet: keep(introspecting, selection.selectionSet) }];
    case Kind.FRAGMENT_SPREAD: {
      const fragment = introspecting.asked.fragments.get(selection.name.value);
      return fragment !== undefined && introspecting.holding.has(fragment.selectionSet) ? [selection] : [];
    }
  }
}
