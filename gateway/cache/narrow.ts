import type { OperationDefinitionNode, SelectionNode, SelectionSetNode } from "graphql";
import { Kind, print, stripIgnoredCharacters, visit } from "graphql";
import { TYPE_KEY } from "./shape.ts";

/** What is to be asked: for each key of the reply the response keys below it; all when undefined. Keys that aren't named are left out. */
export type Wanted = ReadonlyMap<string, ReadonlySet<string> | undefined>;

/** An operation that asks for less than another. */
export interface Narrowed {
  readonly text: string;
  /** Names of the variables that it uses. */
  readonly variables: ReadonlySet<string>;
}

/**
 * Leaves out of a call what isn't wanted: whole fields of its root, and of entities the fields that are held already. What objects are stays.
 *
 * @param operation Without fragment spreads.
 */
export function narrowOperation(operation: OperationDefinitionNode, wanted: Wanted): Narrowed {
  const selectionSet = filterSet(
    operation.selectionSet,
    (key) => wanted.has(key),
    (selection, key) => {
      const below = wanted.get(key);
      if (below === undefined || selection.kind !== Kind.FIELD || selection.selectionSet === undefined) return selection;
      return { ...selection, selectionSet: filterSet(selection.selectionSet, (inner) => inner === TYPE_KEY || below.has(inner)) };
    },
  );
  const variables = new Set<string>();
  visit(selectionSet, { Variable: ({ name }) => void variables.add(name.value) });
  const variableDefinitions = (operation.variableDefinitions ?? []).filter(({ variable }) => variables.has(variable.name.value));
  return { text: stripIgnoredCharacters(print({ ...operation, variableDefinitions, selectionSet })), variables };
}

function filterSet(
  set: SelectionSetNode,
  isWanted: (key: string) => boolean,
  change: (selection: SelectionNode, key: string) => SelectionNode = (selection) => selection,
): SelectionSetNode {
  const selections = set.selections.flatMap((selection): SelectionNode[] => {
    if (selection.kind === Kind.FIELD) {
      const key = selection.alias?.value ?? selection.name.value;
      return isWanted(key) ? [change(selection, key)] : [];
    }
    if (selection.kind === Kind.FRAGMENT_SPREAD) return [selection];
    const selectionSet = filterSet(selection.selectionSet, isWanted, change);
    const isEmpty = selectionSet.selections.every((inner) => inner.kind === Kind.FIELD && inner.name.value === TYPE_KEY);
    return isEmpty ? [] : [{ ...selection, selectionSet }];
  });
  return { ...set, selections };
}
