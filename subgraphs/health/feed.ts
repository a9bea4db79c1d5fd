import { SourceError } from "../kit/errors.ts";
import type { RestSource } from "../kit/rest.ts";
import { createReuse } from "../kit/reuse.ts";
import { type WaitingReport, waitingReport } from "./waiting.ts";

/** The waiting times of all accident and emergency departments, asked for once at a time and reused for a short while. */
export type WaitingFeed = () => Promise<WaitingReport>;

/** What messages call the feed. */
export const sourceName = "the Hospital Authority's feed";

/** How long the report is reused. The Hospital Authority renews it every quarter of an hour. */
const reuseMs = 5000;

/** The report of a source. Each failure is a SourceError. */
export function createWaitingFeed(source: RestSource, nowMs: () => number): WaitingFeed {
  return createReuse(() => ask(source), { reuseMs, nowMs });
}

async function ask(source: RestSource): Promise<WaitingReport> {
  const report = await source.read({ path: "/opendata/aed/aedwtdata2-en.json", shape: waitingReport });
  if (report === undefined) throw new SourceError("SOURCE_INVALID_REPLY", sourceName);
  return report;
}
