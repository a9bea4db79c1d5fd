import { isJsonObject, type JsonObject } from "../core/joined.ts";
import type { Plan } from "./compile.ts";
import type { Wanted } from "./lookup.ts";

/** Data that no reply can have: whoever places it finds it invalid. */
export function invalidData(plan: Plan): JsonObject {
  return Object.fromEntries(plan.fetch.attachments.map(({ responseKey }) => [responseKey, "invalid"]));
}

/** What arrived for each record; undefined when the reply isn't what was asked for. */
export type Arrived = ReadonlyMap<Wanted, JsonObject | null>;

/** Tells the objects of a reply apart. */
export function objectsOf(plan: Plan, fetched: readonly Wanted[], data: JsonObject): Arrived | undefined {
  const arrived = new Map<Wanted, JsonObject | null>();
  for (const part of plan.parts) {
    const own = fetched.filter(({ bound }) => bound.part === part);
    if (part.attachment === undefined) {
      for (const wanted of own) arrived.set(wanted, data);
      continue;
    }
    if (own.length === 0) continue;
    const list = data[part.responseKey];
    // Without a list there are no entities, and nothing is known of them.
    if (list === null) continue;
    if (!Array.isArray(list) || list.length !== own.length) return undefined;
    for (const [index, wanted] of own.entries()) {
      const object: unknown = list[index];
      if (object !== null && !isJsonObject(object)) return undefined;
      arrived.set(wanted, object);
    }
  }
  return arrived;
}

/** Puts what was held and what arrived together as the fetch's own reply would be. */
export function compose(plan: Plan, all: readonly Wanted[], arrived: Arrived | undefined): JsonObject {
  const data: { [key: string]: unknown } = {};
  for (const { responseKey, attachment } of plan.parts) if (attachment !== undefined) data[responseKey] = [];
  for (const wanted of all) {
    const { part } = wanted.bound;
    const object = objectFor(wanted, arrived?.get(wanted));
    if (part.attachment === undefined) data[part.responseKey] = object?.[part.responseKey];
    else (data[part.responseKey] as unknown[])[wanted.index] = object;
  }
  return data;
}

function objectFor({ served }: Wanted, arrived: JsonObject | null | undefined): JsonObject | null {
  if (arrived === undefined) return served.kind === "hit" ? served.object : null;
  if (arrived === null || served.kind === "hit" || served.partial === undefined) return arrived;
  return { ...served.partial, ...arrived };
}

/** The path as it would be had all entities been asked for. */
export function wholePath(fetched: readonly Wanted[], path: readonly (string | number)[]): readonly (string | number)[] {
  const [key, index, ...rest] = path;
  if (key === undefined || typeof index !== "number") return path;
  const own = fetched.filter(({ bound }) => bound.part.responseKey === key && bound.part.attachment !== undefined);
  const wanted = own[index];
  return wanted === undefined ? path : [key, wanted.index, ...rest];
}
