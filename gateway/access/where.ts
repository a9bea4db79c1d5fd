import { type FieldNode, Kind, type NameNode, type SelectionNode } from "graphql";
import type { Condition, Decision } from "../../policies/engine/words.ts";
import { reservedKey } from "../core/reserved.ts";

/** Fields to read, with those below each; none below a leaf. */
type Tree = Map<string, Tree>;

/**
 * Selects what the conditions of decisions look at, each field under a key of the hub's own. Equal fields are selected alike, so that
 * selections of one object in several places of an operation merge.
 *
 * @param decisions Of fields that are selected on objects of one concrete type.
 */
export function selectConditions(decisions: Iterable<Decision>): readonly SelectionNode[] {
  const tree: Tree = new Map();
  for (const decision of decisions) if (decision.kind !== "deny") addAll(tree, decision.where ?? []);
  return fieldsOf(tree);
}

function addAll(tree: Tree, conditions: readonly Condition[]): void {
  for (const { path, comparison } of conditions) {
    let below = tree;
    for (const step of path) {
      const known = below.get(step) ?? new Map<string, Tree>();
      below.set(step, known);
      below = known;
    }
    if (comparison.kind === "some") addAll(below, comparison.conditions);
  }
}

function fieldsOf(tree: Tree): FieldNode[] {
  return [...tree].map(([name, below]) => ({
    kind: Kind.FIELD,
    alias: nameNode(reservedKey(name)),
    name: nameNode(name),
    ...(below.size === 0 ? {} : { selectionSet: { kind: Kind.SELECTION_SET, selections: fieldsOf(below) } }),
  }));
}

function nameNode(value: string): NameNode {
  return { kind: Kind.NAME, value };
}
