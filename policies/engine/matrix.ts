import { listColumns, listGoverned, wordFor } from "./cells.ts";
import { dayOf, dayStartMs } from "./dates.ts";
import type { EntitlementQuestion, Policy } from "./policy.ts";
import type { Decision } from "./words.ts";

/** First line of `matrix.txt`, with the day for which it was made. */
const HEADING = /^# Who may read what on (\d{4}-\d{2}-\d{2})\b/;

/**
 * The authorization matrix as text: a row for each governed field and argument, a column for each bureau and purpose.
 * Where agreements require a case, the matrix takes it that the caller has one.
 *
 * @param nowMs Epoch milliseconds; the matrix is that of the beginning of the Hong Kong day.
 */
export function formatMatrix(policy: Policy, nowMs: number): string {
  const day = dayOf(nowMs);
  const columns = listColumns(policy).map((pair, index) => ({ ...pair, letter: columnName(index) }));
  const questions = columns.map(
    ({ bureau, purpose }): EntitlementQuestion => ({ bureau, purpose, caseReference: undefined, nowMs: dayStartMs(day) }),
  );
  const withCase = questions.map((question) => policy.decideFor(question, true));
  const withoutCase = questions.map((question) => policy.decideFor(question, false));
  const rows = listGoverned(policy);
  const width = rows.reduce((longest, { coordinate }) => Math.max(longest, coordinate.length), "field".length);
  const lines = [
    `# Who may read what on ${day} (Hong Kong). Made by \`hub matrix --write\`; don't edit.`,
    "# allow: in clear; mask: blurred; -: not at all; *: only with a matching case reference; ?: only where conditions hold. OPEN fields, which all may read, are left out.",
    "#",
    ...columns.map(({ letter, bureau, purpose }) => `# ${letter} = ${bureau}, ${purpose}`),
    "",
    tableLine(
      "field".padEnd(width),
      "level",
      columns.map(({ letter }) => letter),
    ),
    ...rows.map(({ coordinate, level }) =>
      tableLine(
        coordinate.padEnd(width),
        level,
        withCase.map((decisions, index) => cell(coordinate, decisions, withoutCase[index])),
      ),
    ),
  ];
  return `${lines.join("\n")}\n`;
}

/** The Hong Kong day of a matrix text; undefined when the text is no matrix. */
export function dayOfMatrix(text: string): string | undefined {
  return HEADING.exec(text)?.[1];
}

/** Coordinates that no department classified, one a line. The text must be empty. */
export function formatUncovered(policy: Policy): string {
  return policy.schema.catalogue.unclassified.map((coordinate) => `${coordinate}\n`).join("");
}

function cell(coordinate: string, withCase: ReadonlyMap<string, Decision>, withoutCase: ReadonlyMap<string, Decision> | undefined): string {
  const word = wordIn(withCase, coordinate);
  const isCaseNeeded = withoutCase !== undefined && wordIn(withoutCase, coordinate) !== word;
  return isCaseNeeded ? `${word}*` : word;
}

function wordIn(decisions: ReadonlyMap<string, Decision>, coordinate: string): string {
  const decision = decisions.get(coordinate);
  return decision === undefined ? "-" : wordFor(decision);
}

function tableLine(field: string, level: string, cells: readonly string[]): string {
  return [field, level.padEnd("CONFIDENTIAL".length), ...cells.map((text) => text.padEnd("allow*".length))].join("  ").trimEnd();
}

/** A, B, ... Z, AA, AB, ... */
function columnName(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : columnName(Math.floor(index / 26) - 1) + letter;
}
