import { z } from "zod";
import type { Comparison, Condition, Operand } from "./words.ts";

/** Most operands of one comparison, and most conditions on one type. */
const OPERANDS_MAX = 50;

const FIELD_PATH = /^[_A-Za-z]\w*(?:\.[_A-Za-z]\w*){0,4}$/;

const scalar = z.union(
  [z.string(), z.number(), z.boolean()],
  "must be text, a number, true or false, or $purpose, $bureau, $today or $case",
);

const operands = z.union(
  [scalar, z.array(scalar).min(1).max(OPERANDS_MAX)],
  `must be a value, or a list of 1 to ${OPERANDS_MAX} values; $purpose, $bureau, $today and $case stand for what is true of the request`,
);

const path = z
  .string("must be text")
  .regex(FIELD_PATH, "must be one field or several joined by dots, such as consents or consents.purpose")
  .describe("The field that is looked at, such as consents; several joined by dots lead through objects.");

const comparisons = {
  is: operands.optional().describe("The value equals this, or one of these."),
  has: operands.optional().describe("The value is a list that holds this, or one of these."),
  from: scalar.optional().describe("The value is this or more; days such as 2026-04-01 and numbers can be compared."),
  until: scalar.optional().describe("The value is less than this."),
} as const;

const item = z.strictObject(comparisons);

/** Shape of one condition: `{ field: consents, has: $purpose }`. */
export const conditionShape = z.strictObject({
  field: path,
  ...comparisons,
  some: z
    .record(z.string().regex(FIELD_PATH, "must be a field"), item)
    .optional()
    .describe(
      "The value is a list of objects of which one meets all of these, by field: { purpose: { is: $purpose }, until: { from: $today } }.",
    ),
});

/** What the variables of a condition stand for where the agreement says it already. */
export interface ConditionScope {
  readonly purpose: string;
  readonly recipient: string;
}

/**
 * Reads the conditions that one entry of `where` comes to: one for each comparison that it names.
 *
 * @returns The conditions, or what is wrong in words.
 */
export function readConditions(type: string, value: z.output<typeof conditionShape>, scope: ConditionScope): readonly Condition[] | string {
  const { field, some, ...plain } = value;
  const steps = field.split(".");
  const made = comparisonsOf(plain, scope);
  if (typeof made === "string") return made;
  const conditions = made.map((comparison): Condition => ({ type, path: steps, comparison }));
  if (some !== undefined) {
    const inner = Object.entries(some).map(([name, each]) => ({ name, made: comparisonsOf(each, scope) }));
    const faults = inner.flatMap((each) => (typeof each.made === "string" ? [each.made] : []));
    if (faults[0] !== undefined) return faults[0];
    const nested = inner.flatMap((each) =>
      typeof each.made === "string" || each.made.length === 0
        ? []
        : each.made.map((comparison): Condition => ({ type: "", path: each.name.split("."), comparison })),
    );
    if (nested.length === 0 || inner.some((each) => each.made.length === 0)) return "must compare every field under `some` with something";
    conditions.push({ type, path: steps, comparison: { kind: "some", conditions: nested } });
  }
  return conditions.length > 0 ? conditions : "must compare the field with something: is, has, from, until or some";
}

type PlainComparisons = z.output<typeof item>;

function comparisonsOf(value: PlainComparisons, scope: ConditionScope): readonly Comparison[] | string {
  const made: Comparison[] = [];
  const read = (given: unknown): Operand | string => operandOf(given, scope);
  for (const kind of ["is", "has"] as const) {
    const given = value[kind];
    if (given === undefined) continue;
    const list = (Array.isArray(given) ? given : [given]).map(read);
    const fault = list.find((operand) => typeof operand === "string");
    if (typeof fault === "string") return fault;
    made.push({ kind, operands: list.filter((operand) => typeof operand !== "string") });
  }
  for (const kind of ["from", "until"] as const) {
    if (value[kind] === undefined) continue;
    const operand = read(value[kind]);
    if (typeof operand === "string") return operand;
    if (operand.kind === "case" || (operand.kind === "literal" && typeof operand.value === "boolean")) {
      return `\`${kind}\` compares days and numbers`;
    }
    made.push({ kind, operand });
  }
  return made;
}

function operandOf(given: unknown, { purpose, recipient }: ConditionScope): Operand | string {
  switch (given) {
    case "$purpose":
      return { kind: "literal", value: purpose };
    case "$bureau":
      return { kind: "literal", value: recipient };
    case "$today":
      return { kind: "today" };
    case "$case":
      return { kind: "case" };
  }
  if (typeof given === "string" && given.startsWith("$")) return `doesn't know ${given}: there are $purpose, $bureau, $today and $case`;
  if (typeof given === "string" || typeof given === "number" || typeof given === "boolean") return { kind: "literal", value: given };
  return "must be text, a number, true or false";
}

/** A text that equal conditions share. */
export function conditionKey(condition: Condition): string {
  const { type, path: steps, comparison } = condition;
  const operandKey = (operand: Operand): string => JSON.stringify(operand.kind === "literal" ? [operand.value] : operand.kind);
  switch (comparison.kind) {
    case "is":
    case "has":
      return `${type}.${steps.join(".")} ${comparison.kind} ${comparison.operands.map(operandKey).sort().join(" ")}`;
    case "from":
    case "until":
      return `${type}.${steps.join(".")} ${comparison.kind} ${operandKey(comparison.operand)}`;
    case "some":
      return `${type}.${steps.join(".")} some (${comparison.conditions.map(conditionKey).sort().join(", ")})`;
  }
}

/** Conditions in words, for people. */
export function conditionInWords({ type, path: steps, comparison }: Condition): string {
  const operand = (one: Operand): string =>
    one.kind === "literal" ? String(one.value) : one.kind === "today" ? "the day of the request" : "the case reference";
  const what = [...(type === "" ? [] : [type]), ...steps].join(".");
  switch (comparison.kind) {
    case "is":
      return `${what} is ${comparison.operands.map(operand).join(" or ")}`;
    case "has":
      return `${what} holds ${comparison.operands.map(operand).join(" or ")}`;
    case "from":
      return `${what} is ${operand(comparison.operand)} or later`;
    case "until":
      return `${what} is before ${operand(comparison.operand)}`;
    case "some":
      return `one of ${what} has ${comparison.conditions.map(conditionInWords).join(" and ")}`;
  }
}
