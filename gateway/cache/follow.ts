import { createHash } from "node:crypto";
import { ReplyError } from "ioredis";
import type { Level } from "../../schema/catalogue.ts";
import type { Log } from "../core/ports.ts";
import { withDeadline } from "./deadline.ts";
import { type Bump, type Counters, createCounters, type EpochTable } from "./epochs.ts";
import type { RedisLink } from "./link.ts";
import { createTableCommands, type Followed, type Place, type TableCommands } from "./scripts.ts";
import { SLOTS } from "./slots.ts";

/** How a table in Redis is followed. */
export interface FollowOptions {
  readonly link: RedisLink;
  /** Milliseconds of a clock that never goes back. */
  readonly monotonicMs: () => number;
  /** 32 random bytes. */
  readonly newSecret: () => Uint8Array;
  readonly log: Log;
  /** How often the table is asked for changes, in milliseconds. */
  readonly pollMs: number;
  /** How old what is known may be before every lookup asks, in milliseconds. */
  readonly lagMsMax: number;
  /** How long a lookup waits for the epochs of its moment, in milliseconds. */
  readonly readMs: number;
  /** How long an invalidation may take, in milliseconds. */
  readonly writeMs: number;
  /** Told when what was kept of a level can't be read any more. */
  readonly onShred: (level: Level) => void;
}

/** The table of epochs that hubs share, as this hub knows it. */
export interface FollowedTable extends EpochTable {
  /** What the keys of a level are made with; undefined while that isn't known. */
  saltOf(level: Level): string | undefined;
  /** Forgets the keys of a level. @returns Whether that is done. */
  shred(level: Level): Promise<boolean>;
  close(): void;
}

interface State {
  readonly options: FollowOptions;
  readonly commands: TableCommands;
  readonly counters: Counters;
  readonly salts: Map<string, string>;
  /** Slots that must change, and for which that wasn't kept yet. What depends on them isn't valid. */
  readonly owed: Map<string, Set<number>>;
  /** `run_id` and incarnation together; empty while no table is known. */
  table: string;
  incarnation: string | undefined;
  version: number;
  revision: number;
  /** When the last look that succeeded was begun. */
  knownAtMs: number;
  /** Until when lookups don't wait, as one has waited in vain. */
  avoidedUntilMs: number;
  isFailing: boolean;
  /** The look under way, and the one that follows it. */
  current: Promise<boolean> | undefined;
  next: Promise<boolean> | undefined;
  timer: NodeJS.Timeout | undefined;
  isClosed: boolean;
}

/** How long lookups don't wait for a table that has let one wait in vain, in milliseconds. */
const avoidMs = 500;
/** Longest that one look may take, in milliseconds; what takes longer is begun anew. */
const lookMs = 1_000;
/** Levels that data is sealed by, each with a salt in the table. */
export const levels: readonly Level[] = ["OPEN", "RESTRICTED", "CONFIDENTIAL"];

/**
 * Follows the table of epochs in Redis by its log of changes. What this hub knows is never ahead of the table, so what it keeps is valid for no longer than it must
 * be; and it is at most `lagMsMax` behind, or lookups ask for the changes first.
 */
export function followEpochs(options: FollowOptions): FollowedTable {
  const state: State = {
    options,
    commands: createTableCommands(options.link),
    counters: createCounters(),
    salts: new Map(),
    owed: new Map(),
    table: "",
    incarnation: undefined,
    version: 0,
    revision: 0,
    knownAtMs: Number.NEGATIVE_INFINITY,
    avoidedUntilMs: Number.NEGATIVE_INFINITY,
    isFailing: true,
    current: undefined,
    next: undefined,
    timer: undefined,
    isClosed: false,
  };
  options.link.onReady(() => void look(state));
  schedule(state);
  return {
    incarnation: () => state.incarnation,
    revision: () => state.revision,
    counters: (subgraph) => state.counters.of(subgraph),
    mark: () => markOf(state),
    isFresh: () => options.monotonicMs() - state.knownAtMs <= options.lagMsMax && state.incarnation !== undefined,
    sync: () => sync(state),
    bump: (bumps) => bump(state, bumps),
    saltOf: (level) => state.salts.get(level),
    shred: (level) => shred(state, level),
    isDown: () => state.isFailing,
    close: () => {
      state.isClosed = true;
      clearTimeout(state.timer);
    },
  };
}

function markOf({ incarnation, version }: State): string {
  return incarnation === undefined ? "" : `${incarnation}.${version}`;
}

function schedule(state: State): void {
  if (state.isClosed) return;
  state.timer = setTimeout(() => void look(state).finally(() => schedule(state)), state.options.pollMs);
  // A hub that has nothing else to do may end.
  state.timer.unref();
}

/** Looks for changes; whoever asks while a look is under way gets the one after it, which begins later than he asked. */
function look(state: State): Promise<boolean> {
  if (state.current === undefined) {
    const started = lookOnce(state).finally(() => {
      state.current = undefined;
    });
    state.current = started;
    return started;
  }
  state.next ??= state.current.then(() => {
    state.next = undefined;
    return look(state);
  });
  return state.next;
}

