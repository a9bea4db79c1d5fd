import type { Stride, Way } from "../core/layout.ts";
import { type FlattenNodePathSegment, unsupported } from "./nodes.ts";
import type { PlaceDraft } from "./places.ts";

interface WayDraft {
  readonly place: PlaceDraft;
  readonly strides: readonly Stride[];
}

/**
 * Finds the places that a planner's path leads to.
 * A key may lead to more than one place: where types differ, so may the field that the key stands for.
 *
 * @throws {HubError} OPERATION_NOT_SUPPORTED when the path leads nowhere.
 */
export function resolveWays(root: PlaceDraft, path: readonly FlattenNodePathSegment[]): Way[] {
  let drafts: WayDraft[] = [{ place: root, strides: [] }];
  for (const segment of path) {
    if (segment === "@") continue;
    drafts =
      "Field" in segment
        ? drafts.flatMap((draft) => descend(draft, segment.Field))
        : drafts.map((draft) => narrow(draft, segment.TypeCondition));
  }
  if (drafts.length === 0) throw unsupported("a path that no earlier call has opened");
  return drafts.map((draft) => draft.strides);
}

function descend(draft: WayDraft, key: string): WayDraft[] {
  const children = [...draft.place.children.values()];
  const byName = children.filter((child) => child.plannedKey === key);
  const found = byName.length > 0 ? byName : children.filter((child) => child.sourceKeys.has(key));
  return found.map((child) => ({ place: child.place, strides: [...draft.strides, { place: child.place, typeNames: undefined }] }));
}

function narrow(draft: WayDraft, typeNames: readonly string[]): WayDraft {
  const last = draft.strides.at(-1);
  if (last === undefined) return draft;
  const narrowed = last.typeNames === undefined ? typeNames : last.typeNames.filter((name) => typeNames.includes(name));
  return { place: draft.place, strides: [...draft.strides.slice(0, -1), { place: last.place, typeNames: narrowed }] };
}
