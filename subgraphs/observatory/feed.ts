import type { z } from "zod";
import { SourceError } from "../kit/errors.ts";
import type { RestSource } from "../kit/rest.ts";
import { createReuse } from "../kit/reuse.ts";
import { type CurrentReport, currentReport, type DayForecast, forecastReport, type Warning, warningReport } from "./reports.ts";

/** The reports of the feed, each asked for once at a time and reused for a short while. */
export interface Feed {
  readonly current: () => Promise<CurrentReport>;
  readonly forecast: () => Promise<readonly DayForecast[]>;
  readonly warnings: () => Promise<readonly Warning[]>;
}

/** What messages call the feed. */
export const sourceName = "the Observatory's feed";

/** How long a report is reused. The Observatory renews the current weather every hour, warnings when they change. */
const reuseMs = 5000;

/** Reports of a source. A failure is shared by those who wait for it and by nobody after; each is a SourceError. */
export function createFeed(source: RestSource, nowMs: () => number): Feed {
  const reused = <Report>(dataType: string, shape: z.ZodType<Report>) =>
    createReuse(() => ask(source, dataType, shape), { reuseMs, nowMs });
  return {
    current: reused("rhrread", currentReport),
    forecast: reused("fnd", forecastReport),
    warnings: reused("warnsum", warningReport),
  };
}

async function ask<Report>(source: RestSource, dataType: string, shape: z.ZodType<Report>): Promise<Report> {
  const report = await source.read({ path: "/weatherAPI/opendata/weather.php", query: { dataType, lang: "en" }, shape });
  if (report === undefined) throw new SourceError("SOURCE_INVALID_REPLY", sourceName);
  return report;
}