async function lookOnce(state: State): Promise<boolean> {
  const { link, monotonicMs } = state.options;
  if (!link.isReady() || state.isClosed) {
    state.isFailing = true;
    return false;
  }
  const beganAtMs = monotonicMs();
  try {
    const known = { table: state.table, version: state.version };
    apply(state, await withDeadline(state.commands.follow(seeds(state), known), lookMs));
    state.knownAtMs = beganAtMs;
    if (state.isFailing) state.options.log.info({}, "cache.epochs-followed");
    state.isFailing = false;
    if (state.owed.size > 0) await payOwed(state);
    return true;
  } catch (error) {
    if (!state.isFailing) state.options.log.warn({ error: error instanceof Error ? error.message : "unknown" }, "cache.epochs-lost");
    state.isFailing = true;
    // A refusal is a reply; anything else leaves it open what comes next on this connection.
    if (!(error instanceof ReplyError)) link.renew();
    return false;
  }
}

function seeds({ options }: State): readonly string[] {
  const random = Buffer.from(options.newSecret()).toString("hex");
  // One secret for each, as salts must not tell of each other.
  return [random, ...levels.map(() => Buffer.from(options.newSecret()).toString("hex"))];
}

function apply(state: State, { run, made, version, kind, changes }: Followed): void {
  if (kind === "same") return;
  state.revision += 1;
  if (kind === "all") {
    state.counters.clear();
    state.table = run + made;
    state.incarnation = createHash("sha256").update(`${run} ${made}`).digest("hex").slice(0, 16);
  }
  for (const [field, value] of changes) applyChange(state, field, value);
  state.version = version;
  // What is still owed isn't in the table yet.
  for (const [subgraph, slots] of state.owed) distrust(state, subgraph, slots);
}

function applyChange(state: State, field: string, value: string): void {
  const level = levels.find((name) => field === `k:${name}`);
  if (level !== undefined) {
    if (state.salts.get(level) !== value) {
      const isKnown = state.salts.has(level);
      state.salts.set(level, value);
      if (isKnown) state.options.onShred(level);
    }
    return;
  }
  const place = /^e:(\d+):(.+)$/s.exec(field);
  const slot = Number(place?.[1]);
  if (place !== null && slot < SLOTS) state.counters.of(place[2] ?? "")[slot] = Number(value);
}

/** A number that equals nothing, itself included: whatever depends on the slot is a miss. */
function distrust(state: State, subgraph: string, slots: Iterable<number>): void {
  const table = state.counters.of(subgraph);
  for (const slot of slots) table[slot] = Number.NaN;
}

/** Waits for a look that begins now or later, for as long as a lookup may wait. */
async function sync(state: State): Promise<boolean> {
  const { monotonicMs, readMs, link } = state.options;
  if (!link.isReady() || monotonicMs() < state.avoidedUntilMs) return false;
  try {
    return await withDeadline(look(state), readMs);
  } catch {
    state.avoidedUntilMs = monotonicMs() + avoidMs;
    return false;
  }
}

async function bump(state: State, bumps: readonly Bump[]): Promise<string | undefined> {
  const { link, writeMs } = state.options;
  const fields = bumps.flatMap(({ subgraph, slots }) => slots.map((slot) => `e:${slot}:${subgraph}`));
  // From now on this hub doesn't serve it, whether or not the others can be told.
  for (const { subgraph, slots } of bumps) {
    distrust(state, subgraph, slots);
    state.owed.set(subgraph, new Set([...(state.owed.get(subgraph) ?? []), ...slots]));
  }
  state.revision += 1;
  if (!link.isReady()) return undefined;
  try {
    const place = await withDeadline(state.commands.bump(seeds(state), [...new Set(fields)]), writeMs);
    for (const { subgraph, slots } of bumps) settle(state, subgraph, slots);
    // From then on what this hub fetches can be kept again.
    await withDeadline(look(state), writeMs).catch(() => false);
    return markAt(place);
  } catch {
    return undefined;
  }
}

function markAt({ run, made, version }: Place): string {
  return `${createHash("sha256").update(`${run} ${made}`).digest("hex").slice(0, 16)}.${version}`;
}

function settle(state: State, subgraph: string, slots: readonly number[]): void {
  const owed = state.owed.get(subgraph);
  if (owed === undefined) return;
  for (const slot of slots) owed.delete(slot);
  if (owed.size === 0) state.owed.delete(subgraph);
}

/** Keeps what couldn't be kept before. */
async function payOwed(state: State): Promise<void> {
  const bumps = [...state.owed].map(([subgraph, slots]) => ({ subgraph, slots: [...slots] }));
  const fields = bumps.flatMap(({ subgraph, slots }) => slots.map((slot) => `e:${slot}:${subgraph}`));
  await withDeadline(state.commands.bump(seeds(state), fields), state.options.writeMs);
  for (const { subgraph, slots } of bumps) settle(state, subgraph, slots);
}

async function shred(state: State, level: Level): Promise<boolean> {
  if (!state.options.link.isReady()) return false;
  try {
    const salt = Buffer.from(state.options.newSecret()).toString("hex");
    await withDeadline(state.commands.shred(seeds(state), `k:${level}`, salt), state.options.writeMs);
    return await look(state);
  } catch {
    return false;
  }
}
