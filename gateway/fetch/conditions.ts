import type { PlanCondition } from "../core/layout.ts";

type Variables = Readonly<Record<string, unknown>>;

/** Adds the variables of a plan's own to the caller's. */
export function withConditions(conditions: readonly PlanCondition[], variables: Variables): Variables {
  if (conditions.length === 0) return variables;
  const own = conditions.map(({ variable, anyOf }) => {
    const isTrue = anyOf.some((all) => all.every((literal) => (variables[literal.variable] === true) === literal.isTrue));
    return [variable, isTrue] as const;
  });
  return { ...variables, ...Object.fromEntries(own) };
}
