import { isJsonObject, type JsonObject } from "../core/joined.ts";
import type { BoundPart, Group } from "./compile.ts";
import type { CacheEngine, GraphSite } from "./engine.ts";
import type { Wanted } from "./lookup.ts";
import { slotsMax } from "./pack.ts";
import { createRecord, type HeldSegment, holdSegment, isValid, joinSegments } from "./record.ts";
import { remember } from "./serve.ts";
import { keepObject } from "./shape.ts";
import { entitySlot, keyText, SUBGRAPH_SLOT, someSlot, typeSlot } from "./slots.ts";

/** The epochs of one record's groups before its call leaves. */
export interface Stamp {
  readonly wanted: Wanted;
  readonly incarnation: string;
  readonly groups: readonly { readonly group: Group; readonly slots: readonly number[]; readonly counters: readonly number[] }[];
}

/** What stamps are made with. */
export interface StampSite {
  readonly engine: CacheEngine;
  readonly graph: GraphSite;
  readonly subgraph: string;
}

/** Reads the epochs that a record will be kept with. Whatever is invalidated from now on makes them differ. */
export function takeStamp({ engine, graph, subgraph }: StampSite, wanted: Wanted): Stamp {
  const { table } = engine;
  const counters = table.counters(subgraph);
  const own = ownSlots(graph, subgraph, wanted);
  return {
    wanted,
    incarnation: table.incarnation() ?? "",
    groups: wanted.bound.groups.map((group) => {
      const slots = [...new Set([...own, ...group.slots])];
      return { group, slots, counters: slots.map((slot) => counters[slot] ?? 0) };
    }),
  };
}

/**
 * Slots of the record itself. An entity that its subgraph knows by one key has its own; one of several keys, or whose key its representation doesn't
 * hold, shares that of all entities of its type, as nobody could tell under which key it is invalidated.
 */
function ownSlots({ entityKeys }: GraphSite, subgraph: string, { bound, text, typeName }: Wanted): readonly number[] {
  if (bound.part.attachment === undefined) return [SUBGRAPH_SLOT];
  const type = typeName();
  if (type === undefined) return [SUBGRAPH_SLOT];
  const keys = entityKeys.get(subgraph)?.get(type) ?? [];
  const [only] = keys;
  const representation: unknown = JSON.parse(text);
  const key = keys.length === 1 && only !== undefined && isJsonObject(representation) ? keyText(only, representation) : undefined;
  return [SUBGRAPH_SLOT, typeSlot(type), key === undefined ? someSlot(type) : entitySlot(type, key)];
}

/** Something that arrived for a record. */
export interface Arrival {
  readonly stamp: Stamp;
  /** The object that holds what was asked for; null where there is no such entity. */
  readonly object: JsonObject | null;
  /** When the call left, in epoch milliseconds. */
  readonly fetchedAtMs: number;
  /** Whether the object is all that is asked for, as the fetch asks for it. */
  readonly isWhole: boolean;
}

/** Lifetimes are cut by up to a tenth, so that what was fetched together doesn't run out together. */
const jitter = 0.1;

/** Keeps what arrived, in memory at once and in the shared store behind. */
export function fill({ engine, graph, subgraph }: StampSite, arrival: Arrival): void {
  const { wanted } = arrival.stamp;
  // A slot that is being invalidated equals nothing.
  if (arrival.stamp.groups.some(({ counters }) => counters.some(Number.isNaN))) return;
  const made = arrival.object === null ? [nullSegment(engine, arrival)] : segmentsOf(engine, graph, arrival);
  const fresh = made.filter(({ slots }) => slots.length <= slotsMax);
  if (fresh.length === 0) return;
  const known = engine.memory.get(wanted.place.key) ?? wanted.record;
  const nowMs = engine.nowMs();
  const good = (known?.segments ?? []).filter((segment) => segment.staleAtMs > nowMs && isValid(segment, engine.table, subgraph));
  const segments = joinSegments([...fresh, ...good]);
  const record = createRecord(segments);
  rememberArrival(record, arrival, fresh);
  engine.memory.set(wanted.place.key, record);
  const lifetimeMs = Math.max(...segments.map(({ staleAtMs }) => staleAtMs)) - nowMs;
  if (lifetimeMs > 0) engine.store?.write(wanted.place, segments, lifetimeMs);
}

/** What arrived is the answer that the next who asks the same will want. */
function rememberArrival(
  record: ReturnType<typeof createRecord>,
  { stamp, object, isWhole, fetchedAtMs }: Arrival,
  fresh: readonly HeldSegment[],
): void {
  const { bound } = stamp.wanted;
  if (!isWhole || object === null || fresh.length !== bound.groups.length) return;
  remember(record, {
    bound,
    object: wholeOf(bound, object),
    segments: fresh,
    fetchedAtMs,
    expiresAtMs: Math.min(...fresh.map((segment) => segment.expiresAtMs)),
  });
}

/** A field of the root is remembered without the others of its reply. */
function wholeOf({ part }: BoundPart, object: JsonObject): JsonObject {
  return part.attachment === undefined ? { [part.responseKey]: object[part.responseKey] } : object;
}

function segmentsOf(
  engine: CacheEngine,
  graph: GraphSite,
  { stamp: { wanted, incarnation, groups }, object, fetchedAtMs }: Arrival,
): HeldSegment[] {
  const typeName = wanted.typeName();
  return groups.flatMap(({ group, slots, counters }) => {
    const kept = object === null ? undefined : keepObject(group.shape, object, { typeName, isRelated: graph.isRelated });
    if (kept === undefined || Object.keys(kept.data).length === 0) return [];
    const isNothing = wanted.bound.part.attachment === undefined && Object.values(kept.data).every((value) => value === null);
    const lifetimeMs = shorten(engine, isNothing ? Math.min(group.lifetimeMs, engine.negativeMs) : group.lifetimeMs);
    const expiresAtMs = fetchedAtMs + lifetimeMs;
    const staleAtMs = expiresAtMs + (isNothing ? 0 : group.staleMs);
    return [
      holdSegment({ isNull: false, data: kept.data, incarnation, slots, counters, fetchedAtMs, expiresAtMs, staleAtMs, bytes: kept.bytes }),
    ];
  });
}

function nullSegment(engine: CacheEngine, { stamp: { incarnation, groups }, fetchedAtMs }: Arrival): HeldSegment {
  const slots = new Map(groups.flatMap(({ slots: own, counters }) => own.map((slot, index) => [slot, counters[index] ?? 0] as const)));
  const shortest = Math.min(engine.negativeMs, ...groups.map(({ group }) => group.lifetimeMs));
  const expiresAtMs = fetchedAtMs + shorten(engine, shortest);
  return holdSegment({
    isNull: true,
    data: {},
    incarnation,
    slots: [...slots.keys()],
    counters: [...slots.values()],
    fetchedAtMs,
    expiresAtMs,
    staleAtMs: expiresAtMs,
    bytes: 0,
  });
}

function shorten({ random }: CacheEngine, lifetimeMs: number): number {
  return lifetimeMs * (1 - jitter * random());
}
