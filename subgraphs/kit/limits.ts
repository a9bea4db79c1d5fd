import {
  type ASTVisitor,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from "graphql";

/**
 * Refuses operations whose fields nest deeper than `depthMax`. Each fragment is measured once, so that the cost is linear in the document.
 * Fragments that spread themselves are another rule's affair and count as flat here.
 */
export function limitDepth(depthMax: number): ValidationRule {
  return (context: ValidationContext): ASTVisitor => {
    const fragments = new Map<string, FragmentDefinitionNode>();
    for (const definition of context.getDocument().definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    }
    const measure = createMeasure(fragments);
    return {
      [Kind.OPERATION_DEFINITION]: (operation) => {
        if (measure(operation.selectionSet) > depthMax) {
          context.reportError(new GraphQLError(`The operation nests fields deeper than ${depthMax}.`, { nodes: operation }));
        }
        return false;
      },
      [Kind.FRAGMENT_DEFINITION]: () => false,
    };
  };
}

function createMeasure(fragments: ReadonlyMap<string, FragmentDefinitionNode>): (set: SelectionSetNode) => number {
  const known = new Map<string, number>();
  const measure = (set: SelectionSetNode): number => {
    let deepest = 0;
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) {
        deepest = Math.max(deepest, 1 + (selection.selectionSet === undefined ? 0 : measure(selection.selectionSet)));
      } else if (selection.kind === Kind.INLINE_FRAGMENT) deepest = Math.max(deepest, measure(selection.selectionSet));
      else deepest = Math.max(deepest, measureFragment(selection.name.value));
    }
    return deepest;
  };
  const measureFragment = (name: string): number => {
    const depth = known.get(name);
    if (depth !== undefined) return depth;
    known.set(name, 0);
    const fragment = fragments.get(name);
    const measured = fragment === undefined ? 0 : measure(fragment.selectionSet);
    known.set(name, measured);
    return measured;
  };
  return measure;
}
