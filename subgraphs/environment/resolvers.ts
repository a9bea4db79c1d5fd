import type { Resolvers } from "../kit/department.ts";
import { inputError } from "../kit/errors.ts";
import { isDistrictCode } from "../kit/keys.ts";
import { dateScalar } from "../kit/scalars.ts";
import type { Hour } from "./hours.ts";
import type { Station, Stations } from "./stations.ts";

interface District {
  readonly code: string;
}

interface Period {
  readonly from: string;
  readonly until: string;
}

interface StationHour {
  readonly begins: string;
  readonly index: number | null;
  readonly isEstimated: boolean;
}

type HealthRisk = "LOW" | "MODERATE" | "HIGH" | "VERY_HIGH" | "SERIOUS";

const DAYS_MAX = 31;
const dayMs = 86_400_000;

/** Resolvers of schema/departments/environment.graphql. Fields of District resolve from the code alone. */
export function createEnvironmentResolvers(stations: Stations, hours: readonly [Hour, ...Hour[]]) {
  const byDate = Map.groupBy(hours, ({ date }) => date);
  const last = hours.at(-1) ?? hours[0];
  const findStation = (id: unknown): Station | null => (typeof id === "string" ? (stations.byId.get(id) ?? null) : null);
  return {
    Date: dateScalar,
    Query: {
      aqhiStations: () => stations.all,
      aqhiStation: (_root: unknown, { id }: { readonly id: unknown }) => findStation(id),
    },
    AqhiStation: {
      __resolveReference: ({ id }: { readonly id: unknown }) => findStation(id),
      name: ({ nameEn, nameTc }: Station) => ({ en: nameEn, tc: nameTc }),
      address: ({ addressEn, addressTc }: Station) => ({ en: addressEn, tc: addressTc }),
      district: ({ district }: Station): District => ({ code: district }),
      hours: ({ id }: Station, period: Period) =>
        daysOf(period)
          .flatMap((day) => byDate.get(day) ?? [])
          .flatMap((hour) => at(hour, id) ?? []),
      lastHour: ({ id }: Station) => at(last, id),
    },
    AqhiHour: {
      risk: ({ index }: StationHour) => riskOf(index),
    },
    District: {
      __resolveReference: ({ code }: { readonly code: unknown }) => (isDistrictCode(code) ? { code } : null),
      aqhiStations: ({ code }: District): readonly Station[] => stations.byDistrict.get(code) ?? [],
    },
  } satisfies Resolvers;
}

function at({ begins, readings }: Hour, id: string): StationHour | null {
  const reading = readings.get(id);
  return reading === undefined ? null : { begins, ...reading };
}

/** The days of a period, which is refused when it is too long. */
function daysOf({ from, until }: Period): readonly string[] {
  const days = (Date.parse(until) - Date.parse(from)) / dayMs;
  if (days < 0) throw inputError("until must not be before from.");
  if (days > DAYS_MAX) throw inputError(`The period must not be longer than ${DAYS_MAX} days.`);
  return Array.from({ length: days }, (_, index) => new Date(Date.parse(from) + index * dayMs).toISOString().slice(0, 10));
}

/** Source: Environmental Protection Department, "Air Quality Health Index": the bands of the index and their health risk. */
function riskOf(index: number | null): HealthRisk | null {
  if (index === null) return null;
  if (index <= 3) return "LOW";
  if (index <= 6) return "MODERATE";
  if (index === 7) return "HIGH";
  return index <= 10 ? "VERY_HIGH" : "SERIOUS";
}
