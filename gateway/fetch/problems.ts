import type { FetchStep } from "../core/layout.ts";
import type { Problem } from "../core/problem.ts";
import type { FoundEntities } from "./entities.ts";
import type { ReplyError } from "./reply.ts";

/** The answer's paths that a failed call leaves without values. */
export function failurePaths(fetch: FetchStep): readonly (readonly string[])[] {
  const seen = new Set<string>();
  return fetch.affectedPaths.filter((path) => {
    const key = JSON.stringify(path);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/**
 * Translates a reply's errors to the answer's paths: one for each path, however many entities or rows it hits.
 * Their text stays inside.
 */
export function replyProblems(fetch: FetchStep, errors: readonly ReplyError[], entities: readonly FoundEntities[]): Problem[] {
  const byPath = new Map<string, Problem>();
  for (const error of errors) {
    for (const path of answerPaths(fetch, error, entities)) {
      byPath.set(JSON.stringify(path), { code: "SUBGRAPH_ERROR", path, subgraph: fetch.subgraph });
    }
  }
  return [...byPath.values()];
}

function answerPaths(fetch: FetchStep, error: ReplyError, entities: readonly FoundEntities[]): readonly (readonly string[])[] {
  const path = error.path.map((key) => (typeof key === "number" ? "@" : (fetch.answerKeys.get(key) ?? key)));
  if (fetch.attachments.length === 0) {
    if (path.length === 0) return fetch.affectedPaths;
    const prefix = fetch.reentry === undefined ? [] : (fetch.affectedPaths[0] ?? []).slice(0, -1);
    return [[...prefix, ...path]];
  }
  const found = entities.find(({ attachment }) => attachment.responseKey === error.path[0]);
  const index = error.path[1];
  if (found === undefined || typeof index !== "number") return fetch.affectedPaths;
  const wayIndexes = new Set(found.waiting.flatMap((waiting) => (waiting.index === index ? [waiting.wayIndex] : [])));
  return [...wayIndexes].flatMap((wayIndex) => {
    const prefix = found.attachment.wayPaths[wayIndex];
    return prefix === undefined ? [] : [[...prefix, ...path.slice(2)]];
  });
}
