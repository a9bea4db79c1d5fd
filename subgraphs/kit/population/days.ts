const DAY_MS = 86_400_000;

/** The day at which the population stands: facts of all departments are those before this day. */
export const REFERENCE_DAY = "2026-11-01";

/** Months before the reference day for which absences are on record. */
export const ABSENCE_MONTHS = 120;

/** The day so many days after another, both as ISO 8601 writes them; a negative number goes back. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** Days of the month that lies so many months before the reference day's; 0 is the last full month. */
export function daysOfMonthBefore(monthsBefore: number): number {
  const [year = 0, month = 0] = REFERENCE_DAY.split("-").map(Number);
  return new Date(Date.UTC(year, month - 1 - monthsBefore, 0)).getUTCDate();
}

/** Full months between a day and the reference day. */
export function monthsSince(day: string): number {
  const [year = 0, month = 0] = REFERENCE_DAY.split("-").map(Number);
  const [thenYear = 0, thenMonth = 0] = day.split("-").map(Number);
  return (year - thenYear) * 12 + month - thenMonth - 1;
}
