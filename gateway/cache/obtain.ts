import type { CachedData, CacheNotes, CacheRequest, CallResult } from "../core/ports.ts";
import { type AskSite, type Question, questionFor } from "./ask.ts";
import { type BoundPart, bindPart } from "./compile.ts";
import type { LookupResult } from "./engine.ts";
import { hasSeen } from "./epochs.ts";
import { fill, type Stamp, takeStamp } from "./fill.ts";
import { type LookupSite, listWanted, lookUp, readShared, type Wanted, wantMore } from "./lookup.ts";
import { type Arrived, compose, invalidData, objectsOf, wholePath } from "./merge.ts";

/** A plan with what is known of it from earlier requests. */
export interface ObtainSite extends LookupSite, AskSite {
  /** Bound parts by the values of their variables; bounded. */
  readonly bound: Map<string, readonly BoundPart[]>;
  /** Undefined where no more is ever asked for. */
  readonly broad: Broadening | undefined;
}

/** Gives calls more to bring. */
export interface Broadening {
  /** Told that a record was there and lacked some of what is asked for. */
  lacked(): void;
  /** @returns Undefined when no more is to be asked for. */
  find(): ObtainSite | undefined;
  /** Told that a call that asked for more failed, or brought an error. */
  failed(): void;
}

type Outcome<Result> = Promise<Result | CachedData>;

/** Gives what a fetch asks for: from the cache what may come from there, the rest with one call of the subgraph. */
export async function obtain<Result extends CallResult>(site: ObtainSite, request: CacheRequest<Result>): Outcome<Result> {
  const { engine, plan } = site;
  const isAllowed = request.asker !== undefined || plan.parts.every(({ isShared }) => isShared);
  const parts = isAllowed ? bindParts(site, request.variables) : [];
  if (parts.length === 0) return callWhole(site, request);
  if (!isFresh(site, request.seenMark) && !(await engine.table.sync())) {
    return bypass(site, request, parts);
  }
  const all = parts.flatMap((bound) => {
    const position = bound.part.attachment === undefined ? -1 : plan.fetch.attachments.indexOf(bound.part.attachment);
    return listWanted(site, bound, { asker: request.asker, texts: request.representations[position] ?? [] });
  });
  await lookUp(site, all);
  const left = all.filter(({ served }) => served.kind === "miss");
  if (left.length === 0) {
    note(site, request, all);
    refresh(site, request, all);
    return { kind: "data", data: compose(plan, all, undefined), errors: [] };
  }
  const release = await awaitOther(site, left);
  // What runs out meanwhile is fetched with what has.
  const isMissing = left.some(({ served }) => served.kind === "miss");
  note(site, request, all);
  if (!isMissing) return { kind: "data", data: compose(plan, all, undefined), errors: [] };
  if (left.some(({ served }) => served.kind === "miss" && served.reason === "fields")) site.broad?.lacked();
  try {
    const fetched = all.filter((wanted) => wanted.served.kind === "miss" || wanted.isStale);
    return await fetchFor(site, request, { all, fetched, isDetached: false });
  } finally {
    release?.();
  }
}

/** Asks for what is missing, and for what will be next where that can be told; for no more than must be where that brings an error. */
async function fetchFor<Result extends CallResult>(site: ObtainSite, request: CacheRequest<Result>, needed: Needed): Outcome<Result> {
  const ask = async (fetching: Fetching): Promise<Result> =>
    await request.call({ ...fetching.question, mark: fetching.mark, isDetached: needed.isDetached });
  const broad = beginBroad(site, request, needed);
  if (broad !== undefined) {
    const reply = await ask(broad);
    if (reply.kind !== "failure" && reply.data !== undefined && (reply.errors ?? []).length === 0) return finish(broad, reply);
    site.broad?.failed();
    // A department that isn't there isn't asked twice.
    if (reply.kind === "failure") return reply;
  }
  const { all, fetched } = needed;
  const fetching = begin(site, { all, fetched, origin: fetched });
  return finish(fetching, await ask(fetching));
}

