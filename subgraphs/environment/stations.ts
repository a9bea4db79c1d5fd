import { z } from "zod";
import { readRecords } from "../kit/records.ts";
import { DataFileError } from "../kit/table.ts";

const text = z.string().min(1);

/** Identifier, names, kind, district, address in English and Traditional Chinese, latitude, longitude: one line of the file. */
const record = z
  .tuple([
    z.string().regex(/^[a-z-]{1,40}$/),
    text,
    text,
    z.enum(["GENERAL", "ROADSIDE"]),
    z.string().regex(/^[A-HJ-NP-T]$/),
    text,
    text,
    z.number().min(22).max(23),
    z.number().min(113).max(115),
  ])
  .transform(([id, nameEn, nameTc, kind, district, addressEn, addressTc, latitude, longitude]) => {
    return { id, nameEn, nameTc, kind, district, addressEn, addressTc, latitude, longitude };
  });

/** A station of the air quality monitoring network. */
export type Station = Readonly<z.infer<typeof record>>;

/** The stations, read once at the start. */
export interface Stations {
  /** By identifier. */
  readonly all: readonly Station[];
  readonly byId: ReadonlyMap<string, Station>;
  /** By identifier within a district. */
  readonly byDistrict: ReadonlyMap<string, readonly Station[]>;
}

/**
 * Reads and checks stations.json.
 *
 * @param folder Folder of the file, with "/" at its end.
 * @throws {DataFileError} That names the record.
 */
export async function readStations(folder: URL = new URL("data/", import.meta.url)): Promise<Stations> {
  const records = await readRecords<Station>(new URL("stations.json", folder), record);
  const all = [...records].sort((left, right) => (left.id < right.id ? -1 : 1));
  const byId = new Map(all.map((station) => [station.id, station]));
  if (byId.size < all.length) throw new DataFileError("stations.json: two stations have one identifier.");
  return { all, byId, byDistrict: Map.groupBy(all, ({ district }) => district) };
}
