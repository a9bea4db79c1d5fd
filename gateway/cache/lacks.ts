import { LRUCache } from "lru-cache";
import type { Clock } from "../core/ports.ts";

/** Fields that can be asked for beside others, by name: they take no arguments. Below are those of the objects that a field holds; undefined for a leaf. */
export type Branches = ReadonlyMap<string, Branch>;

/** One of them. */
export interface Branch {
  readonly below: Branches | undefined;
}

/** What held records have lacked: fields that are asked for soon after others of the same object. */
export interface Lacks {
  /** The same object as long as nothing has changed; undefined where nothing is known. */
  of(anchor: string): Branches | undefined;
  /** Adds what was asked for when a record lacked a part of it. */
  learn(anchor: string, branches: Branches): void;
  /** Knows nothing for a while, as asking for it did harm. */
  shun(anchor: string): void;
}

/** Places that are known at once, and fields of each of them with those below, at most. */
const anchorsMax = 1_000;
const fieldsMax = 24;

/** How long what was learnt is believed, in milliseconds: what nobody asks for any more is forgotten. */
const knownMs = 600_000;

/** Creates a memory of what records lacked. An anchor is a place that records are of: a type, or a field of the root, of one subgraph. */
export function createLacks(nowMs: Clock): Lacks {
  /** Stands for what is shunned. */
  const none: Branches = new Map();
  const known = new LRUCache<string, { readonly branches: Branches; readonly untilMs: number }>({ max: anchorsMax });

  function find(anchor: string): Branches | undefined {
    const entry = known.get(anchor);
    if (entry === undefined) return undefined;
    if (nowMs() < entry.untilMs) return entry.branches;
    known.delete(anchor);
    return undefined;
  }

  return {
    of(anchor) {
      const branches = find(anchor);
      return branches === none ? undefined : branches;
    },
    learn(anchor, branches) {
      const before = find(anchor);
      if (before === none) return;
      const joined = joinBranches(before ?? none, branches);
      if (joined === before || countFields(joined) > fieldsMax) return;
      known.set(anchor, { branches: joined, untilMs: known.get(anchor)?.untilMs ?? nowMs() + knownMs });
    },
    shun(anchor) {
      known.set(anchor, { branches: none, untilMs: nowMs() + knownMs });
    },
  };
}

/** @returns The first itself where the second adds nothing. */
function joinBranches(first: Branches, second: Branches): Branches {
  const joined = new Map(first);
  let isSame = true;
  for (const [name, branch] of second) {
    const known = first.get(name);
    const below = known?.below === undefined || branch.below === undefined ? undefined : joinBranches(known.below, branch.below);
    if (known !== undefined && below === known.below) continue;
    joined.set(name, known === undefined ? branch : { below });
    isSame = false;
  }
  return isSame ? first : joined;
}

function countFields(branches: Branches): number {
  let count = branches.size;
  for (const { below } of branches.values()) count += below === undefined ? 0 : countFields(below);
  return count;
}
