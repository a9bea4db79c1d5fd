import type { Catalogue } from "../../schema/catalogue.ts";
import type { FetchStep } from "../core/layout.ts";

/**
 * How long a fetch's reply may be kept.
 *
 * Only queries whose every field is OPEN are kept, and only where the fields at their top declare a lifetime; fields
 * below without one of their own inherit it.
 *
 * @returns Milliseconds, or undefined when the reply may not be kept.
 * @see https://www.apollographql.com/docs/apollo-server/performance/caching
 */
export function lifetimeOf(fetch: FetchStep, catalogue: Catalogue): number | undefined {
  if (fetch.operationKind !== "query" || fetch.coordinates === undefined || fetch.topCoordinates.length === 0) return undefined;
  let seconds = Number.POSITIVE_INFINITY;
  for (const coordinate of fetch.coordinates) {
    const field = catalogue.fields.get(coordinate);
    if (field?.classification.level !== "OPEN") return undefined;
    if (field.maxAgeSeconds !== undefined) seconds = Math.min(seconds, field.maxAgeSeconds);
  }
  const isDeclared = fetch.topCoordinates.every((coordinate) => catalogue.fields.get(coordinate)?.maxAgeSeconds !== undefined);
  return isDeclared && seconds > 0 && Number.isFinite(seconds) ? seconds * 1_000 : undefined;
}
