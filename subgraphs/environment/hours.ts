import { z } from "zod";
import { isDate } from "../kit/scalars.ts";
import { readTable, refuseRow } from "../kit/table.ts";

/** The Air Quality Health Index of one station in one hour. */
export interface Reading {
  /** 1 to 11, which stands for 10+; null when none is available. */
  readonly index: number | null;
  /** Whether the index is that of the most similar station. */
  readonly isEstimated: boolean;
}

/** One hour at all stations. */
export interface Hour {
  /** ISO day on which the hour begins. */
  readonly date: string;
  /** Beginning of the hour, with +08:00. */
  readonly begins: string;
  /** By the station's identifier. */
  readonly readings: ReadonlyMap<string, Reading>;
}

/**
 * Reads and checks hours.csv.
 *
 * @param stations Identifiers of the stations, in the order of the file's columns.
 * @param folder Folder of the file, with "/" at its end.
 * @returns Hours, oldest first, none twice.
 * @throws {DataFileError} naming file and line.
 */
export async function readHours(
  stations: readonly string[],
  folder: URL = new URL("data/", import.meta.url),
): Promise<readonly [Hour, ...Hour[]]> {
  const cells = Object.fromEntries(stations.map((id) => [id, cell] as const));
  const table = await readTable(new URL("hours.csv", folder), z.object({ date, hour, ...cells }));
  const hours = table.rows.map(({ line, values }, index): Hour => {
    const before = table.rows[index - 1]?.values;
    const begins = beginOf(values.date, values.hour);
    if (before !== undefined && begins <= beginOf(before.date, before.hour)) {
      refuseRow(table, line, `the hour ${begins} does not come after the one before.`);
    }
    const readings = values as unknown as Readonly<Record<string, Reading>>;
    return { date: values.date, begins, readings: new Map(stations.map((id) => [id, readings[id] ?? none])) };
  });
  const [first, ...others] = hours;
  // A table has a row.
  return first === undefined ? refuseRow(table, 1, "the file has no rows.") : [first, ...others];
}

const date = z.string().refine(isDate, "must be a date");
const hour = z
  .string()
  .regex(/^(1?\d|2[0-3])$/, "must be an hour from 0 to 23")
  .transform((text) => text.padStart(2, "0"));
const none: Reading = { index: null, isEstimated: false };

/** A star marks an index that is estimated. */
const cell = z
  .string()
  .regex(/^(([1-9]|1[01])\*?)?$/, "must be empty or 1 to 11, with a star when estimated")
  .transform((text): Reading => (text === "" ? none : { index: Number.parseInt(text, 10), isEstimated: text.endsWith("*") }));

function beginOf(day: string, clockHour: string): string {
  return `${day}T${clockHour}:00:00+08:00`;
}
