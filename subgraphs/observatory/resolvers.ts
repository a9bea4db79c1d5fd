import type { Resolvers } from "../kit/department.ts";
import { inputError } from "../kit/errors.ts";
import { dateScalar } from "../kit/scalars.ts";
import type { ClimateDay, ObservatoryFiles } from "./climate.ts";
import type { Feed } from "./feed.ts";

interface DistrictReference {
  readonly code: string;
}

interface Period {
  readonly from: string;
  readonly until: string;
}

const climateDaysMax = 366;
const dayMs = 86_400_000;

/** Resolvers of schema/departments/observatory.graphql. District.rainfall resolves from the code alone. */
export function createObservatoryResolvers(feed: Feed, { climate, placeOf }: ObservatoryFiles) {
  return {
    Date: dateScalar,
    Query: {
      currentWeather: async () => (await feed.current()).weather,
      weatherWarnings: () => feed.warnings(),
      forecast: async (_root: unknown, { days }: { readonly days?: number | null }) => {
        const count = days ?? 9;
        if (count < 1) throw inputError("days must be 1 or more.");
        return (await feed.forecast()).slice(0, count);
      },
      dailyClimate: (_root: unknown, period: Period) => selectDays(climate, period),
    },
    District: {
      __resolveReference: ({ code }: DistrictReference) => (placeOf.has(code) ? { code } : null),
      rainfall: async ({ code }: DistrictReference) => {
        const place = placeOf.get(code);
        const { rainfall } = await feed.current();
        return place === undefined ? null : (rainfall.get(place) ?? null);
      },
    },
  } satisfies Resolvers;
}

function selectDays(climate: readonly ClimateDay[], { from, until }: Period): readonly ClimateDay[] {
  const days = (Date.parse(until) - Date.parse(from)) / dayMs;
  if (days < 0) throw inputError("until must not be before from.");
  if (days > climateDaysMax) throw inputError(`The period must not be longer than ${climateDaysMax} days.`);
  return climate.filter(({ date }) => date >= from && date < until);
}
