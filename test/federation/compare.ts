import type { GraphQLError } from "graphql";
import { isOnOneLine, type Problem } from "../../gateway/core/problem.ts";

/** Two answers to one operation. */
export interface Answers {
  readonly hub: { readonly data: unknown; readonly problems: readonly Problem[] };
  readonly monolith: { readonly data: unknown; readonly errors: readonly GraphQLError[] };
  /** Paths of objects one of whose hidden inputs may have failed at the hub. */
  readonly hidden: readonly (readonly (string | number)[])[];
}

/** @returns What is wrong with the hub's answer when it must be the monolith's; undefined when nothing is. */
export function findDifference({ hub, monolith, hidden }: Answers): string | undefined {
  if (JSON.stringify(hub.data) !== JSON.stringify(monolith.data)) return "the data differ";
  const expected = monolith.errors.map((error) => withoutIndexes(nulledPath(monolith.data, error.path ?? [])));
  const unsaid = expected.find((path) => !hub.problems.some((problem) => isOnOneLine(problem.path, path)));
  if (unsaid !== undefined) return `the hub has no error at ${unsaid.join("/")}`;
  const allowed = [...expected, ...hidden.map(withoutIndexes)];
  const invented = hub.problems.find(({ path }) => !allowed.some((known) => isOnOneLine(known, path)));
  return invented === undefined ? undefined : `the hub has an error of its own at ${invented.path.join("/")}`;
}

/**
 * Where an error's null has come to rest: a server may leave off what else is below, and the order in which it comes upon
 * the errors there is its own matter.
 */
function nulledPath(data: unknown, path: readonly (string | number)[]): readonly (string | number)[] {
  let value = data;
  for (const [depth, key] of path.entries()) {
    if (value === null || value === undefined) return path.slice(0, depth);
    value = (value as Record<string | number, unknown>)[key];
  }
  return path;
}

function withoutIndexes(path: readonly (string | number)[]): string[] {
  return path.map((key) => (typeof key === "number" ? "@" : key));
}

/**
 * Holds an answer that a fault has made poorer against the whole one: whatever is there must be right, and whatever is
 * missing must be under an error.
 *
 * @returns What is wrong, or undefined.
 */
export function findUntruth({ hub, monolith }: Answers): string | undefined {
  const isExplained = (path: readonly string[]): boolean => hub.problems.some((problem) => isOnOneLine(problem.path, path));
  return compareBelow(hub.data, monolith.data, { path: [], isExplained });
}

interface Spot {
  readonly path: readonly string[];
  readonly isExplained: (path: readonly string[]) => boolean;
}

function compareBelow(actual: unknown, whole: unknown, spot: Spot): string | undefined {
  const { path, isExplained } = spot;
  if (actual === null) return whole === null || isExplained(path) ? undefined : `null without an error at ${path.join("/")}`;
  if (Array.isArray(actual)) {
    if (!Array.isArray(whole) || whole.length !== actual.length) return `another list at ${path.join("/")}`;
    return firstOf(actual.map((item: unknown, index) => compareBelow(item, whole[index], { path: [...path, "@"], isExplained })));
  }
  if (typeof actual !== "object") return actual === whole ? undefined : `another value at ${path.join("/")}`;
  if (typeof whole !== "object" || whole === null || Array.isArray(whole)) return `an object at ${path.join("/")}`;
  const left = Object.entries(actual);
  const right = new Map(Object.entries(whole));
  if (left.map(([key]) => key).join() !== [...right.keys()].join()) return `other keys at ${path.join("/")}`;
  return firstOf(left.map(([key, value]) => compareBelow(value, right.get(key), { path: [...path, key], isExplained })));
}

function firstOf(findings: readonly (string | undefined)[]): string | undefined {
  return findings.find((finding) => finding !== undefined);
}
