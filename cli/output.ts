import { UsageError } from "./command.ts";

/** How rows are written. */
export type Format = "table" | "json" | "csv";

/** The option of every command that lists something. */
export const formatOption = { format: { type: "string" } } as const;

/** How `formatOption` is described. */
export const FORMAT_USAGE = "  --format FORMAT table (default), json or csv.\n";

/** One row: texts, numbers and truth values by column. */
export type Row = Readonly<Record<string, string | number | boolean | undefined>>;

/** Reads `--format`. @throws {UsageError} for another one. */
export function readFormat(text: string | undefined, usage: string): Format {
  if (text === undefined || text === "table") return "table";
  if (text === "json" || text === "csv") return text;
  throw new UsageError(`--format takes table, json or csv, not "${text}"`, usage);
}

/** Writes rows under the named columns. A table of nothing says so; JSON and CSV of nothing are an empty list and the heading alone. */
export function printRows(columns: readonly string[], rows: readonly Row[], format: Format): string {
  switch (format) {
    case "json":
      return `${JSON.stringify(rows, undefined, 2)}\n`;
    case "csv":
      return [columns, ...rows.map((row) => columns.map((column) => textOf(row[column])))]
        .map((cells) => `${cells.map(csvCell).join(",")}\r\n`)
        .join("");
    case "table":
      return rows.length === 0 ? "Nothing.\n" : printTable(columns, rows);
  }
}

function printTable(columns: readonly string[], rows: readonly Row[]): string {
  const lines = [columns, ...rows.map((row) => columns.map((column) => textOf(row[column])))];
  const widths = columns.map((_, index) => lines.reduce((width, cells) => Math.max(width, cells[index]?.length ?? 0), 0));
  return lines
    .map(
      (cells) =>
        `${cells
          .map((cell, index) => cell.padEnd(widths[index] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

function textOf(value: string | number | boolean | undefined): string {
  return value === undefined ? "" : String(value);
}

/** Spreadsheets take a cell that begins with one of these signs for a formula, so such a cell begins with an apostrophe. */
function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
