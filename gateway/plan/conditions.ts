import { type DirectiveNode, Kind } from "graphql";
import type { PlanCondition } from "../core/layout.ts";

/** Variables that must be true (`+name`) or must not be (`-name`), all of them; sorted. */
export type Literals = readonly string[];

/** When a field is asked for: when all literals of any one of these hold. */
export type Condition = readonly Literals[];

/**
 * Reads `@skip` and `@include`.
 *
 * @param outer What must hold already, around the selection.
 * @returns Undefined when the selection is never asked for.
 * @see https://spec.graphql.org/October2021/#sec-Type-System.Directives.Built-in-Directives
 */
export function readConditions(directives: readonly DirectiveNode[] | undefined, outer: Literals): Literals | undefined {
  const literals = new Set(outer);
  for (const directive of directives ?? []) {
    const name = directive.name.value;
    if (!isCondition(directive)) continue;
    const value = directive.arguments?.find((argument) => argument.name.value === "if")?.value;
    if (value?.kind === Kind.BOOLEAN && value.value !== (name === "include")) return undefined;
    if (value?.kind === Kind.VARIABLE) literals.add(`${name === "include" ? "+" : "-"}${value.name.value}`);
  }
  const isContradictory = [...literals].some((literal) => literals.has(opposite(literal)));
  return isContradictory ? undefined : [...literals].toSorted();
}

/** Whether a directive is `@skip` or `@include`. */
export function isCondition({ name }: DirectiveNode): boolean {
  return name.value === "skip" || name.value === "include";
}

/** Adds another case to a condition. */
export function orWhen(condition: Condition, literals: Literals): Condition {
  if (condition.some((known) => isWithin(known, literals))) return condition;
  const [only, ...more] = literals;
  // What is asked for both when a variable is true and when it isn't is asked for always.
  if (only !== undefined && more.length === 0 && condition.some((known) => known.length === 1 && known[0] === opposite(only))) return [[]];
  return [...condition.filter((known) => !isWithin(literals, known)), literals];
}

/** Whether a condition holds whenever another one does. */
export function isImplied(condition: Condition, by: Condition): boolean {
  return by.every((literals) => condition.some((known) => isWithin(known, literals)));
}

function isWithin(few: Literals, many: Literals): boolean {
  return few.every((literal) => many.includes(literal));
}

function opposite(literal: string): string {
  return `${literal.startsWith("+") ? "-" : "+"}${literal.slice(1)}`;
}

/** Writes conditions as directives of one field, by variables of the hub's own where a directive says too little. */
export interface ConditionWriter {
  /** @param key Equal conditions under different keys get variables of their own; "" for those that share one. */
  write(condition: Condition, key: string): DirectiveNode;
  /** The hub's own variables, in the order of their first use. */
  readonly conditions: readonly PlanCondition[];
}

/** @param prefix A beginning that no variable of the operation has. */
export function createConditionWriter(prefix: string): ConditionWriter {
  const conditions: PlanCondition[] = [];
  const names = new Map<string, string>();

  function nameOf(condition: Condition, key: string): string {
    const meaning = JSON.stringify([condition, key]);
    const known = names.get(meaning);
    if (known !== undefined) return known;
    const name = `${prefix}${names.size + 1}`;
    names.set(meaning, name);
    conditions.push({
      variable: name,
      anyOf: condition.map((literals) => literals.map((literal) => ({ variable: literal.slice(1), isTrue: literal.startsWith("+") }))),
    });
    return name;
  }

  return {
    conditions,
    write(condition, key): DirectiveNode {
      const [literals, ...others] = condition;
      const [literal, ...more] = literals ?? [];
      if (key === "" && literal !== undefined && others.length === 0 && more.length === 0)
        return directiveNode(literal.startsWith("+") ? "include" : "skip", literal.slice(1));
      return directiveNode("include", nameOf(condition, key));
    },
  };
}

function directiveNode(name: "skip" | "include", variable: string): DirectiveNode {
  return {
    kind: Kind.DIRECTIVE,
    name: { kind: Kind.NAME, value: name },
    arguments: [
      {
        kind: Kind.ARGUMENT,
        name: { kind: Kind.NAME, value: "if" },
        value: { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: variable } },
      },
    ],
  };
}
