import type { GraphQLNamedType, GraphQLSchema, OperationDefinitionNode, SelectionSetNode } from "graphql";
import { getNamedType, isAbstractType, isInterfaceType, isObjectType, Kind } from "graphql";

interface Found {
  readonly all: Set<string>;
  readonly top: Set<string>;
  isComplete: boolean;
}

/** The coordinates of object types that a call selects. */
export interface Coordinates {
  /** Sorted, without `__typename`; undefined when a selection can't be told by the API schema. */
  readonly coordinates: readonly string[] | undefined;
  /** Those directly under the operation's root, or under an entity; sorted. */
  readonly topCoordinates: readonly string[];
}

/**
 * Names what a call selects. A field of an interface stands for the field of every possible type.
 *
 * @param schema The API schema. What it doesn't hold (an inaccessible field that a key needs) makes the answer incomplete.
 */
export function coordinatesOf(schema: GraphQLSchema, operation: OperationDefinitionNode): Coordinates {
  const found: Found = { all: new Set(), top: new Set(), isComplete: true };
  const root = schema.getRootType(operation.operation);
  for (const selection of operation.selectionSet.selections) {
    if (selection.kind === Kind.FIELD && selection.name.value === "_entities" && selection.selectionSet !== undefined) {
      collect({ schema, found, isTop: true }, undefined, selection.selectionSet);
    } else {
      collect({ schema, found, isTop: true }, root ?? undefined, { kind: Kind.SELECTION_SET, selections: [selection] });
    }
  }
  return { coordinates: found.isComplete ? [...found.all].toSorted() : undefined, topCoordinates: [...found.top].toSorted() };
}

interface Collect {
  readonly schema: GraphQLSchema;
  readonly found: Found;
  readonly isTop: boolean;
}

function collect(state: Collect, parent: GraphQLNamedType | undefined, selections: SelectionSetNode): void {
  const { schema, found } = state;
  for (const selection of selections.selections) {
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const name = selection.typeCondition?.name.value;
      collect(state, name === undefined ? parent : schema.getType(name), selection.selectionSet);
    } else if (selection.kind === Kind.FIELD && selection.name.value !== "__typename") {
      const name = selection.name.value;
      const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
      if (field === undefined || parent === undefined) {
        found.isComplete = false;
        continue;
      }
      for (const type of isAbstractType(parent) ? schema.getPossibleTypes(parent) : [parent]) {
        found.all.add(`${type.name}.${name}`);
        if (state.isTop) found.top.add(`${type.name}.${name}`);
      }
      if (selection.selectionSet !== undefined) collect({ ...state, isTop: false }, getNamedType(field.type), selection.selectionSet);
    }
  }
}
