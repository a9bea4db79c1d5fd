import type { Catalogue, CatalogueField, Level } from "../../schema/catalogue.ts";

/** On which terms what a fetch brings of some coordinates may be kept. */
export interface Terms {
  /** How long, in milliseconds. */
  readonly lifetimeMs: number;
  /** How much longer it may be served when it can't be had fresh at once, in milliseconds; 0 unless all is OPEN. */
  readonly staleMs: number;
  /** The strictest level: each has a key of its own at rest. */
  readonly level: Level;
  /** Whether all bureaus share it. */
  readonly isShared: boolean;
}

/** The coordinates that a field asks for: its own on each type that it is asked of, and those below. */
export interface Asked {
  readonly own: readonly string[];
  readonly below: readonly string[];
}

const levels: readonly Level[] = ["OPEN", "RESTRICTED", "CONFIDENTIAL"];

/**
 * Finds the terms of a field that stands at the top of what is kept.
 *
 * It must declare a lifetime itself, on every type that it is asked of; fields below without one of their own inherit it. OPEN values are shared unless
 * a department says otherwise; others only where it says so, and personal ones never.
 *
 * @returns Undefined when it may not be kept.
 */
export function termsOf({ own, below }: Asked, catalogue: Catalogue): Terms | undefined {
  let lifetimeS = Number.POSITIVE_INFINITY;
  /** Each field may be served until its own age and what is allowed beyond it have passed. */
  let endS = Number.POSITIVE_INFINITY;
  let level = 0;
  let isShared = true;
  for (const coordinate of [...own, ...below]) {
    const field = catalogue.fields.get(coordinate);
    if (field === undefined || field.cacheScope === "NONE") return undefined;
    const { classification, maxAgeSeconds, staleSeconds } = field;
    if (maxAgeSeconds !== undefined) {
      lifetimeS = Math.min(lifetimeS, maxAgeSeconds);
      endS = Math.min(endS, maxAgeSeconds + (staleSeconds ?? 0));
    }
    level = Math.max(level, levels.indexOf(classification.level));
    isShared &&= mayShare(field);
  }
  const isDeclared = own.length > 0 && own.every((coordinate) => catalogue.fields.get(coordinate)?.maxAgeSeconds !== undefined);
  if (!isDeclared || !(lifetimeS > 0) || !Number.isFinite(lifetimeS)) return undefined;
  const staleMs = level === 0 && isShared ? (endS - lifetimeS) * 1_000 : 0;
  return { lifetimeMs: lifetimeS * 1_000, staleMs, level: levels[level] ?? "CONFIDENTIAL", isShared };
}

/** Whether all bureaus may share a field's values: OPEN ones unless a department says otherwise, others only where it says so, and personal ones never. */
export function mayShare(field: CatalogueField | undefined): boolean {
  if (field === undefined || field.classification.personal || field.cacheScope === "NONE") return false;
  return field.classification.level === "OPEN" ? field.cacheScope !== "PRIVATE" : field.cacheScope === "PUBLIC";
}
