/** Longest pattern of a case reference, in characters. */
const PATTERN_LENGTH_MAX = 100;

/** Longest case reference that can match, in characters. */
const CASE_LENGTH_MAX = 64;

/** With so few parts of variable length, a match takes at most 64 to the third steps, whatever the reference. */
const VARIABLE_PARTS_MAX = 3;

/** One character: a literal, an escape, or a class of characters and ranges. Groups, alternatives and `.` are left out on purpose. */
const ATOM = String.raw`(?:[A-Za-z0-9 _/:#-]|\\[./d]|\[-?(?:[A-Za-z0-9 _/:#.](?:-[A-Za-z0-9])?|\\d)+-?\])`;
const QUANTIFIER = String.raw`(?:\?|\{\d{1,2}(?:,\d{1,2})?\})`;

/** A pattern that case references are held against. */
export interface CasePattern {
  readonly source: string;
  matches(caseReference: string | undefined): boolean;
}

/**
 * Reads the pattern of a case reference: a regular expression from `^` to `$` of literals, classes such as `[0-9]` and bounded
 * repeats such as `{7}`. Nothing in it can nest or repeat without bound, so it can't be slow.
 *
 * @returns The pattern, or what is wrong with it in words.
 */
export function readCasePattern(source: string): CasePattern | string {
  if (source.length > PATTERN_LENGTH_MAX) return `is longer than ${PATTERN_LENGTH_MAX} characters`;
  if (!source.startsWith("^") || !source.endsWith("$"))
    return "must start with ^ and end with $, so that it holds for the whole case reference";
  if (!new RegExp(`^\\^(?:${ATOM}${QUANTIFIER}?)+\\$$`, "u").test(source)) {
    return "may hold only letters, digits, - _ / : #, classes such as [0-9], and repeats such as {7} or ?; no groups, no *, no +";
  }
  if ((source.match(/\?|\{\d+,/gu) ?? []).length > VARIABLE_PARTS_MAX)
    return `has more than ${VARIABLE_PARTS_MAX} parts of variable length`;
  try {
    const expression = new RegExp(source, "u");
    return {
      source,
      matches: (caseReference) => caseReference !== undefined && caseReference.length <= CASE_LENGTH_MAX && expression.test(caseReference),
    };
  } catch {
    return "is not a valid regular expression: a range or a repeat is the wrong way round";
  }
}
