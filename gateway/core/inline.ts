import type { DocumentNode, InlineFragmentNode } from "graphql";
import { Kind, visit } from "graphql/language/index.js";

/**
 * Writes named fragments out where they are spread. Made for planned operations, whose size is bounded by
 * the limits on the caller's.
 */
export function inlineFragments(document: DocumentNode): DocumentNode {
  const fragments = new Map(
    document.definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition] as const] : [],
    ),
  );
  if (fragments.size === 0) return document;
  return visit(document, {
    FragmentDefinition: () => null,
    FragmentSpread: {
      // What is returned on entering is visited in turn, so fragments within fragments are written out too.
      enter(spread): InlineFragmentNode | undefined {
        const fragment = fragments.get(spread.name.value);
        if (fragment === undefined) return undefined;
        return {
          kind: Kind.INLINE_FRAGMENT,
          typeCondition: fragment.typeCondition,
          directives: spread.directives ?? [],
          selectionSet: fragment.selectionSet,
        };
      },
    },
  });
}
