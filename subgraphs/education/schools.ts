import { z } from "zod";
import type { SchoolLevel } from "../kit/population/study.ts";
import { readRecords } from "../kit/records.ts";

/** How a school is paid for. */
const financeTypes = [
  "GOVERNMENT",
  "AIDED",
  "CAPUT",
  "DIRECT_SUBSIDY",
  "PRIVATE_INDEPENDENT",
  "ENGLISH_SCHOOLS_FOUNDATION",
  "PRIVATE",
] as const;

const levels = ["KINDERGARTEN", "PRIMARY", "SECONDARY"] as const satisfies readonly SchoolLevel[];

/** Number, names in English and Traditional Chinese, district, level, finance type, latitude, longitude: one line of the file. */
const record = z
  .tuple([
    z.string().regex(/^\d{11}$/),
    z.string().min(1),
    z.string().min(1),
    z.string().regex(/^[A-HJ-NP-T]$/),
    z.enum(levels),
    z.enum(financeTypes),
    z.number().min(22).max(23),
    z.number().min(113).max(115),
  ])
  .transform(([number, nameEn, nameTc, district, level, financeType, latitude, longitude]) => {
    return { number, nameEn, nameTc, district, level, financeType, latitude, longitude };
  });

/** A school of one level at one site. */
export type School = Readonly<z.infer<typeof record>>;

/** The schools, read once at the start. */
export interface Schools {
  readonly byNumber: ReadonlyMap<string, School>;
  /** By number within a district. */
  readonly byDistrict: ReadonlyMap<string, readonly School[]>;
  /** The schools of one level in a district, by number. */
  readonly find: (level: SchoolLevel, district: string) => readonly School[];
}

/** Reads and checks schools.json. @throws {DataFileError} That names the record. */
export async function readSchools(file: URL = new URL("data/schools.json", import.meta.url)): Promise<Schools> {
  const all = [...(await readRecords<School>(file, record))].sort((left, right) => (left.number < right.number ? -1 : 1));
  const byLevel = Map.groupBy(all, ({ level, district }) => `${level} ${district}`);
  return {
    byNumber: new Map(all.map((school) => [school.number, school])),
    byDistrict: Map.groupBy(all, ({ district }) => district),
    find: (level, district) => byLevel.get(`${level} ${district}`) ?? [],
  };
}
