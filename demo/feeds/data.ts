import { readFile } from "node:fs/promises";
import { z } from "zod";

const reading = z.strictObject({ place: z.string(), value: z.number(), unit: z.string() });
const rain = z.strictObject({
  unit: z.literal("mm"),
  place: z.string(),
  max: z.number().optional(),
  min: z.number().optional(),
  main: z.enum(["TRUE", "FALSE"]),
});
const measure = z.strictObject({ value: z.number(), unit: z.string() });

const currentBase = z.strictObject({
  rainfall: z.strictObject({ data: z.array(rain) }),
  icon: z.array(z.int()),
  uvindex: z.strictObject({
    data: z.array(z.strictObject({ place: z.string(), value: z.number(), desc: z.string() })),
    recordDesc: z.string(),
  }),
  temperature: z.strictObject({ data: z.array(reading) }),
  warningMessage: z.array(z.string()),
  mintempFrom00To09: z.string(),
  rainfallFrom00To12: z.string(),
  rainfallLastMonth: z.string(),
  rainfallJanuaryToLastMonth: z.string(),
  tcmessage: z.string(),
  humidity: z.strictObject({ data: z.array(reading) }),
});

const forecastBase = z.strictObject({
  generalSituation: z.string(),
  weatherForecast: z.array(
    z.strictObject({
      forecastWind: z.string(),
      forecastWeather: z.string(),
      forecastMaxtemp: measure,
      forecastMintemp: measure,
      forecastMaxrh: measure,
      forecastMinrh: measure,
      ForecastIcon: z.int(),
      PSR: z.string(),
    }),
  ),
  seaTemp: reading,
  soilTemp: z.array(reading.extend({ depth: measure })),
});

const warningBase = z.strictObject({
  key: z.string(),
  name: z.string(),
  code: z.string(),
  type: z.string().optional(),
  actionCode: z.string(),
  issuedMinutesAgo: z.int(),
  updatedMinutesAgo: z.int().optional(),
  expiresInMinutes: z.int().optional(),
});

/** What the payloads are made of: everything but the times. See data/README.md. */
export interface FeedData {
  readonly current: z.infer<typeof currentBase>;
  readonly forecast: z.infer<typeof forecastBase>;
  /** Warnings with their times in minutes before and after the full hour. */
  readonly warnings: readonly z.infer<typeof warningBase>[];
  /** Identifiers of the car parks that the vacancy feed knows. */
  readonly carParkIds: readonly string[];
  /** Hospitals with an accident and emergency department, as the waiting-time feed names them. */
  readonly emergencyHospitals: readonly string[];
}

/** Reads the files of data/. Throws when one does not have the shape that the payloads need. */
export async function readFeedData(): Promise<FeedData> {
  const [current, forecast, warnings, carParkIds, emergencyHospitals] = await Promise.all([
    readData("current.json", currentBase),
    readData("forecast.json", forecastBase),
    readData("warnings.json", z.array(warningBase)),
    readData("carparks.json", z.array(z.string())),
    readData("hospitals.json", z.array(z.string())),
  ]);
  return { current, forecast, warnings, carParkIds, emergencyHospitals };
}

async function readData<T>(name: string, shape: z.ZodType<T>): Promise<T> {
  return shape.parse(JSON.parse(await readFile(new URL(`data/${name}`, import.meta.url), "utf8")));
}
