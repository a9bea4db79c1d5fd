import type { z } from "zod";
import { SourceError } from "../kit/errors.ts";
import type { RestSource } from "../kit/rest.ts";
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
  return {
    current: reuse(() => ask(source, "rhrread", currentReport), nowMs),
    forecast: reuse(() => ask(source, "fnd", forecastReport), nowMs),
    warnings: reuse(() => ask(source, "warnsum", warningReport), nowMs),
  };
}

async function ask<Report>(source: RestSource, dataType: string, shape: z.ZodType<Report>): Promise<Report> {
  const report = await source.read({ path: "/weatherAPI/opendata/weather.php", query: { dataType, lang: "en" }, shape });
  if (report === undefined) throw new SourceError("SOURCE_INVALID_REPLY", sourceName);
  return report;
}

interface Kept<T> {
  readonly reply: Promise<T>;
  /** Undefined while the reply is under way: then everybody waits for it, as long as the source's own deadline lets it take. */
  fromMs: number | undefined;
}

function reuse<T>(read: () => Promise<T>, nowMs: () => number): () => Promise<T> {
  let kept: Kept<T> | undefined;
  return () => {
    if (kept !== undefined && isFresh(kept, nowMs())) return kept.reply;
    const asked: Kept<T> = { reply: read(), fromMs: undefined };
    kept = asked;
    asked.reply.then(
      () => {
        asked.fromMs = nowMs();
      },
      () => {
        if (kept === asked) kept = undefined;
      },
    );
    return asked.reply;
  };
}

/** A clock that was set back makes the age negative; such a report is asked for again. */
function isFresh({ fromMs }: Kept<unknown>, nowMs: number): boolean {
  return fromMs === undefined || (nowMs >= fromMs && nowMs - fromMs < reuseMs);
}
