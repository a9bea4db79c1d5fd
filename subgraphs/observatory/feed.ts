import type { z } from "zod";
import { currentReport, forecastReport, warningReport } from "./reports.ts";

/** Asks the Observatory for one report and checks its shape. Rejects when the feed is down, slow or answers something else. */
export type AskReport = <Shape extends z.ZodType>(dataType: string, shape: Shape) => Promise<z.output<Shape>>;

/** The reports of the feed, each asked for once at a time and reused for a short while. */
export interface Feed {
  readonly current: () => Promise<z.output<typeof currentReport>>;
  readonly forecast: () => Promise<z.output<typeof forecastReport>>;
  readonly warnings: () => Promise<z.output<typeof warningReport>>;
}

/** How long a report is reused. The Observatory renews the current weather every hour and warnings when they change. */
const reuseMs = 5000;

/** Reports by `ask`; a failure is shared by those who wait for it and by nobody after. */
export function createFeed(ask: AskReport, nowMs: () => number): Feed {
  return {
    current: reuse(() => ask("rhrread", currentReport), nowMs),
    forecast: reuse(() => ask("fnd", forecastReport), nowMs),
    warnings: reuse(() => ask("warnsum", warningReport), nowMs),
  };
}

function reuse<T>(ask: () => Promise<T>, nowMs: () => number): () => Promise<T> {
  let kept: { readonly reply: Promise<T>; untilMs: number } | undefined;
  return () => {
    if (kept !== undefined && nowMs() < kept.untilMs) return kept.reply;
    // While the reply is under way everybody waits for it, however long the source's own deadline lets it take.
    const asked = { reply: ask(), untilMs: Number.POSITIVE_INFINITY };
    kept = asked;
    asked.reply.then(
      () => {
        asked.untilMs = nowMs() + reuseMs;
      },
      () => {
        if (kept === asked) kept = undefined;
      },
    );
    return asked.reply;
  };
}
