import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";

/** A row and where it stands. */
export interface Row<Values> {
  /** The line in the file, from 1; the header is line 1. */
  readonly line: number;
  readonly values: Values;
}

/** A file of rows, checked. */
export interface Table<Values> {
  /** The file's name, for messages. */
  readonly file: string;
  readonly rows: readonly Row<Values>[];
}

/** A data file that can't be used: the message names the file and the line. */
export class DataFileError extends Error {
  override readonly name = "DataFileError";
}

/** A whole number without sign; empty stands for a value that is not published. */
export const wholeOrEmpty = z
  .string()
  .regex(/^(0|[1-9]\d{0,8})?$/, "must be a whole number or empty")
  .transform((text) => (text === "" ? null : Number(text)));

/**
 * Reads a file of comma-separated values without quoting: UTF-8, a header of exactly the row's names in their order, LF at the end of every line.
 *
 * @param file The file; at most 1 MiB.
 * @param row One check for each column, from the text of the cell.
 * @throws {DataFileError} naming file and line of the first fault.
 */
export async function readTable<Shape extends z.ZodRawShape>(
  file: URL,
  row: z.ZodObject<Shape>,
): Promise<Table<z.infer<z.ZodObject<Shape>>>> {
  const name = basename(fileURLToPath(file));
  const text = await readFile(file, "utf8");
  if (text.length > charsMax) throw new DataFileError(`${name}: the file is longer than ${charsMax} characters.`);
  if (!text.endsWith("\n")) throw new DataFileError(`${name}: the last line is cut off.`);
  const [header, ...lines] = text.slice(0, -1).split("\n");
  const columns = Object.keys(row.shape);
  if (header !== columns.join(",")) throw new DataFileError(`${name}:1: the header must be "${columns.join(",")}".`);
  if (lines.length === 0) throw new DataFileError(`${name}:1: the file has no rows.`);
  return {
    file: name,
    rows: lines.map((content, index) => ({ line: index + 2, values: readRow({ name, row, columns, line: index + 2 }, content) })),
  };
}

/** Stops at a row that fits its columns but not the rest of the data. */
export function refuseRow(table: Table<unknown>, line: number, message: string): never {
  throw new DataFileError(`${table.file}:${line}: ${message}`);
}

const charsMax = 1024 * 1024;

interface Place<Shape extends z.ZodRawShape> {
  readonly name: string;
  readonly row: z.ZodObject<Shape>;
  readonly columns: readonly string[];
  readonly line: number;
}

function readRow<Shape extends z.ZodRawShape>({ name, row, columns, line }: Place<Shape>, content: string): z.infer<z.ZodObject<Shape>> {
  const cells = content.split(",");
  if (cells.length !== columns.length) throw new DataFileError(`${name}:${line}: ${cells.length} values instead of ${columns.length}.`);
  const read = row.safeParse(Object.fromEntries(columns.map((column, index) => [column, cells[index]])));
  if (read.success) return read.data;
  const [fault] = read.error.issues;
  const column = String(fault?.path[0]);
  throw new DataFileError(`${name}:${line}: ${column} ${JSON.stringify(cells[columns.indexOf(column)])} ${fault?.message ?? "is wrong"}.`);
}
