import { z } from "zod";
import { SourceError } from "../kit/errors.ts";
import type { RestSource } from "../kit/rest.ts";

/** Vacant spaces of one vehicle type. */
export interface Vacancy {
  readonly vehicleType: string;
  readonly spaces: number;
  /** With +08:00. */
  readonly updatedAt: string;
}

/** What messages call the feed. */
export const sourceName = "the car-park feed";

/** Identifiers that one call of the feed may carry. */
export const idsMax = 200;

const entry = z.object({ vacancy: z.int(), lastupdate: z.string().regex(/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/) });
const vehicleTypes = ["privateCar", "LGV", "HGV", "CV", "coach", "motorCycle"] as const;
const reply = z.object({ car_park: z.array(z.looseObject({ park_Id: z.string() })) });

/**
 * Reads the vacancy of car parks in one call, in the order of the identifiers; null where the operator reports none.
 *
 * @throws {SourceError} when the feed does not answer in time and as described.
 */
export async function readVacancies(source: RestSource, ids: readonly string[]): Promise<(readonly Vacancy[] | null)[]> {
  const found = await source.read({ path: "/v1/carpark-vacancy", query: { ids: ids.join(",") }, shape: reply });
  if (found === undefined) throw new SourceError("SOURCE_INVALID_REPLY", sourceName);
  const byId = new Map(found.car_park.map((park) => [park.park_Id, vacanciesOf(park)]));
  return ids.map((id) => byId.get(id) ?? null);
}

function vacanciesOf(park: Readonly<Record<string, unknown>>): readonly Vacancy[] {
  return vehicleTypes.flatMap((vehicleType) => {
    const read = z.array(entry).safeParse(park[vehicleType]);
    const [first] = read.success ? read.data : [];
    // The specification writes -1 where the operator sends no number.
    if (first === undefined || first.vacancy < 0) return [];
    return [{ vehicleType, spaces: first.vacancy, updatedAt: `${first.lastupdate.replace(" ", "T")}+08:00` }];
  });
}
