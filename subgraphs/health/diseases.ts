import { z } from "zod";
import { readTable, refuseRow, type Table, wholeOrEmpty } from "../kit/table.ts";

/** A notifiable disease with what was notified of it. */
export interface Disease {
  readonly id: string;
  readonly name: string;
  readonly unit: "CASES" | "OUTBREAKS" | "PERSONS";
  /** The twelve months of each year on record, by the year. */
  readonly years: ReadonlyMap<number, readonly NotifiedMonth[]>;
}

/** Notifications of one month; null where the disease was not notifiable. */
export interface NotifiedMonth {
  /** Such as `2024-05`. */
  readonly month: string;
  readonly count: number | null;
}

/** The diseases, read once at the start. */
export interface Diseases {
  /** By identifier. */
  readonly all: readonly Disease[];
  readonly byId: ReadonlyMap<string, Disease>;
  /** The last year on record of any disease. */
  readonly lastYear: number;
}

/**
 * Reads and checks diseases.csv and notifications.csv.
 *
 * @param folder Folder of the files, with "/" at its end.
 * @throws {DataFileError} naming file and line.
 */
export async function readDiseases(folder: URL = new URL("data/", import.meta.url)): Promise<Diseases> {
  const [diseases, notifications] = await Promise.all([
    readTable(new URL("diseases.csv", folder), diseaseRow),
    readTable(new URL("notifications.csv", folder), notificationRow),
  ]);
  const yearsOf = new Map<string, Map<number, readonly NotifiedMonth[]>>();
  for (const { line, values } of diseases.rows) {
    if (yearsOf.has(values.id)) refuseRow(diseases, line, `${values.id} is there twice.`);
    yearsOf.set(values.id, new Map());
  }
  addYears(notifications, yearsOf);
  const all = diseases.rows.map(({ values }): Disease => ({ ...values, years: yearsOf.get(values.id) ?? new Map() }));
  return {
    all: all.sort((left, right) => (left.id < right.id ? -1 : 1)),
    byId: new Map(all.map((disease) => [disease.id, disease])),
    lastYear: Math.max(...notifications.rows.map(({ values: { year } }) => year)),
  };
}

const id = z.string().regex(/^[a-z0-9-]{1,80}$/, "must be of small letters, digits and hyphens");
const diseaseRow = z.object({ id, name: z.string().min(1, "must not be empty"), unit: z.enum(["CASES", "OUTBREAKS", "PERSONS"]) });
const monthColumns = ["m01", "m02", "m03", "m04", "m05", "m06", "m07", "m08", "m09", "m10", "m11", "m12"] as const;
const notificationRow = z.object({
  disease: id,
  year: z
    .string()
    .regex(/^(19|20)\d\d$/, "must be a year of four digits")
    .transform(Number),
  m01: wholeOrEmpty,
  m02: wholeOrEmpty,
  m03: wholeOrEmpty,
  m04: wholeOrEmpty,
  m05: wholeOrEmpty,
  m06: wholeOrEmpty,
  m07: wholeOrEmpty,
  m08: wholeOrEmpty,
  m09: wholeOrEmpty,
  m10: wholeOrEmpty,
  m11: wholeOrEmpty,
  m12: wholeOrEmpty,
});

function addYears(
  table: Table<z.infer<typeof notificationRow>>,
  yearsOf: ReadonlyMap<string, Map<number, readonly NotifiedMonth[]>>,
): void {
  for (const { line, values } of table.rows) {
    const { disease, year } = values;
    const years = yearsOf.get(disease) ?? refuseRow(table, line, `${disease} is not in diseases.csv.`);
    if (years.has(year)) refuseRow(table, line, `${disease} has the year ${year} twice.`);
    years.set(
      year,
      monthColumns.map((column) => ({ month: `${year}-${column.slice(1)}`, count: values[column] })),
    );
  }
}
