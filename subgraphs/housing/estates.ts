import { z } from "zod";
import { readRecords } from "../kit/records.ts";

const estate = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]{1,64}$/),
  district: z.string().regex(/^[A-HJ-NP-T]$/),
  nameEn: z.string().min(1),
  nameTc: z.string().min(1),
  intakeYear: z.int().min(1950).max(2100).nullable(),
  blocks: z.int().min(1),
  flats: z.int().min(1),
  latitude: z.number().min(22).max(23),
  longitude: z.number().min(113).max(115),
});

/** A public rental housing estate. */
export type Estate = z.infer<typeof estate>;

/** The estates, read once at the start. */
export interface Estates {
  readonly byId: ReadonlyMap<string, Estate>;
  /** By English name within a district. */
  readonly byDistrict: ReadonlyMap<string, readonly Estate[]>;
}

/** Reads and checks estates.json. @throws {DataFileError} That names the record. */
export async function readEstates(file: URL = new URL("data/estates.json", import.meta.url)): Promise<Estates> {
  const all = [...(await readRecords(file, estate))].sort((left, right) => (left.nameEn < right.nameEn ? -1 : 1));
  return { byId: new Map(all.map((one) => [one.id, one])), byDistrict: Map.groupBy(all, ({ district }) => district) };
}
