import type { DocumentNode, FieldNode, InlineFragmentNode, SelectionSetNode } from "graphql";
import { Kind, visit } from "graphql/language/index.js";
import { isCondition, isIncluded, type SetConditions } from "../core/conditions.ts";

/**
 * Takes out what `@skip` and `@include` exclude, and the directives themselves.
 *
 * The planner drops conditions, or mixes them up, where they stand on fragments, upon each other or on both of two keys of one field: what
 * is excluded would be asked for all the same, and its errors and nulls would reach the answer.
 *
 * @param document One operation with its fragments written out.
 * @returns Undefined when nothing is left to ask for.
 */
export function resolveConditions(document: DocumentNode, set: SetConditions): DocumentNode | undefined {
  let isEmpty = false;
  const resolved = visit(document, {
    Directive: (directive) => (isCondition(directive) ? null : undefined),
    Field: {
      enter: (field) => (isIncluded(field.directives, set) ? undefined : null),
      leave: (field): FieldNode | undefined =>
        field.selectionSet?.selections.length === 0 ? { ...field, selectionSet: typeNameOnly } : undefined,
    },
    InlineFragment: {
      enter: (fragment) => (isIncluded(fragment.directives, set) ? undefined : null),
      leave: (fragment): InlineFragmentNode | null | undefined => (fragment.selectionSet.selections.length === 0 ? null : undefined),
    },
    OperationDefinition: {
      leave: ({ selectionSet }) => {
        isEmpty = selectionSet.selections.length === 0;
      },
    },
  });
  return isEmpty ? undefined : resolved;
}

const typeNameOnly: SelectionSetNode = {
  kind: Kind.SELECTION_SET,
  selections: [{ kind: Kind.FIELD, name: { kind: Kind.NAME, value: "__typename" } }],
};
