import type { Place, RequiredSelection } from "../core/layout.ts";
import { unsupported } from "./nodes.ts";

/**
 * Checks that what a representation holds is selected by calls that have ended by then.
 *
 * @throws {HubError} OPERATION_NOT_SUPPORTED for a field that none of them selects.
 */
export function checkDelivered(place: Place, requires: readonly RequiredSelection[], earlier: ReadonlySet<number>): void {
  for (const selection of requires) {
    if (selection.kind === "fragment") checkDelivered(place, selection.selections, earlier);
    else if (selection.name !== "__typename") checkField(place, selection, earlier);
  }
}

function checkField(place: Place, selection: RequiredSelection & { kind: "field" }, earlier: ReadonlySet<number>): void {
  const entries = place.slots
    .filter((slot) => earlier.has(slot.fetchId))
    .flatMap((slot) => slot.entries)
    .filter(
      ({ fieldName, sourceKey, responseKey }) => fieldName === selection.name && [sourceKey, responseKey].includes(selection.sourceKey),
    );
  if (entries.length === 0) throw unsupported(`the field ${selection.name} for a representation`);
  const { selections } = selection;
  if (selections === undefined) return;
  for (const child of new Set(entries.flatMap((entry) => entry.child ?? []))) checkDelivered(child, selections, earlier);
}
