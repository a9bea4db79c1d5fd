import type { Place } from "./layout.ts";

/** An object of a subgraph's reply. It is never changed: requests may share it. */
export type JsonObject = { readonly [key: string]: unknown };

/** The objects that a place's slots hold for one object of the answer, by slot index. */
export type Layers = (JsonObject | undefined)[];

/** How one fetch of a running request stands. */
export type FetchState = "pending" | "done" | "failed" | "skipped";

/** The entities of one attachment, each with the object it belongs to. */
export interface Entities {
  readonly anchors: readonly JsonObject[];
  /** The entity of each anchor. */
  readonly found: readonly (JsonObject | undefined)[];
  /** The place of the anchor that is likely to be asked for next. */
  next: number;
  /** Each anchor's place; made when the first is asked for out of turn. */
  places: Map<JsonObject, number> | undefined;
}

/** Everything that the fetches of one request have brought so far. */
export interface Joined {
  /** Layers of the root place. */
  readonly rootLayers: Layers;
  /** Entities by attachment id. */
  readonly entities: (Entities | undefined)[];
  /** By attachment id, whether one of its entities belongs to several objects: what lies below it is then met again and again. */
  readonly isRepeated: boolean[];
  /** Roots of re-entered fetches by fetch id. */
  readonly reentries: (JsonObject | undefined)[];
  readonly states: FetchState[];
}

/** Starts a request's collection. */
export function createJoined(root: Place, fetchCount: number, attachmentCount: number): Joined {
  return {
    rootLayers: new Array<JsonObject | undefined>(root.slots.length).fill(undefined),
    entities: new Array<Entities | undefined>(attachmentCount).fill(undefined),
    isRepeated: new Array<boolean>(attachmentCount).fill(false),
    reentries: new Array<JsonObject | undefined>(fetchCount).fill(undefined),
    states: new Array<FetchState>(fetchCount).fill("pending"),
  };
}

/**
 * Finds an object's entity.
 *
 * Whoever reads an answer's objects meets them in the order in which the walk met that asked for the entities, so the next one in it is looked at
 * first. Keeping them by object from the start would cost a table for each call, most of which is never read out of turn.
 */
export function entityOf(entities: Entities | undefined, anchor: JsonObject | undefined): JsonObject | undefined {
  if (entities === undefined || anchor === undefined) return undefined;
  const { anchors, next } = entities;
  if (anchors[next] !== anchor) return searchEntity(entities, anchor);
  entities.next = next + 1 < anchors.length ? next + 1 : 0;
  return entities.found[next];
}

function searchEntity(entities: Entities, anchor: JsonObject): JsonObject | undefined {
  const { anchors, found } = entities;
  entities.places ??= new Map(anchors.map((one, place) => [one, place]));
  const place = entities.places.get(anchor);
  if (place === undefined) return undefined;
  // One that was passed is met again, and the walk goes on where it was; the first one begins another walk.
  if (place > entities.next || place === 0) entities.next = place + 1 < anchors.length ? place + 1 : 0;
  return found[place];
}

const inheritedNames: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype));

/** Whether every object inherits something of this name. */
export function isInheritedName(name: string): boolean {
  return inheritedNames.has(name);
}

/** Reads a key again and again: what can be known of the key is found out once. */
export function createReader(key: string): (object: JsonObject) => unknown {
  return inheritedNames.has(key) ? (object) => (Object.hasOwn(object, key) ? object[key] : undefined) : (object) => object[key];
}

/**
 * Reads a key of a reply's object, never an inherited one: aliases such as `constructor` are legal in GraphQL.
 */
export function readOwn(object: JsonObject, key: string): unknown {
  return inheritedNames.has(key) && !Object.hasOwn(object, key) ? undefined : object[key];
}

/** Whether a value is an object of a reply (not null, not a list). */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The values that a child place's slots take from the parent's layers; entities are added for each object later. */
export function childValues(place: Place, parent: Layers): unknown[] {
  const values = new Array<unknown>(place.slots.length);
  for (const { index, parentSlot, sourceKey, isInherited } of place.inner) {
    const layer = parent[parentSlot];
    if (layer !== undefined) values[index] = isInherited ? readOwn(layer, sourceKey) : layer[sourceKey];
  }
  return values;
}

/**
 * Turns the values that slots hold for one object into layers: drops what isn't an object, adds entities.
 *
 * @param values Made for this object alone: they become its layers.
 * @returns undefined when no slot holds an object; the values are then as they were.
 */
export function layersOf(place: Place, values: unknown[], joined: Joined): Layers | undefined {
  let isEmpty = true;
  for (let index = 0; index < values.length && isEmpty; index += 1) isEmpty = !isJsonObject(values[index]);
  if (isEmpty) return undefined;
  for (let index = 0; index < values.length; index += 1) {
    if (!isJsonObject(values[index])) values[index] = undefined;
  }
  const layers = values as Layers;
  if (place.outer.length > 0) addEntities(place, layers, joined);
  return layers;
}

function addEntities(place: Place, layers: Layers, joined: Joined): void {
  for (const { index, fetchId, attachmentId, anchors } of place.outer) {
    if (attachmentId === undefined) {
      layers[index] = joined.reentries[fetchId];
      continue;
    }
    const entities = joined.entities[attachmentId];
    if (entities !== undefined) layers[index] = entityOf(entities, anchorOf(anchors, layers));
  }
}

/** The object by which an entity is kept: the first that one of the anchors holds. */
export function anchorOf(anchors: readonly number[], layers: Layers): JsonObject | undefined {
  for (const index of anchors) {
    const layer = layers[index];
    if (layer !== undefined) return layer;
  }
  return undefined;
}

/** The first list among the values, which then says how many elements there are. */
export function listOf(values: readonly unknown[]): readonly unknown[] | undefined {
  for (const value of values) {
    if (Array.isArray(value)) return value as readonly unknown[];
  }
  return undefined;
}

/** The values that slots hold for one element of a list. */
export function elementValues(values: readonly unknown[], index: number): unknown[] {
  const elements = new Array<unknown>(values.length);
  for (let slot = 0; slot < values.length; slot += 1) {
    const value = values[slot];
    if (Array.isArray(value)) elements[slot] = (value as readonly unknown[])[index];
  }
  return elements;
}
