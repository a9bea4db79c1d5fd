import type { Comparison, Operand } from "./words.ts";

/** What conditions compare with that is known only when a request comes. */
export interface Moment {
  /** The Hong Kong day, `YYYY-MM-DD`. */
  readonly today: string;
  readonly caseReference: string | undefined;
}

/** A comparison with one value, which no further fields are read for. */
export type PlainComparison = Exclude<Comparison, { readonly kind: "some" }>;

/**
 * Whether a comparison holds of a value. What is missing, null or of a kind that can't be compared never holds.
 *
 * @param value As a department sent it.
 */
export function holds(comparison: PlainComparison, value: unknown, moment: Moment): boolean {
  switch (comparison.kind) {
    case "is":
      return comparison.operands.some((operand) => equals(value, valueOf(operand, moment)));
    case "has":
      return Array.isArray(value) && value.some((item) => comparison.operands.some((operand) => equals(item, valueOf(operand, moment))));
    case "from": {
      const order = compare(value, valueOf(comparison.operand, moment));
      return order !== undefined && order >= 0;
    }
    case "until": {
      const order = compare(value, valueOf(comparison.operand, moment));
      return order !== undefined && order < 0;
    }
  }
}

function valueOf(operand: Operand, { today, caseReference }: Moment): string | number | boolean | undefined {
  switch (operand.kind) {
    case "literal":
      return operand.value;
    case "today":
      return today;
    case "case":
      return caseReference;
  }
}

function equals(value: unknown, wanted: string | number | boolean | undefined): boolean {
  if (wanted === undefined) return false;
  // Identifiers come as whole numbers from some departments, and mean the text.
  if (typeof value === "number" && typeof wanted === "string") return Number.isInteger(value) && String(value) === wanted;
  return value === wanted;
}

/** @returns Less than 0 where the value is less; undefined where the two can't be compared. */
function compare(value: unknown, wanted: string | number | boolean | undefined): number | undefined {
  if (typeof value === "number" && typeof wanted === "number") return value - wanted;
  const day = typeof value === "string" ? /^\d{4}-\d{2}-\d{2}$/.exec(value)?.[0] : undefined;
  if (day === undefined || typeof wanted !== "string") return undefined;
  // Days of one form compare as texts.
  return day < wanted ? -1 : day > wanted ? 1 : 0;
}
