import { isJsonObject } from "../core/joined.ts";
import type { BoundPart } from "./compile.ts";
import type { CacheEngine, GraphSite, RecordPlace, SharedStore } from "./engine.ts";
import { encodeKey } from "./key.ts";
import { type CacheRecord, createRecord, holdSegment, type Segment } from "./record.ts";
import { type Served, serveRecord } from "./serve.ts";
import { TYPE_KEY } from "./shape.ts";

/** One record that a fetch needs. */
export interface Wanted {
  readonly bound: BoundPart;
  /** Index of the representation; 0 for a field of the root. */
  readonly index: number;
  /** The representation's text; the canonical name of a field of the root. */
  readonly text: string;
  readonly place: RecordPlace;
  /** What the object is, as the representation says. */
  readonly typeName: () => string | undefined;
  record: CacheRecord | undefined;
  served: Served;
  /** Whether it was found beyond its age. */
  isStale: boolean;
  /** Whether it came from the shared store. */
  isShared: boolean;
}

/** Where lookups are made. */
export interface LookupSite {
  readonly engine: CacheEngine;
  readonly graph: GraphSite;
  readonly subgraph: string;
}

const absent: Served = { kind: "miss", reason: "absent", partial: undefined, missing: [], fetchedAtMs: 0 };

/** Names the records of a part. */
export function listWanted(
  { graph, subgraph }: LookupSite,
  bound: BoundPart,
  asked: { asker: string | undefined; texts: readonly string[] },
): Wanted[] {
  const { part } = bound;
  const isEntity = part.attachment !== undefined;
  const prefix = encodeKey([
    ["l", part.level],
    ["s", subgraph],
    ["h", graph.schemaHash],
    part.isShared ? ["o", ""] : ["a", asked.asker ?? ""],
    ["k", isEntity ? "entity" : "root"],
  ]);
  const texts = isEntity ? asked.texts : [bound.fields[0]?.key ?? ""];
  return texts.map((text, index) => ({
    bound,
    index,
    text,
    place: { key: prefix + text, level: part.level },
    typeName: isEntity ? () => typeNameOf(text) : () => part.template.typeName,
    record: undefined,
    served: absent,
    isStale: false,
    isShared: false,
  }));
}

function typeNameOf(representation: string): string | undefined {
  const value: unknown = JSON.parse(representation);
  const name = isJsonObject(value) ? value[TYPE_KEY] : undefined;
  return typeof name === "string" ? name : undefined;
}

/** Looks in memory, then, with one read, in the shared store for what wasn't there. */
export async function lookUp(site: LookupSite, all: readonly Wanted[]): Promise<void> {
  const { engine } = site;
  const nowMs = engine.nowMs();
  for (const wanted of all) tryRecord(site, wanted, { record: engine.memory.get(wanted.place.key), nowMs });
  const left = all.filter(({ served }) => served.kind === "miss");
  if (left.length > 0 && engine.store !== undefined) await readStore(site, engine.store, left);
  for (const wanted of all) if (wanted.served.kind === "miss") tryStale(site, wanted);
}

/** Records that are worth a bundle: below, what is saved isn't worth another look where there is none. */
const bundledMin = 8;

/** Looks for a bundle first where many are wanted, then for what that didn't give, and bundles what came one by one. */
async function readStore(site: LookupSite, store: SharedStore, all: readonly Wanted[]): Promise<void> {
  const [first] = all;
  const isBundled = all.length >= bundledMin && all.every(({ place }) => place.level === first?.place.level);
  if (!isBundled) {
    await readShared(site, all);
    return;
  }
  const places = all.map(({ place }) => place);
  const question = [...new Set(all.map(({ bound }) => bound.question))].join(" ");
  const found = await store.readBundle(places, question);
  if (found !== undefined) takeFound(site, all, found);
  const left = all.filter(({ served }) => served.kind === "miss");
  if (left.length > 0) await readShared(site, left);
  if (left.length === 0 || all.some(({ served }) => served.kind === "miss")) return;
  store.bundle(
    places,
    question,
    all.map(({ record }) => record?.segments ?? []),
  );
}

/** Reads what is wanted from the shared store, each for itself, and keeps it in memory. */
export async function readShared(site: LookupSite, all: readonly Wanted[]): Promise<void> {
  takeFound(site, all, (await site.engine.store?.readMany(all.map(({ place }) => place))) ?? []);
}

function takeFound(site: LookupSite, all: readonly Wanted[], found: readonly (readonly Segment[] | undefined)[]): void {
  const { engine } = site;
  const nowMs = engine.nowMs();
  for (const [index, wanted] of all.entries()) {
    const segments = found[index];
    if (segments === undefined) continue;
    const record = createRecord(segments.map(holdSegment));
    // What is in memory may be newer and hold what the store's doesn't, so it is kept where the other is of no use.
    if (!tryRecord(site, wanted, { record, nowMs })) continue;
    wanted.isShared = true;
    engine.memory.set(wanted.place.key, record);
  }
}

/** The same record, for a question that asks for more. What is beyond its age is wanted as a whole. */
export function wantMore(site: LookupSite, wanted: Wanted, bound: BoundPart): Wanted {
  const more = { ...wanted, bound };
  const { record } = wanted;
  const isKnown = record !== undefined && !wanted.isStale;
  return { ...more, served: isKnown ? serve(site, more, { record, nowMs: site.engine.nowMs(), isStaleAllowed: false }) : absent };
}

interface Trial {
  readonly record: CacheRecord | undefined;
  readonly nowMs: number;
}

function tryRecord(site: LookupSite, wanted: Wanted, { record, nowMs }: Trial): boolean {
  if (record === undefined) return false;
  const served = serve(site, wanted, { record, nowMs, isStaleAllowed: false });
  if (served.kind === "miss" && wanted.record !== undefined) return false;
  wanted.record = record;
  wanted.served = served;
  return served.kind === "hit";
}

function tryStale(site: LookupSite, wanted: Wanted): void {
  const { record } = wanted;
  if (record === undefined || wanted.bound.groups.every(({ staleMs }) => staleMs === 0)) return;
  const served = serve(site, wanted, { record, nowMs: site.engine.nowMs(), isStaleAllowed: true });
  if (served.kind === "miss") return;
  wanted.served = served;
  wanted.isStale = true;
}

function serve(
  { engine, graph, subgraph }: LookupSite,
  { bound, typeName }: Wanted,
  trial: Required<Trial> & { isStaleAllowed: boolean },
): Served {
  if (trial.record === undefined) return absent;
  const { isRelated } = graph;
  const { nowMs, isStaleAllowed } = trial;
  return serveRecord(trial.record, bound, { table: engine.table, subgraph, typeName, isRelated, nowMs, isStaleAllowed });
}