function beginBroad(site: ObtainSite, { variables }: CacheRequest<CallResult>, { all, fetched }: Wanting): Fetching | undefined {
  const broad = site.broad?.find();
  const parts = broad === undefined ? [] : bindParts(broad, variables);
  if (broad === undefined || parts.length === 0) return undefined;
  const byKey = new Map(parts.map((bound) => [bound.part.responseKey, bound]));
  const more = fetched.flatMap((wanted) => {
    const bound = byKey.get(wanted.bound.part.responseKey);
    return bound === undefined ? [] : [wantMore(site, wanted, bound)];
  });
  return more.length === fetched.length ? begin(broad, { all, fetched: more, origin: fetched }) : undefined;
}

function isFresh({ engine: { table, isStrict } }: ObtainSite, seenMark: string | undefined): boolean {
  return !isStrict && table.isFresh() && table.incarnation() !== undefined && (seenMark === undefined || hasSeen(table, seenMark));
}

function callWhole<Result extends CallResult>(
  { engine, plan }: ObtainSite,
  { call, representations }: CacheRequest<Result>,
): Promise<Result> {
  return call({
    text: undefined,
    representations,
    variableNames: plan.fetch.variableNames,
    mark: engine.table.mark(),
    isDetached: false,
  });
}

/** Without epochs nothing is known to be valid, and nothing that is fetched could be told to be. */
function bypass<Result extends CallResult>(site: ObtainSite, request: CacheRequest<Result>, parts: readonly BoundPart[]): Promise<Result> {
  const { engine, subgraph } = site;
  for (const { part } of parts) engine.count({ subgraph, what: part.label, result: "unavailable", times: 1 });
  request.note({ hits: 0, stale: 0, misses: parts.length, reason: "unavailable", oldestFetchedAtMs: undefined, expiresAtMs: undefined });
  return callWhole(site, request);
}

/** Different variables that are bound at once, at most, for one fetch. */
const boundMax = 64;

function bindParts({ plan, bound }: ObtainSite, variables: Readonly<Record<string, unknown>>): readonly BoundPart[] {
  const key = plan.variables.length === 0 ? "" : JSON.stringify(plan.variables.map((name) => variables[name] ?? null));
  const known = bound.get(key);
  if (known !== undefined) return known;
  const parts = plan.parts.flatMap((part) => bindPart(part, variables) ?? []);
  // An attachment of which nothing is asked for still has its place in the call, so such a fetch is made whole.
  const isWhole = plan.parts.every(({ attachment }, index) => attachment === undefined || plan.parts[index] === parts[index]?.part);
  const usable = isWhole ? parts : [];
  if (bound.size >= boundMax) bound.clear();
  bound.set(key, usable);
  return usable;
}

function note({ engine, subgraph }: ObtainSite, request: CacheRequest<CallResult>, all: readonly Wanted[]): void {
  const notes: { -readonly [Key in keyof CacheNotes]: CacheNotes[Key] } = {
    hits: 0,
    stale: 0,
    misses: 0,
    reason: undefined,
    oldestFetchedAtMs: undefined,
    expiresAtMs: undefined,
  };
  const run: { what: string; result: LookupResult; times: number } = { what: "", result: "absent", times: 0 };
  for (const { served, bound, isStale, isShared } of all) {
    const result: LookupResult = served.kind === "miss" ? served.reason : isStale ? "hit-stale" : isShared ? "hit-store" : "hit-memory";
    // Most of a batch ends alike, and counting costs more than looking up.
    if (run.times > 0 && (run.what !== bound.part.label || run.result !== result)) {
      engine.count({ subgraph, ...run });
      run.times = 0;
    }
    run.what = bound.part.label;
    run.result = result;
    run.times += 1;
    if (served.kind === "miss") {
      notes.misses += 1;
      notes.reason ??= served.reason;
      if (served.partial === undefined) continue;
    } else {
      notes.hits += 1;
      if (isStale) notes.stale += 1;
      notes.expiresAtMs = Math.min(notes.expiresAtMs ?? served.expiresAtMs, served.expiresAtMs);
    }
    notes.oldestFetchedAtMs = Math.min(notes.oldestFetchedAtMs ?? served.fetchedAtMs, served.fetchedAtMs);
  }
  if (run.times > 0) engine.count({ subgraph, ...run });
  request.note(notes);
}

/** How long another hub may take before its lease is void, and how often it is looked whether it is done, in milliseconds. */
const leaseMs = 2_000;
const leasePollMs = 10;

