import { z } from "zod";
import { readRecords } from "../kit/records.ts";
import { DataFileError } from "../kit/table.ts";

const text = z.string().min(1);

/** Names, district, cluster and address in English and Traditional Chinese, whether it has an A&E, latitude, longitude: one line of the file. */
const record = z
  .tuple([
    text,
    text,
    z.string().regex(/^[A-HJ-NP-T]$/),
    text,
    text,
    text,
    text,
    z.boolean(),
    z.number().min(22).max(23),
    z.number().min(113).max(115),
  ])
  .transform(([name, nameTc, district, clusterEn, clusterTc, addressEn, addressTc, hasEmergency, latitude, longitude]) => {
    return { name, nameTc, district, clusterEn, clusterTc, addressEn, addressTc, hasEmergency, latitude, longitude };
  });

/** A hospital or institution of the Hospital Authority. */
export type Hospital = Readonly<z.infer<typeof record>>;

/** The hospitals, read once at the start. */
export interface Hospitals {
  /** By name. */
  readonly all: readonly Hospital[];
  readonly byName: ReadonlyMap<string, Hospital>;
  /** By name within a district. */
  readonly byDistrict: ReadonlyMap<string, readonly Hospital[]>;
}

/** Reads and checks hospitals.json. @throws {DataFileError} That names the record. */
export async function readHospitals(file: URL = new URL("data/hospitals.json", import.meta.url)): Promise<Hospitals> {
  const all = [...(await readRecords<Hospital>(file, record))].sort((left, right) => (left.name < right.name ? -1 : 1));
  const byName = new Map(all.map((hospital) => [hospital.name, hospital]));
  if (byName.size < all.length) throw new DataFileError("hospitals.json: two hospitals have one name.");
  return { all, byName, byDistrict: Map.groupBy(all, ({ district }) => district) };
}
