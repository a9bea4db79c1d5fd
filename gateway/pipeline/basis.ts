import { conditionInWords } from "../../policies/engine/condition.ts";
import type { Decision } from "../../policies/engine/words.ts";
import type { Basis } from "../core/answer.ts";
import type { ClearedOperation } from "../core/cleared.ts";
import type { Gist } from "./gathered.ts";
import type { Judged } from "./record.ts";

/** What every answer to an operation rests on: agreements, masks and conditions. Empty when the hub runs unrestricted. */
export function basisOf(judged: Judged | undefined, cleared: ClearedOperation): Basis {
  if (judged === undefined) return {};
  const { agreements, masked: masks } = judged;
  return { agreements, masks, ...(cleared.isConditioned ? { conditions: conditionsOf(cleared.verdict) } : {}) };
}

interface Based {
  readonly judged: Judged | undefined;
  readonly basis: Basis;
}

/** What one answer rests on: the operation's own basis itself, or that with the age of the data. */
export function describeBasis({ judged, basis }: Based, collected: Gist, nowMs: number): Basis {
  const age = judged === undefined ? undefined : ageOf(collected, nowMs);
  return age === undefined ? basis : { ...basis, dataAgeSeconds: age };
}

/** By coordinate, in words: a null there may mean that the condition doesn't hold. */
function conditionsOf(verdict: ReadonlyMap<string, Decision>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...verdict].flatMap(([coordinate, decision]) =>
      decision.kind === "deny" || decision.where === undefined ? [] : [[coordinate, decision.where.map(conditionInWords).join(" and ")]],
    ),
  );
}

/** Seconds since the oldest part left its department; undefined when nothing came from a cache. */
export function ageOf({ oldestFetchedAtMs }: Gist, nowMs: number): number | undefined {
  return oldestFetchedAtMs === undefined ? undefined : Math.max(0, Math.floor((nowMs - oldestFetchedAtMs) / 1_000));
}

/** The header `Cache-Status`. @see https://www.rfc-editor.org/rfc/rfc9211 */
export function cacheStatusOf(collected: Gist, nowMs: number): string | undefined {
  const { cacheHits, cacheMisses, cacheStale, cacheReason, cacheExpiresAtMs, fetches } = collected;
  if (cacheHits === 0 && cacheMisses === 0) return fetches > 0 ? "crossharbour; fwd=bypass" : undefined;
  if (cacheMisses === 0 && fetches === 0) {
    const ttl = cacheExpiresAtMs === undefined ? "" : `; ttl=${Math.floor((cacheExpiresAtMs - nowMs) / 1_000)}`;
    return `crossharbour; hit${ttl}${cacheStale > 0 ? "; detail=stale" : ""}`;
  }
  if (cacheHits > 0) return `crossharbour; fwd=partial; detail="${cacheHits} of ${cacheHits + cacheMisses}"`;
  return `crossharbour; fwd=${cacheReason === "expired" ? "stale" : "miss"}; detail=${cacheReason ?? "absent"}`;
}