/** Lets another hub that is fetching the same go on, and reads what it brings; for shared records alone, where many ask at once. */
async function awaitOther(site: ObtainSite, left: readonly Wanted[]): Promise<(() => void) | undefined> {
  const { engine } = site;
  const [first] = left;
  if (engine.store === undefined || engine.leaseWaitMs === 0 || first === undefined || !left.every(({ bound }) => bound.part.isShared))
    return;
  const asked = left.map(({ place, bound }) => `${place.key} ${bound.fields.map(({ key }) => key).join(" ")}`).join("\n");
  // After an invalidation what others fetched before is of no use.
  const lease = await engine.store.lease(`${engine.table.mark()} ${asked}`, leaseMs);
  if (lease !== "taken") return lease;
  const untilMs = engine.nowMs() + engine.leaseWaitMs;
  for (let rounds = Math.ceil(engine.leaseWaitMs / leasePollMs); rounds > 0 && engine.nowMs() < untilMs; rounds -= 1) {
    // One look after the other is the point.
    // oxlint-disable-next-line no-await-in-loop
    await new Promise((resolve) => setTimeout(resolve, leasePollMs));
    // oxlint-disable-next-line no-await-in-loop
    await readShared(site, left);
    if (left.every(({ served }) => served.kind === "hit")) return undefined;
  }
  return undefined;
}

interface Wanting {
  readonly all: readonly Wanted[];
  readonly fetched: readonly Wanted[];
}

interface Needed extends Wanting {
  /** Whether it is asked for the cache alone. */
  readonly isDetached: boolean;
}

interface Fetching extends Wanting {
  readonly site: ObtainSite;
  /** What `fetched` stands for, in the same order: the same records, of which less may be asked. */
  readonly origin: readonly Wanted[];
  readonly question: Question;
  readonly stamps: readonly Stamp[];
  /** State of the epochs with which the call leaves. */
  readonly mark: string;
  readonly fetchedAtMs: number;
}

function begin(site: ObtainSite, needed: Pick<Fetching, "all" | "fetched" | "origin">): Fetching {
  const { engine } = site;
  const stamps = needed.fetched.map((wanted) => takeStamp(site, wanted));
  return { ...needed, site, question: questionFor(site, needed.fetched), stamps, mark: engine.table.mark(), fetchedAtMs: engine.nowMs() };
}

function finish<Result extends CallResult>(fetching: Fetching, reply: Result): Result | CachedData {
  const { site, all, fetched, origin } = fetching;
  const { plan } = site;
  if (reply.kind === "failure" || reply.data === undefined) return reply;
  const errors = reply.errors ?? [];
  const arrived = objectsOf(plan, fetched, reply.data);
  if (arrived === undefined) return { kind: "data", data: invalidData(plan), errors };
  // A reply with errors lacks something, and nobody can tell what would be there: none of it is kept.
  if (errors.length === 0) keepArrived(fetching, arrived);
  const own: Arrived = new Map(
    fetched.flatMap((wanted, index) => {
      const [object, asked] = [arrived.get(wanted), origin[index]];
      return object === undefined || asked === undefined ? [] : [[asked, object] as const];
    }),
  );
  return { kind: "data", data: compose(plan, all, own), errors: errors.map(({ path }) => ({ path: wholePath(fetched, path) })) };
}

function keepArrived({ site, fetched, stamps, fetchedAtMs, question }: Fetching, arrived: Arrived): void {
  for (const [index, wanted] of fetched.entries()) {
    const object = arrived.get(wanted);
    const own = stamps[index];
    if (object === undefined || own === undefined) continue;
    fill(site, { stamp: own, object, fetchedAtMs, isWhole: question.whole.has(wanted.bound.part) });
  }
}

/** Fetches behind the answer what was served beyond its age, once at a time for each record. */
function refresh<Result extends CallResult>(site: ObtainSite, request: CacheRequest<Result>, all: readonly Wanted[]): void {
  const { refreshing } = site.engine;
  const stale = all.filter(({ isStale, place }) => isStale && !refreshing.has(place.key));
  if (stale.length === 0) return;
  for (const { place } of stale) refreshing.add(place.key);
  void fetchFor(site, request, { all: stale, fetched: stale, isDetached: true }).finally(() => {
    for (const { place } of stale) refreshing.delete(place.key);
  });
}
