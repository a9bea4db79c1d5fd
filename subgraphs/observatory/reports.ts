import { z } from "zod";

/** The current weather report, as the schema names its parts. */
export interface CurrentReport {
  readonly weather: {
    readonly updatedAt: string;
    readonly temperature: number | null;
    readonly humidity: number | null;
    readonly uvIndex: number | null;
    readonly temperatures: readonly { readonly place: string; readonly value: number; readonly unit: string }[];
  };
  /** Millimetres in the past hour by the Observatory's name of the district; null while the station is under maintenance. */
  readonly rainfall: ReadonlyMap<string, number | null>;
}

/** The forecast of one day, as the schema names its parts. */
export type DayForecast = z.output<typeof forecastReport>[number];

/** A warning in force, as the schema names its parts. */
export type Warning = z.output<typeof warningReport>[number];

const headquarters = "Hong Kong Observatory";
const time = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\+08:00$/);
const readings = z.array(z.object({ place: z.string(), value: z.number(), unit: z.string() }));
const number = z.object({ value: z.number() });

/** A reading that the Observatory may replace by "M" or leave out during maintenance. */
const rain = z.object({
  place: z.string(),
  unit: z.literal("mm"),
  max: z.union([z.number().min(0), z.literal("M")]).optional(),
  main: z.string(),
});

/**
 * The report `rhrread`. Unknown members are ignored: the Observatory adds some from time to time.
 *
 * Source: Hong Kong Observatory Open Data API Documentation (https://www.hko.gov.hk/en/abouthko/opendata_intro.htm).
 */
export const currentReport = z
  .object({
    updateTime: time,
    temperature: z.object({ data: readings }),
    humidity: z.object({ data: readings }),
    uvindex: z.union([z.literal(""), z.object({ data: z.array(number) })]),
    rainfall: z.object({ data: z.array(rain) }),
  })
  .transform(
    (report): CurrentReport => ({
      weather: {
        updatedAt: report.updateTime,
        temperature: readingAt(report.temperature.data, headquarters),
        humidity: readingAt(report.humidity.data, headquarters),
        uvIndex: report.uvindex === "" ? null : (report.uvindex.data[0]?.value ?? null),
        temperatures: report.temperature.data.map(({ place, value, unit }) => ({ place, value, unit })),
      },
      rainfall: new Map(report.rainfall.data.map((entry) => [entry.place, rainOf(entry)])),
    }),
  );

/** The report `fnd`, nine days from tomorrow on. */
export const forecastReport = z
  .object({
    weatherForecast: z
      .array(
        z.object({
          forecastDate: z.string().regex(/^\d{8}$/),
          forecastWeather: z.string(),
          forecastWind: z.string().optional(),
          forecastMaxtemp: number,
          forecastMintemp: number,
          forecastMaxrh: number.optional(),
          forecastMinrh: number.optional(),
        }),
      )
      .max(9),
  })
  .transform(({ weatherForecast }) =>
    weatherForecast.map((day) => ({
      date: day.forecastDate.replace(/^(\d{4})(\d{2})(\d{2})$/, "$1-$2-$3"),
      weather: day.forecastWeather,
      wind: day.forecastWind ?? null,
      temperatureMin: day.forecastMintemp.value,
      temperatureMax: day.forecastMaxtemp.value,
      humidityMin: day.forecastMinrh?.value ?? null,
      humidityMax: day.forecastMaxrh?.value ?? null,
    })),
  );

/** The report `warnsum`: warnings by their code. A cancelled one is no longer in force. */
export const warningReport = z
  .record(
    z.string(),
    z.object({ name: z.string(), code: z.string(), actionCode: z.string().optional(), issueTime: time, updateTime: time.optional() }),
  )
  .transform((warnings) =>
    Object.values(warnings).flatMap(({ name, code, actionCode, issueTime, updateTime }) =>
      actionCode === "CANCEL" ? [] : [{ code, name, action: actionCode ?? null, issuedAt: issueTime, updatedAt: updateTime ?? null }],
    ),
  );

function readingAt(data: z.infer<typeof readings>, place: string): number | null {
  return data.find((reading) => reading.place === place)?.value ?? null;
}

function rainOf({ max, main }: z.infer<typeof rain>): number | null {
  return main === "TRUE" || typeof max !== "number" ? null : max;
}
