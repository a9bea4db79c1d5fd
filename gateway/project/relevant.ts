import type { Problem } from "../core/problem.ts";

/**
 * Keeps the problems that the answer has a place for. A planner may ask for more than the caller: fields that a condition excludes, or
 * those of objects of another type. What goes wrong with them is nothing to the caller.
 *
 * @param data The answer's JSON.
 */
export function relevantProblems(problems: readonly Problem[], data: Buffer): readonly Problem[] {
  if (problems.length === 0) return problems;
  const answer: unknown = JSON.parse(data.toString("utf8"));
  return problems.filter(({ path }) => hasPlace(answer, path, 0));
}

function hasPlace(value: unknown, path: readonly string[], depth: number): boolean {
  if (Array.isArray(value)) return value.some((item) => hasPlace(item, path, path[depth] === "@" ? depth + 1 : depth));
  const key = path[depth];
  if (key === undefined || typeof value !== "object" || value === null) return true;
  return Object.hasOwn(value, key) && hasPlace((value as Record<string, unknown>)[key], path, depth + 1);
}
