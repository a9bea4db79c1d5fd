import { expect, test } from "vitest";
import { readCasePattern } from "../../policies/engine/pattern.ts";

test.each([
  ["^(A|B)$", /no groups/],
  ["^(A+)+$", /no groups/],
  ["^A+$", /no \+/],
  ["^A*$", /no \*/],
  ["^A{2,}$", /repeats such as/],
  ["^.$", /may hold only/],
  ["^[^A]$", /may hold only/],
  ["^A|B$", /may hold only/],
  ["^A{2}{3}$", /may hold only/],
  ["^\\w$", /may hold only/],
  ["^[A$", /may hold only/],
  ["^$", /may hold only/],
  ["A$", /start with \^/],
  ["^A", /end with \$/],
  ["^A?A?A?A?$", /more than 3 parts/],
  [`^${"A".repeat(100)}$`, /longer than 100/],
  ["^[Z-A]$", /wrong way round/],
  ["^A{3,2}$", /wrong way round/],
])("the pattern %s is refused", (source, why) => {
  expect(readCasePattern(source)).toMatch(why);
});

test.each([
  ["^HD-PRH-[0-9]{7}$", ["HD-PRH-0000123"], ["HD-PRH-000012", "HD-PRH-00001234", "hd-prh-0000123", " HD-PRH-0000123", "HD-PRH-0000123\n"]],
  ["^[A-Z]{2,4}/\\d{1,3}$", ["TD/1", "ABCD/123"], ["T/1", "TD/", "TD/1234", "TD/٣"]],
  ["^A\\.B$", ["A.B"], ["AxB"]],
  ["^[A-]x?$", ["A", "-", "-x"], ["x"]],
])("the pattern %s matches whole references alone", (source, good, bad) => {
  const pattern = readCasePattern(source);
  if (typeof pattern === "string") throw new Error(pattern);
  expect(good.filter((reference) => !pattern.matches(reference))).toEqual([]);
  expect(bad.filter((reference) => pattern.matches(reference))).toEqual([]);
  expect(pattern.matches(undefined)).toBe(false);
});

test("a reference of more than 64 characters matches nothing", () => {
  const pattern = readCasePattern("^A{1,99}$");
  if (typeof pattern === "string") throw new Error(pattern);
  expect(pattern.matches("A".repeat(64))).toBe(true);
  expect(pattern.matches("A".repeat(65))).toBe(false);
});

test("a pattern that was written to be slow to read is refused like any other", () => {
  expect(readCasePattern(`^[${"A-A".repeat(30)}$`)).toMatch(/may hold only/);
});
