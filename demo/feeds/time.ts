export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** Hong Kong has kept UTC+8 without summer time since 1979. */
const offsetMs = 8 * hourMs;

/** Such as `2026-11-24T10:02:00+08:00`. */
export function hongKongTime(timeMs: number): string {
  return `${shift(timeMs).toISOString().slice(0, 19)}+08:00`;
}

/** Such as `2026-11-24 10:02:00`, as the vacancy feed writes times. */
export function hongKongClock(timeMs: number): string {
  return shift(timeMs).toISOString().slice(0, 19).replace("T", " ");
}

/** Such as `20261124`, as the forecast writes days. */
export function hongKongDay(timeMs: number): string {
  return shift(timeMs).toISOString().slice(0, 10).replaceAll("-", "");
}

/** Such as `24/11/2026 10:15AM`, as the waiting-time feed writes times. */
export function hongKongHalfDayClock(timeMs: number): string {
  const at = shift(timeMs);
  const hour = at.getUTCHours();
  const minute = String(at.getUTCMinutes()).padStart(2, "0");
  return `${at.getUTCDate()}/${at.getUTCMonth() + 1}/${at.getUTCFullYear()} ${hour % 12 === 0 ? 12 : hour % 12}:${minute}${hour < 12 ? "AM" : "PM"}`;
}

/** The day of the week in English. */
export function hongKongWeekday(timeMs: number): string {
  return shift(timeMs).toLocaleDateString("en-GB", { weekday: "long", timeZone: "UTC" });
}

function shift(timeMs: number): Date {
  return new Date(timeMs + offsetMs);
}
