import type { Place } from "../core/layout.ts";
import type { Source } from "../fetch/run.ts";

/**
 * Whether everything that one source selects was selected by another under the same keys, so that an event that was made for the other
 * can be answered in its place.
 */
export function isCovered(source: Source, by: Source): boolean {
  if (source === by) return true;
  if (source.fetch.subgraph !== by.fetch.subgraph) return false;
  return source.fetch.text === by.fetch.text || isPlaceCovered({ fetchId: source.fetch.id, byId: by.fetch.id }, source.root, by.root);
}

interface Fetches {
  readonly fetchId: number;
  readonly byId: number;
}

function isPlaceCovered(fetches: Fetches, place: Place, by: Place): boolean {
  const known = by.slots.filter((slot) => slot.fetchId === fetches.byId).flatMap((slot) => slot.entries);
  return place.slots
    .filter((slot) => slot.fetchId === fetches.fetchId)
    .flatMap((slot) => slot.entries)
    .every((entry) =>
      known.some((other) => {
        const isSame =
          other.sourceKey === entry.sourceKey &&
          other.signature === entry.signature &&
          other.typeConditions.join(" ") === entry.typeConditions.join(" ");
        if (!isSame || entry.child === undefined) return isSame;
        return other.child !== undefined && isPlaceCovered(fetches, entry.child, other.child);
      }),
    );
}
