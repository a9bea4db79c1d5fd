import { conditionInWords } from "../../policies/engine/condition.ts";
import type { Decision } from "../../policies/engine/words.ts";
import type { Gist } from "./gathered.ts";
import type { PreparedOperation } from "./prepare.ts";

/** What an answer rests on, for `extensions.hub`: agreements, masks, conditions and the age of the data. Empty when the hub runs unrestricted. */
export function describeBasis({ judged, cleared }: PreparedOperation, collected: Gist, nowMs: number): Readonly<Record<string, unknown>> {
  if (judged === undefined) return {};
  const age = ageOf(collected, nowMs);
  return {
    agreements: judged.agreements,
    masks: judged.masked,
    ...(cleared.isConditioned ? { conditions: conditionsOf(cleared.verdict) } : {}),
    ...(age === undefined ? {} : { dataAgeSeconds: age }),
  };
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
