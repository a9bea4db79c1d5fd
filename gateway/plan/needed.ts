import type { DocumentNode, FieldNode, SelectionSetNode } from "graphql";
import { Kind } from "graphql/language/index.js";
import type { RequiredSelection } from "../core/layout.ts";
import type { BatchFetchNode, EntityRequest, FetchNode } from "./nodes.ts";

/** What narrowing knows of a supergraph. */
export interface Known {
  readonly fieldTypes: ReadonlyMap<string, string>;
  /** Object types of each interface that some subgraph knows as an object. */
  readonly members: ReadonlyMap<string, ReadonlySet<string>>;
  /** `GRAPH Interface` of the subgraphs that know the interface's types. */
  readonly homes: ReadonlySet<string>;
  /** Names in `join__Graph` by subgraph. */
  readonly graphs: ReadonlyMap<string, string>;
}

/** A request for entities with where it stands in the plan. */
export interface Found {
  readonly node: FetchNode | BatchFetchNode;
  readonly request: EntityRequest;
  /** Its paths, each as a text that those of the same objects share. */
  readonly places: readonly string[];
  readonly selections: SelectionSetNode;
  /** Types that its representations are made of; undefined where they may be of every type. */
  readonly types: ReadonlySet<string> | undefined;
}

/** A plan that is narrowed. */
export interface Plan {
  readonly known: Known;
  readonly operation: DocumentNode;
  readonly found: readonly Found[];
}

/** A path of a plan. */
export type Path = EntityRequest["paths"][number];

/** The fields of a path. */
export function fieldsIn(path: Path): readonly string[] {
  return path.flatMap((segment) => (segment !== "@" && "Field" in segment ? [segment.Field] : []));
}

export const NOTHING: SelectionSetNode = { kind: Kind.SELECTION_SET, selections: [] };

/** What a call selects of its entities. */
export function entitySelections(set: SelectionSetNode, responseKey: string): SelectionSetNode {
  const field = set.selections.find((selection) => selection.kind === Kind.FIELD && keyOf(selection) === responseKey);
  return field?.kind === Kind.FIELD ? (field.selectionSet ?? NOTHING) : NOTHING;
}

/** A field's key in the answer. */
export function keyOf(field: FieldNode): string {
  return field.alias?.value ?? field.name.value;
}

/** Which types' objects each key is asked of at a position of the operation. */
export function askedAt(
  { fieldTypes }: Known,
  { definitions }: DocumentNode,
  fields: readonly string[],
): ReadonlyMap<string, ReadonlySet<string>> {
  const operation = definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  let sites = operation === undefined ? [] : fieldsOf(operation.selectionSet, fieldTypes.get(operation.operation));
  for (const field of fields)
    sites = sites.flatMap(({ node, parent }) =>
      keyOf(node) === field && node.selectionSet !== undefined
        ? fieldsOf(node.selectionSet, fieldTypes.get(`${parent}.${node.name.value}`))
        : [],
    );
  const asked = new Map<string, Set<string>>();
  for (const { node, parent } of sites) asked.set(keyOf(node), (asked.get(keyOf(node)) ?? new Set()).add(parent ?? ""));
  return asked;
}

function fieldsOf(set: SelectionSetNode, parent: string | undefined): { readonly node: FieldNode; readonly parent: string | undefined }[] {
  return set.selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [{ node: selection, parent }];
    return selection.kind === Kind.INLINE_FRAGMENT ? fieldsOf(selection.selectionSet, selection.typeCondition?.name.value ?? parent) : [];
  });
}

/** For each key that a call brings, the types of which it is asked or a later call needs it. A type of every object is told by its interface. */
export function neededOf({ known, operation, found: all }: Plan, found: Found): ReadonlyMap<string, ReadonlySet<string>> {
  const needed = new Map<string, Set<string>>();
  const need = (key: string, types: Iterable<string>): void => {
    const set = needed.get(key) ?? new Set();
    for (const type of types) for (const each of known.members.get(type) ?? [type]) set.add(each);
    needed.set(key, set);
  };
  const objects = new Set([...known.members.values()].flatMap((members) => [...members]));
  for (const path of found.request.paths) for (const [key, parents] of askedAt(known, operation, fieldsIn(path))) need(key, parents);
  for (const other of all) {
    if (other === found || !other.places.some((place) => found.places.includes(place))) continue;
    for (const selection of other.request.requires) needRequired(selection, other.types, { objects, need });
  }
  return needed;
}

interface Needing {
  /** Object types of the interfaces that some subgraph knows as objects. */
  readonly objects: ReadonlySet<string>;
  readonly need: (key: string, types: Iterable<string>) => void;
}

/** @param types Those of which representations are made; undefined where the selection says it. */
function needRequired(selection: RequiredSelection, types: ReadonlySet<string> | undefined, needing: Needing): void {
  if (selection.kind !== "fragment") return;
  const wanted = types ?? [selection.typeCondition];
  for (const inner of selection.selections) {
    if (inner.kind === "field") needing.need(inner.sourceKey, wanted);
    else if (types === undefined || !needing.objects.has(inner.typeCondition)) needRequired(inner, types, needing);
    // A fragment on one type, within one on its interface.
    else if (types.has(inner.typeCondition)) needRequired(inner, new Set([inner.typeCondition]), needing);
  }
}
