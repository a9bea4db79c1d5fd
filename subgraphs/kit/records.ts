import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { DataFileError } from "./table.ts";

const CHARS_MAX = 1024 * 1024;

/**
 * Reads a JSON file of records; at most 1 MiB. For data whose texts hold commas; see `readTable` for the others.
 *
 * @param shape One check of each record.
 * @throws {DataFileError} That names the file and the record, counted from 0.
 */
export async function readRecords<Shape>(file: URL, shape: z.ZodType<Shape>): Promise<readonly Shape[]> {
  const name = basename(fileURLToPath(file));
  const text = await readFile(file, "utf8");
  if (text.length > CHARS_MAX) throw new DataFileError(`${name}: the file is longer than ${CHARS_MAX} characters.`);
  const read = z.array(shape).min(1).safeParse(parse(name, text));
  if (read.success) return read.data;
  const fault = read.error.issues[0];
  throw new DataFileError(`${name}: record ${fault?.path.join(".") ?? ""} ${fault?.message ?? "is wrong"}.`);
}

function parse(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DataFileError(`${name}: the file is no JSON.`, { cause });
  }
}
