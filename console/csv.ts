/** A list found in an answer. */
export interface FoundList {
  /** Response keys from the root. */
  readonly path: readonly string[];
  readonly rows: readonly unknown[];
}

const listsMax = 50;

/**
 * The lists of an answer in the answer's order, 50 at most. Lists within lists are not looked for: they stay with their row.
 */
export function findLists(data: unknown): readonly FoundList[] {
  const found: FoundList[] = [];
  const visit = (path: readonly string[], value: unknown): void => {
    if (found.length >= listsMax) {
      return;
    }
    if (Array.isArray(value)) {
      found.push({ path, rows: value });
    } else if (isRecord(value)) {
      for (const [key, inner] of Object.entries(value)) {
        visit([...path, key], inner);
      }
    }
  };
  visit([], data);
  return found;
}

/**
 * Writes rows as CSV (RFC 4180) with a byte order mark, without which spreadsheets misread Chinese. Objects become columns
 * named by their path (`name.en`); a list in a cell stays JSON. Texts that a spreadsheet would run as a formula get an
 * apostrophe in front; numbers, and texts that are plain numbers, are left as they are.
 *
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
export function writeCsv(rows: readonly unknown[]): string {
  const flatRows = rows.map((row) => flatten(row));
  const columns = [...new Set(flatRows.flatMap((row) => [...row.keys()]))];
  const lines = [columns.map((column) => writeCell(column)), ...flatRows.map((row) => columns.map((column) => writeCell(row.get(column))))];
  return `\uFEFF${lines.map((cells) => `${cells.join(",")}\r\n`).join("")}`;
}

function flatten(row: unknown): Map<string, unknown> {
  const cells = new Map<string, unknown>();
  const visit = (path: string, value: unknown): void => {
    if (!isRecord(value)) {
      cells.set(path === "" ? "value" : path, value);
      return;
    }
    for (const [key, inner] of Object.entries(value)) {
      visit(path === "" ? key : `${path}.${key}`, inner);
    }
  };
  visit("", row);
  return cells;
}

function writeCell(value: unknown): string {
  if (value === null || value === undefined) {
    return "";
  }
  const text = typeof value === "string" ? disarm(value) : JSON.stringify(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function disarm(text: string): string {
  const isFormula = /^[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text);
  return isFormula ? `'${text}` : text;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
