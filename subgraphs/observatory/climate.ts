import { z } from "zod";
import { isDate } from "../kit/scalars.ts";
import { readTable, refuseRow } from "../kit/table.ts";

/** The climate of one day; null where no complete reading is on record. */
export interface ClimateDay {
  readonly date: string;
  /** Degrees Celsius. */
  readonly temperatureMean: number | null;
  readonly temperatureMax: number | null;
  readonly temperatureMin: number | null;
  /** Millimetres; 0 for a trace. */
  readonly rainfall: number | null;
  /** Per cent. */
  readonly humidityMean: number | null;
}

/** What the department reads from its files. */
export interface ObservatoryFiles {
  /** By date, oldest first, no date twice. */
  readonly climate: readonly ClimateDay[];
  /** Place as the feed's rainfall names it, by district code. */
  readonly placeOf: ReadonlyMap<string, string>;
}

/**
 * Reads and checks climate.csv and places.csv.
 *
 * @param folder Folder of the files, with "/" at its end.
 * @throws {DataFileError} naming file and line.
 */
export async function readObservatoryFiles(folder: URL = new URL("data/", import.meta.url)): Promise<ObservatoryFiles> {
  const [climate, placeOf] = await Promise.all([readClimate(folder), readPlaces(folder)]);
  return { climate, placeOf };
}

const numberOrEmpty = z
  .string()
  .regex(/^(-?\d{1,4}(\.\d{1,2})?)?$/, "must be a number or empty")
  .transform((text) => (text === "" ? null : Number(text)));
const climateRow = z.object({
  date: z.string().refine(isDate, "must be a date"),
  mean_c: numberOrEmpty,
  max_c: numberOrEmpty,
  min_c: numberOrEmpty,
  rain_mm: numberOrEmpty,
  humidity_pct: numberOrEmpty,
});
const placeRow = z.object({
  place: z.string().min(1, "must not be empty"),
  district: z.string().regex(/^[A-HJ-NP-T]$/, "must be a letter from A to T without I and O"),
});

async function readClimate(folder: URL): Promise<readonly ClimateDay[]> {
  const table = await readTable(new URL("climate.csv", folder), climateRow);
  return table.rows.map(({ line, values }, index) => {
    const before = table.rows[index - 1]?.values.date ?? "";
    if (values.date <= before) refuseRow(table, line, `the date ${values.date} does not come after ${before}.`);
    return {
      date: values.date,
      temperatureMean: values.mean_c,
      temperatureMax: values.max_c,
      temperatureMin: values.min_c,
      rainfall: values.rain_mm,
      humidityMean: values.humidity_pct,
    };
  });
}

async function readPlaces(folder: URL): Promise<ReadonlyMap<string, string>> {
  const table = await readTable(new URL("places.csv", folder), placeRow);
  const placeOf = new Map<string, string>();
  for (const { line, values } of table.rows) {
    if (placeOf.has(values.district)) refuseRow(table, line, `district ${values.district} is there twice.`);
    placeOf.set(values.district, values.place);
  }
  return placeOf;
}
