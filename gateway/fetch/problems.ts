import type { ErrorCode } from "../core/errors.ts";
import { isJsonObject, type JsonObject, readOwn } from "../core/joined.ts";
import type { FetchStep } from "../core/layout.ts";
import type { Concern, Problem } from "../core/problem.ts";
import { type FoundEntities, listWaiting } from "./entities.ts";
import type { ReplyError } from "./reply.ts";

/** A call's objects, and whether some may be kept back. */
export interface Askers {
  readonly entities: readonly FoundEntities[];
  /** A call is made for objects that are kept back, too, and that it was made must not tell of these: problems then say for which objects it was. */
  readonly isConditioned: boolean;
}

/** What a call that failed as a whole leaves without values: one problem for each path of the answer at which something waits for it. */
export function failureProblems(fetch: FetchStep, code: ErrorCode, { entities, isConditioned }: Askers): readonly Problem[] {
  const { subgraph } = fetch;
  if (!isConditioned || fetch.attachments.length === 0)
    return failurePaths(fetch, entities).map((path): Problem => ({ code, path, subgraph }));
  const problems = new Map<string, Problem>();
  for (const one of entities) {
    for (const [wayIndex, found] of Map.groupBy(listWaiting(one), (each) => each.wayIndex)) {
      const path = one.attachment.wayPaths[wayIndex] ?? [];
      const hosts = found.flatMap(({ host }) => (host === undefined ? [] : [host]));
      const key = JSON.stringify(path);
      const objects = [...(problems.get(key)?.about?.objects ?? []), ...hosts];
      problems.set(key, { code, path, subgraph, about: { objects, key: undefined, isWhole: true } });
    }
  }
  return [...problems.values()];
}

/** The answer's paths that a failed call leaves without values: of a call for entities, those where objects wait for one. */
function failurePaths(fetch: FetchStep, entities: readonly FoundEntities[]): readonly (readonly string[])[] {
  const paths = fetch.attachments.length === 0 ? fetch.affectedPaths : entities.flatMap(waitingPaths);
  return [...new Map(paths.map((path) => [JSON.stringify(path), path])).values()];
}

function waitingPaths(found: FoundEntities): (readonly string[])[] {
  const wayIndexes = new Set(listWaiting(found).map(({ wayIndex }) => wayIndex));
  return found.attachment.wayPaths.filter((_, wayIndex) => wayIndexes.has(wayIndex));
}

/** What came with a reply's errors. */
export interface ErrorContext {
  readonly entities: readonly FoundEntities[];
  /** The reply's data, where each problem is to say which objects it is about; else one stands for all of a path. */
  readonly data: JsonObject | undefined;
}

/**
 * Translates a reply's errors to the answer's paths: one for each path, however many entities or rows it hits. Where it has to be known
 * which rows those are, one for each error; the projection, which knows what leaves, then makes one of them.
 * Their text stays inside.
 */
export function replyProblems(fetch: FetchStep, errors: readonly ReplyError[], { entities, data }: ErrorContext): Problem[] {
  const { subgraph } = fetch;
  const code = "SUBGRAPH_ERROR";
  if (data !== undefined) {
    return errors.flatMap((told): readonly Problem[] => {
      const error = cutAtNull(told, data);
      if (isWhole(fetch, error)) return failureProblems(fetch, code, { entities, isConditioned: true });
      const about = concernOf(fetch, error, { entities, data });
      return answerPaths(fetch, error, entities).map(
        (path): Problem => ({ code, path, subgraph, ...(about === undefined ? {} : { about }) }),
      );
    });
  }
  const byPath = new Map<string, Problem>();
  for (const error of errors) {
    for (const path of answerPaths(fetch, error, entities)) byPath.set(JSON.stringify(path), { code, path, subgraph });
  }
  return [...byPath.values()];
}

/**
 * An error up to the place that is null for it. What lies below was never seen, nor what conditions on it look at: which field of it failed
 * may be what they keep back.
 */
function cutAtNull(error: ReplyError, data: JsonObject): ReplyError {
  let value: unknown = data;
  for (const [index, step] of error.path.entries()) {
    value = valueAt(value, step);
    if (value === null || value === undefined) return { ...error, path: error.path.slice(0, index + 1) };
  }
  return error;
}

function valueAt(value: unknown, step: string | number): unknown {
  if (Array.isArray(value)) return (value as readonly unknown[])[Number(step)];
  return isJsonObject(value) ? readOwn(value, String(step)) : undefined;
}

/** Whether an error is about none of the entities that were asked for by itself. */
function isWhole({ attachments }: FetchStep, { path }: ReplyError): boolean {
  return attachments.length > 0 && typeof path[1] !== "number";
}

/** The deepest object on an error's path, and the key of it that the error is at. @returns undefined for an error without a place. */
function concernOf(fetch: FetchStep, { path }: ReplyError, { entities, data }: ErrorContext): Concern | undefined {
  let value: unknown = data;
  let owner: JsonObject | undefined;
  let key: string | undefined;
  for (const step of path) {
    if (isJsonObject(value)) {
      owner = value;
      key = typeof step === "string" ? (fetch.answerKeys.get(step) ?? step) : undefined;
    }
    value = valueAt(value, step);
  }
  if (fetch.attachments.length === 0 || owner === undefined) return owner === undefined ? undefined : { objects: [owner], key };
  if (owner !== data) return { objects: [owner], key };
  // The entity itself is null: the error is about the objects that wait for it.
  const found = entities.find(({ attachment }) => attachment.responseKey === path[0]);
  const waiting = found === undefined || typeof path[1] !== "number" ? [] : listWaiting(found, path[1]);
  return { objects: waiting.map(({ anchor }) => anchor), key: undefined };
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
  if (found === undefined || typeof index !== "number") return failurePaths(fetch, found === undefined ? entities : [found]);
  const wayIndexes = new Set(listWaiting(found, index).map((waiting) => waiting.wayIndex));
  return [...wayIndexes].flatMap((wayIndex) => {
    const prefix = found.attachment.wayPaths[wayIndex];
    return prefix === undefined ? [] : [[...prefix, ...path.slice(2)]];
  });
}
