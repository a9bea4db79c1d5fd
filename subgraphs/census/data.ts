import { z } from "zod";
import { readTable, refuseRow, type Table, wholeOrEmpty } from "../kit/table.ts";

/** A text in English and in Traditional Chinese. */
export interface Names {
  readonly en: string;
  readonly tc: string;
}

/** The census figures of one district in one year. */
export interface YearFigures {
  readonly year: number;
  /** Persons; null when not published. */
  readonly population: number | null;
  /** Hong Kong dollars a month; null when not published. */
  readonly medianHouseholdIncome: number | null;
}

/** One district with all that the department publishes of it. */
export interface DistrictRecord {
  readonly code: string;
  readonly name: Names;
  readonly region: Names;
  /** Newest first. */
  readonly years: readonly YearFigures[];
  readonly spellings: readonly { readonly source: string; readonly value: string }[];
}

/** The department's data, read once at the start. */
export interface CensusData {
  /** In the order of the codes. */
  readonly districts: readonly DistrictRecord[];
  readonly byCode: ReadonlyMap<string, DistrictRecord>;
  /** By the folded spelling; one that means two districts is in neither. */
  readonly bySpelling: ReadonlyMap<string, DistrictRecord>;
}

/**
 * Reads and checks districts.csv, years.csv and spellings.csv.
 *
 * @param folder Folder of the three files, with "/" at its end.
 * @throws {DataFileError} naming file and line.
 */
export async function readCensusData(folder: URL = new URL("data/", import.meta.url)): Promise<CensusData> {
  const [districts, years, spellings] = await Promise.all([
    readTable(new URL("districts.csv", folder), districtRow),
    readTable(new URL("years.csv", folder), yearRow),
    readTable(new URL("spellings.csv", folder), spellingRow),
  ]);
  const codes = uniqueCodes(districts);
  checkYears(years, codes);
  checkSpellings(spellings, codes);
  const records = districts.rows.map(({ values }): DistrictRecord => {
    return {
      code: values.code,
      name: { en: values.name_en, tc: values.name_tc },
      region: { en: values.region_en, tc: values.region_tc },
      years: years.rows
        .flatMap((row) => (row.values.district === values.code ? [figuresOf(row.values)] : []))
        .sort((a, b) => b.year - a.year),
      spellings: spellings.rows.flatMap(({ values: { district, source, value } }) => (district === values.code ? [{ source, value }] : [])),
    };
  });
  records.sort((a, b) => (a.code < b.code ? -1 : 1));
  return { districts: records, byCode: new Map(records.map((record) => [record.code, record])), bySpelling: indexSpellings(records) };
}

/**
 * The form in which spellings are compared: no matter of case, width of spaces, "&" or "and", and the word for district at the end.
 * A single Chinese character keeps its 區, as the rest would mean something else.
 */
export function foldSpelling(spelling: string): string {
  const plain = spelling.normalize("NFKC").toLowerCase().replaceAll("&", " and ").trim().replace(/\s+/gu, " ");
  return plain.replace(/ district$/u, "").replace(/(?<=..)區$/u, "");
}

const code = z.string().regex(/^[A-HJ-NP-T]$/, "must be a letter from A to T without I and O");
const text = z
  .string()
  .min(1, "must not be empty")
  .refine((value) => value === value.trim() && !value.includes('"'), "must have no spaces around it and no quotes");
const year = z
  .string()
  .regex(/^(19|20)\d\d$/, "must be a year of four digits")
  .transform(Number);

const districtRow = z.object({ code, name_en: text, name_tc: text, region_en: text, region_tc: text });
const yearRow = z.object({ district: code, year, population_persons: wholeOrEmpty, median_household_income_hkd_month: wholeOrEmpty });
const spellingRow = z.object({ district: code, source: text, value: text });

function figuresOf(row: z.infer<typeof yearRow>): YearFigures {
  return { year: row.year, population: row.population_persons, medianHouseholdIncome: row.median_household_income_hkd_month };
}

function uniqueCodes(table: Table<z.infer<typeof districtRow>>): ReadonlySet<string> {
  const seen = new Set<string>();
  for (const { line, values } of table.rows) {
    if (seen.has(values.code)) refuseRow(table, line, `district ${values.code} is there twice.`);
    seen.add(values.code);
  }
  return seen;
}

function checkYears(table: Table<z.infer<typeof yearRow>>, codes: ReadonlySet<string>): void {
  const seen = new Set<string>();
  for (const { line, values } of table.rows) {
    if (!codes.has(values.district)) refuseRow(table, line, `district ${values.district} is not in districts.csv.`);
    const key = `${values.district} ${values.year}`;
    if (seen.has(key)) refuseRow(table, line, `district ${values.district} has the year ${values.year} twice.`);
    seen.add(key);
  }
}

function checkSpellings(table: Table<z.infer<typeof spellingRow>>, codes: ReadonlySet<string>): void {
  const districtOf = new Map<string, string>();
  for (const { line, values } of table.rows) {
    if (!codes.has(values.district)) refuseRow(table, line, `district ${values.district} is not in districts.csv.`);
    const key = `${values.source}\n${values.value}`;
    const other = districtOf.get(key);
    if (other !== undefined) refuseRow(table, line, `"${values.value}" of "${values.source}" is given twice (district ${other}).`);
    districtOf.set(key, values.district);
  }
}

function indexSpellings(records: readonly DistrictRecord[]): ReadonlyMap<string, DistrictRecord> {
  const meanings = new Map<string, Set<DistrictRecord>>();
  for (const record of records) {
    for (const { value } of record.spellings) {
      const key = foldSpelling(value);
      meanings.set(key, (meanings.get(key) ?? new Set()).add(record));
    }
  }
  // Sources use the same short code for different districts: "S" is Kwai Tsing to one and Southern to another. A guess would join the wrong data.
  return new Map(
    [...meanings].flatMap(([key, [record, ...others]]) => (record !== undefined && others.length === 0 ? [[key, record] as const] : [])),
  );
}
