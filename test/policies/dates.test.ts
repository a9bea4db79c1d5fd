import { expect, test } from "vitest";
import { dayOf, dayStartMs, isDay, parseInstant } from "../../policies/engine/dates.ts";

test.each(["2026-02-29", "2026-13-01", "2026-00-10", "2026-4-1", "1999-12-31", "2101-01-01", "2026-04-01 ", "2026-04-01T00:00:00Z", ""])(
  "%s is no day",
  (text) => {
    expect(isDay(text)).toBe(false);
  },
);

test.each(["2026-04-01", "2028-02-29", "2000-01-01", "2100-12-31"])("%s is a day", (text) => {
  expect(isDay(text)).toBe(true);
});

test("a day begins at midnight in Hong Kong, eight hours before it does in Greenwich", () => {
  expect(new Date(dayStartMs("2026-04-01")).toISOString()).toBe("2026-03-31T16:00:00.000Z");
  expect(dayOf(dayStartMs("2026-04-01"))).toBe("2026-04-01");
  expect(dayOf(dayStartMs("2026-04-01") - 1)).toBe("2026-03-31");
});

test("an instant is a day, or a time with its offset", () => {
  expect(parseInstant("2026-04-01")).toBe(Date.UTC(2026, 2, 31, 16));
  expect(parseInstant("2026-04-01T00:00+08:00")).toBe(Date.UTC(2026, 2, 31, 16));
  expect(parseInstant("2026-03-31T15:59:59.999Z")).toBe(Date.UTC(2026, 2, 31, 15, 59, 59, 999));
  for (const text of ["now", "2026-04-01T00:00:00", "2026-02-30T00:00:00Z", "2026-04-01T25:00:00Z", "April 1 2026", "1775000000000"]) {
    expect(parseInstant(text)).toBeUndefined();
  }
});
