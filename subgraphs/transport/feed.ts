import { z } from "zod";
import type { RestSource } from "../kit/rest.ts";

/** Vacant spaces of one vehicle type. */
export interface Vacancy {
  /** Name of the type in the Parking Vacancy Data Specification, such as `privateCar`. */
  readonly vehicleType: string;
  readonly spaces: number;
  /** Time of the report, with +08:00. */
  readonly updatedAt: string;
}

/** Car parks that one call may ask for. */
export const carParksMax = 1_000;

/** Name of the feed in error messages. */
export const feedName = "the car-park vacancy feed";

const entries = z.array(
  z.object({
    vacancy_type: z.string(),
    vacancy: z.int().optional(),
    lastupdate: z.string().regex(/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/),
  }),
);
const vehicleTypes = ["privateCar", "LGV", "HGV", "CV", "coach", "motorCycle"] as const;

/** Source: Transport Department, Parking Vacancy Data Specification, version 1.2. Members of other names are left out. */
const reply = z.object({
  results: z.array(
    z.object({
      park_Id: z.string(),
      privateCar: entries.optional(),
      LGV: entries.optional(),
      HGV: entries.optional(),
      CV: entries.optional(),
      coach: entries.optional(),
      motorCycle: entries.optional(),
    }),
  ),
});

/**
 * Reads the vacancy of car parks in one call.
 *
 * @returns For each identifier in order, null when the operator reports no number.
 * @throws {SourceError} When the feed can't be read.
 */
export async function readVacancies(source: RestSource, ids: readonly string[]): Promise<readonly (readonly Vacancy[] | null)[]> {
  const read = await source.read({ path: "/v1/carpark-vacancy", query: { ids: ids.join(",") }, shape: reply });
  const byId = new Map(read?.results.map((park) => [park.park_Id, vacanciesOf(park)]));
  return ids.map((id) => {
    const vacancies = byId.get(id) ?? [];
    return vacancies.length === 0 ? null : vacancies;
  });
}

/** Type A is a number of spaces; B is only "some or none", C is closed, and -1 means that the operator sends no number. */
function vacanciesOf(park: z.infer<typeof reply>["results"][number]): readonly Vacancy[] {
  return vehicleTypes.flatMap((vehicleType) =>
    (park[vehicleType] ?? []).flatMap(({ vacancy_type, vacancy, lastupdate }) =>
      vacancy_type === "A" && vacancy !== undefined && vacancy >= 0
        ? [{ vehicleType, spaces: vacancy, updatedAt: `${lastupdate.replace(" ", "T")}+08:00` }]
        : [],
    ),
  );
}
