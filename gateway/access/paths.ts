import type { FieldNode, FragmentDefinitionNode, SelectionSetNode } from "graphql";
import { Kind } from "graphql";
import type { Withheld } from "../core/cleared.ts";
import { limitError } from "../core/limits.ts";
import type { AskedOperation } from "./operation.ts";
import { responseKeyOf } from "./operation.ts";
import type { Denied } from "./refusal.ts";

/** What is known of an operation once every field node of it is judged. */
export interface Judged {
  readonly asked: AskedOperation;
  /** Field nodes that are withheld. */
  readonly denied: ReadonlyMap<FieldNode, Denied>;
  /** Selection sets that hold a withheld node at any depth, fragments followed. */
  readonly holding: ReadonlySet<SelectionSetNode>;
  /** How many lists stand around the objects of a field; 0 where it isn't in the map. */
  readonly listDepths: ReadonlyMap<FieldNode, number>;
}

/** A place of the answer while the paths are written out. */
interface Spot {
  readonly path: readonly string[];
  readonly children: Map<string, Spot>;
  readonly withheldKeys: Set<string>;
  /** Selection sets that are read already at this place: reading one again brings nothing new. */
  readonly seen: Set<SelectionSetNode>;
}

interface Expansion {
  readonly judged: Judged;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly withheld: Withheld[];
  readonly withheldPathsMax: number;
}

/**
 * Writes out the places of the answer that are withheld, in document order, each once, however many nodes lead there.
 *
 * Only sets that hold a withheld node are read, and each once for a place, so the work is bounded by the paths found.
 *
 * @throws {HubError} OPERATION_LIMIT when there are too many.
 */
export function withheldPaths(judged: Judged, withheldPathsMax: number): readonly Withheld[] {
  const { operation, fragments } = judged.asked;
  const expansion: Expansion = { judged, fragments, withheld: [], withheldPathsMax };
  expand(expansion, operation.selectionSet, createSpot([]));
  return expansion.withheld;
}

function createSpot(path: readonly string[]): Spot {
  return { path, children: new Map(), withheldKeys: new Set(), seen: new Set() };
}

function expand(expansion: Expansion, set: SelectionSetNode, spot: Spot): void {
  if (!expansion.judged.holding.has(set) || spot.seen.has(set)) return;
  spot.seen.add(set);
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD) expandField(expansion, selection, spot);
    else if (selection.kind === Kind.INLINE_FRAGMENT) expand(expansion, selection.selectionSet, spot);
    else {
      const fragment = expansion.fragments.get(selection.name.value);
      if (fragment !== undefined) expand(expansion, fragment.selectionSet, spot);
    }
  }
}

function expandField(expansion: Expansion, node: FieldNode, spot: Spot): void {
  const { denied, holding, listDepths } = expansion.judged;
  const key = responseKeyOf(node);
  const reason = denied.get(node);
  if (reason !== undefined) {
    if (spot.withheldKeys.has(key)) return;
    spot.withheldKeys.add(key);
    const max = expansion.withheldPathsMax;
    if (expansion.withheld.length >= max) throw limitError({ limit: "withheldPathsMax", value: max + 1, max });
    expansion.withheld.push({ path: [...spot.path, key], ...reason });
    return;
  }
  if (node.selectionSet === undefined || !holding.has(node.selectionSet)) return;
  let child = spot.children.get(key);
  if (child === undefined) {
    const lists = new Array<string>(listDepths.get(node) ?? 0).fill("@");
    child = createSpot([...spot.path, key, ...lists]);
    spot.children.set(key, child);
  }
  expand(expansion, node.selectionSet, child);
}
