import type { FieldNode, SelectionSetNode } from "graphql";
import { Kind } from "graphql";
import { isInheritedName } from "../core/joined.ts";
import type { Entry, InnerSlot, OuterSlot, Place, Slot } from "../core/layout.ts";
import { signatureOf } from "../core/signature.ts";

/** A place while its plan is being read. */
export interface PlaceDraft extends Place {
  readonly slots: SlotDraft[];
  readonly inner: InnerSlot[];
  readonly outer: OuterSlot[];
  readonly children: Map<string, ChildDraft>;
}

interface SlotDraft extends Slot {
  readonly entries: Entry[];
}

/** A child of a place, with the key by which the planned operation knows it. */
export interface ChildDraft {
  readonly plannedKey: string;
  readonly sourceKeys: Set<string>;
  readonly place: PlaceDraft;
}

/** A key of a reply that the answer knows by another name. */
export interface Rename {
  /** Source keys from the fetch's root (or entity) to the renamed one, joined by "/". */
  readonly sourcePath: string;
  readonly responseKey: string;
}

/** Makes places with consecutive ids. */
export interface PlaceFactory {
  create(): PlaceDraft;
}

/** Starts a plan's numbering of places. */
export function createPlaceFactory(): PlaceFactory {
  let nextId = 0;
  return {
    create(): PlaceDraft {
      nextId += 1;
      return { id: nextId - 1, slots: [], inner: [], outer: [], children: new Map() };
    },
  };
}

/** Adds a source of objects to a place, or finds the one that is already there. */
export function addSlot(place: PlaceDraft, fetchId: number, origin: Slot["origin"]): SlotDraft {
  const same = place.slots.find((slot) => slot.fetchId === fetchId && isSameOrigin(slot.origin, origin));
  if (same !== undefined) return same;
  const slot: SlotDraft = { index: place.slots.length, fetchId, origin, entries: [] };
  place.slots.push(slot);
  fileSlot(place, slot);
  return slot;
}

function fileSlot(place: PlaceDraft, { index, fetchId, origin }: Slot): void {
  switch (origin.kind) {
    case "root":
      return;
    case "child": {
      const { parentSlot, sourceKey } = origin;
      place.inner.push({ index, parentSlot, sourceKey, isInherited: isInheritedName(sourceKey) });
      return;
    }
    case "entity":
      place.outer.push({ index, fetchId, attachmentId: origin.attachmentId, anchors: origin.anchors });
      return;
    case "reentry":
      place.outer.push({ index, fetchId, attachmentId: undefined, anchors: [] });
  }
}

function isSameOrigin(left: Slot["origin"], right: Slot["origin"]): boolean {
  if (left.kind === "child" && right.kind === "child") return left.parentSlot === right.parentSlot && left.sourceKey === right.sourceKey;
  if (left.kind === "entity" && right.kind === "entity") return left.attachmentId === right.attachmentId;
  return left.kind === right.kind;
}

/** What stays the same while one fetch's selections are read. */
export interface SelectionReader {
  readonly factory: PlaceFactory;
  readonly fetchId: number;
  readonly renames: readonly Rename[];
  /** Keys of the planned operation that stand for the caller's, with the caller's. */
  readonly publicKeys: ReadonlyMap<string, string>;
}

/** Where in the fetch a selection set stands. */
export interface SelectionSite {
  readonly place: PlaceDraft;
  readonly slot: SlotDraft;
  readonly typeConditions: readonly string[];
  /** Source keys from the fetch's root or entity, joined by "/". */
  readonly sourcePath: string;
}

/** Records everything that a fetch selects at and below a place. */
export function readSelections(reader: SelectionReader, site: SelectionSite, selections: SelectionSetNode): void {
  for (const selection of selections.selections) {
    if (selection.kind === Kind.FIELD) readField(reader, site, selection);
    else if (selection.kind === Kind.INLINE_FRAGMENT) {
      const condition = selection.typeCondition?.name.value;
      const typeConditions = condition === undefined ? site.typeConditions : [...site.typeConditions, condition];
      readSelections(reader, { ...site, typeConditions }, selection.selectionSet);
    }
  }
}

function readField(reader: SelectionReader, site: SelectionSite, field: FieldNode): void {
  const sourceKey = field.alias?.value ?? field.name.value;
  const sourcePath = site.sourcePath === "" ? sourceKey : `${site.sourcePath}/${sourceKey}`;
  const plannedKey = reader.renames.find((rename) => rename.sourcePath === sourcePath)?.responseKey ?? sourceKey;
  const responseKey = reader.publicKeys.get(plannedKey) ?? plannedKey;
  const signature = signatureOf(field);
  const base = { sourceKey, responseKey, fieldName: field.name.value, signature, typeConditions: site.typeConditions };
  if (field.selectionSet === undefined) {
    site.slot.entries.push({ ...base, child: undefined });
    return;
  }
  const child = childOf(reader.factory, site.place, { plannedKey, signature });
  child.sourceKeys.add(sourceKey);
  const slot = addSlot(child.place, reader.fetchId, { kind: "child", parentSlot: site.slot.index, sourceKey });
  site.slot.entries.push({ ...base, child: child.place });
  readSelections(reader, { place: child.place, slot, typeConditions: [], sourcePath }, field.selectionSet);
}

function childOf(
  factory: PlaceFactory,
  place: PlaceDraft,
  { plannedKey, signature }: { readonly plannedKey: string; readonly signature: string },
): ChildDraft {
  const key = `${plannedKey} ${signature}`;
  const known = place.children.get(key);
  if (known !== undefined) return known;
  const child: ChildDraft = { plannedKey, sourceKeys: new Set(), place: factory.create() };
  place.children.set(key, child);
  return child;
}
