/** Cells of one line; as many as there are columns. */
export type Row = readonly string[];

/** Writes a table for a terminal: the first column flush left, the others flush right. */
export function writeTable(rows: readonly Row[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join("   "),
  );
  const rule = "-".repeat(lines[0]?.length ?? 0);
  return [lines[0] ?? "", rule, ...lines.slice(1)].join("\n");
}
