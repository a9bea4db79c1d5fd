import type { FetchStep } from "../core/layout.ts";
import type { Problem } from "../core/problem.ts";
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
export function replyProblems(fetch: FetchStep, errors: readonly ReplyError[]): Problem[] {
  const byPath = new Map<string, Problem>();
  for (const error of errors) {
    for (const path of answerPaths(fetch, error)) {
      byPath.set(JSON.stringify(path), { code: "SUBGRAPH_ERROR", path, subgraph: fetch.subgraph });
    }
  }
  return [...byPath.values()];
}

function answerPaths(fetch: FetchStep, error: ReplyError): readonly (readonly string[])[] {
  const path = error.path.map((key) => (typeof key === "number" ? "@" : key));
  if (fetch.attachments.length === 0) {
    if (path.length === 0) return fetch.affectedPaths;
    const prefix = fetch.reentry === undefined ? [] : (fetch.affectedPaths[0] ?? []).slice(0, -1);
    return [[...prefix, ...path]];
  }
  const index = fetch.attachments.findIndex((attachment) => attachment.responseKey === path[0]);
  // The paths of a batch stand in the order of its attachments' ways only when each has one, so a batch tells its prefixes alone.
  if (index < 0 || fetch.affectedPaths.length !== fetch.attachments.length) return fetch.affectedPaths;
  const prefix = fetch.affectedPaths[index] ?? [];
  return [[...prefix, ...path.slice(2)]];
}
