import type { JsonObject, Layers } from "../core/joined.ts";
import type { Concern, Problem } from "../core/problem.ts";
import { isReserved } from "../core/reserved.ts";

/** What the writing of one answer under conditions came to see. */
export interface Sight {
  /** An object was written. */
  see(layers: Layers): void;
  /** A field of an object was kept back. */
  hide(layers: Layers, key: string): void;
  /** Keeps what is wrong with what was seen: an error must not tell of what was kept back. */
  keep(problems: readonly Problem[]): readonly Problem[];
}

/** Starts to look. */
export function createSight(): Sight {
  const seen = new Set<JsonObject>();
  const hidden = new Map<JsonObject, Set<string>>();

  function isInSight({ objects, key, isWhole }: Concern): boolean {
    return objects.some((object) => {
      if (!seen.has(object)) return false;
      if (isWhole === true) return true;
      const keys = hidden.get(object);
      // What is wrong with an object as a whole may be wrong with what is kept back of it.
      return keys === undefined || (key !== undefined && !keys.has(key));
    });
  }

  return {
    see(layers): void {
      for (const layer of layers) if (layer !== undefined) seen.add(layer);
    },
    hide(layers, key): void {
      for (const layer of layers) {
        if (layer === undefined) continue;
        const keys = hidden.get(layer);
        if (keys === undefined) hidden.set(layer, new Set([key]));
        else keys.add(key);
      }
    },
    keep(problems): readonly Problem[] {
      const kept = new Map<string, Problem>();
      for (const problem of problems) {
        const visible = visibleOf(problem, isInSight);
        if (visible !== undefined) kept.set(JSON.stringify([visible.path, visible.code, visible.subgraph]), visible);
      }
      return [...kept.values()];
    },
  };
}

/**
 * A call that fails as a whole is told where it was made for an object that is seen; one for what conditions look at, at the objects that were
 * to be looked at. What went wrong with one of these is not told, as it would say which.
 */
function visibleOf({ code, path, subgraph, about }: Problem, isInSight: (about: Concern) => boolean): Problem | undefined {
  const reserved = path.findIndex(isReserved);
  const isAboutOne = about !== undefined && about.isWhole !== true;
  if (about !== undefined && ((isAboutOne && reserved !== -1) || !isInSight(about))) return undefined;
  return { code, path: reserved === -1 ? path : path.slice(0, reserved), subgraph };
}
