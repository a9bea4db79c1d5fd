/** Offset of Hong Kong time, which has no summer time, from UTC. */
const HONG_KONG_OFFSET_MS = 8 * 60 * 60 * 1000;

/** Whether a text is a calendar day `YYYY-MM-DD` of the years 2000 to 2100, which leaves out slips such as 0206. */
export function isDay(text: string): boolean {
  if (!/^(?:20\d{2}|2100)-\d{2}-\d{2}$/.test(text)) return false;
  const ms = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}

/** Epoch milliseconds of the midnight in Hong Kong that begins a day `YYYY-MM-DD`. */
export function dayStartMs(day: string): number {
  return Date.parse(`${day}T00:00:00+08:00`);
}

/** The Hong Kong day `YYYY-MM-DD` of an instant in epoch milliseconds. */
export function dayOf(ms: number): string {
  return new Date(ms + HONG_KONG_OFFSET_MS).toISOString().slice(0, 10);
}

/**
 * Reads a day (its midnight in Hong Kong) or an RFC 3339 time with its offset.
 *
 * @returns Epoch milliseconds; undefined when the text is neither.
 */
export function parseInstant(text: string): number | undefined {
  if (isDay(text)) return dayStartMs(text);
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})$/.test(text) || !isDay(text.slice(0, 10)))
    return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}
