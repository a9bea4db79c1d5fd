import { z } from "zod";
import { readRecords } from "../kit/records.ts";

const carPark = z.strictObject({
  id: z.string().regex(/^\w{1,32}$/),
  district: z.string().regex(/^[A-HJ-NP-T]$/),
  nameEn: z.string().min(1),
  nameTc: z.string().min(1),
  addressEn: z.string().min(1),
  addressTc: z.string().min(1),
  latitude: z.number().min(22).max(23),
  longitude: z.number().min(113).max(115),
  heightLimitM: z.number().positive().nullable(),
});

/** A public car park. */
export type CarPark = z.infer<typeof carPark>;

/** The car parks, read once at the start. */
export interface CarParks {
  /** By identifier. */
  readonly all: readonly CarPark[];
  readonly byId: ReadonlyMap<string, CarPark>;
  readonly byDistrict: ReadonlyMap<string, readonly CarPark[]>;
}

/** Reads and checks carparks.json. @throws {DataFileError} That names the record. */
export async function readCarParks(file: URL = new URL("data/carparks.json", import.meta.url)): Promise<CarParks> {
  const all = await readRecords(file, carPark);
  return { all, byId: new Map(all.map((park) => [park.id, park])), byDistrict: Map.groupBy(all, ({ district }) => district) };
}
