import type { FeedData } from "./data.ts";
import { dayMs, hongKongDay, hongKongTime, hongKongWeekday, hourMs, minuteMs } from "./time.ts";

/** The payloads of `weather.php` by `dataType`, with times moved to the given moment. */
export const weatherPayloads = { rhrread: currentReport, fnd: forecastReport, warnsum: warningSummary } as const;

/** A `dataType` that the demonstration serves. */
export type WeatherDataType = keyof typeof weatherPayloads;

/** The current weather report: readings of the full hour, published two minutes later. */
function currentReport({ current }: FeedData, nowMs: number): unknown {
  const hour = readingHour(nowMs);
  const recordTime = hongKongTime(hour);
  const rainEnd = hour - 15 * minuteMs;
  return {
    ...current,
    rainfall: { ...current.rainfall, startTime: hongKongTime(rainEnd - hourMs), endTime: hongKongTime(rainEnd) },
    iconUpdateTime: recordTime,
    updateTime: hongKongTime(hour + publishMs),
    temperature: { ...current.temperature, recordTime },
    humidity: { ...current.humidity, recordTime },
  };
}

/** The nine-day forecast, from tomorrow on. */
function forecastReport({ forecast }: FeedData, nowMs: number): unknown {
  const hour = readingHour(nowMs);
  const recordTime = hongKongTime(hour);
  return {
    ...forecast,
    weatherForecast: forecast.weatherForecast.map((day, index) => {
      const dayTime = nowMs + (index + 1) * dayMs;
      return { forecastDate: hongKongDay(dayTime), week: hongKongWeekday(dayTime), ...day };
    }),
    updateTime: hongKongTime(hour + publishMs),
    seaTemp: { ...forecast.seaTemp, recordTime },
    soilTemp: forecast.soilTemp.map((reading) => ({ ...reading, recordTime })),
  };
}

/** Warnings in force, by their code. */
function warningSummary({ warnings }: FeedData, nowMs: number): unknown {
  const hour = readingHour(nowMs);
  return Object.fromEntries(
    warnings.map(({ key, issuedMinutesAgo, updatedMinutesAgo, expiresInMinutes, ...warning }) => [
      key,
      {
        ...warning,
        issueTime: hongKongTime(hour - issuedMinutesAgo * minuteMs),
        updateTime: hongKongTime(hour - (updatedMinutesAgo ?? issuedMinutesAgo) * minuteMs),
        ...(expiresInMinutes === undefined ? {} : { expireTime: hongKongTime(hour + expiresInMinutes * minuteMs) }),
      },
    ]),
  );
}

const publishMs = 2 * minuteMs;

/** The last full hour whose readings are published. */
function readingHour(nowMs: number): number {
  const published = nowMs - publishMs;
  return published - (published % hourMs);
}
