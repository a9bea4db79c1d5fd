import { expect, test } from "vitest";
import { compareMasks } from "../../policies/engine/masks.ts";
import type { Mask } from "../../policies/engine/words.ts";

const band = (until: number): Mask => ({
  kind: "band",
  bands: [
    { name: "low", from: undefined, until },
    { name: "high", from: until, until: undefined },
  ],
});
const keep = (first: number, last: number): Mask => ({ kind: "keep", first, last });

const rising: readonly (Mask | undefined)[] = [
  undefined,
  keep(2, 2),
  keep(1, 2),
  keep(0, 1),
  { kind: "year" },
  band(10),
  { kind: "exists" },
];

test("masks stand in one order from the one that tells most to the one that tells least", () => {
  for (const [index, one] of rising.entries()) {
    for (const [place, other] of rising.entries()) {
      expect(compareMasks(one, other)).toBe(index === place ? "equal" : index > place ? "stricter" : "looser");
    }
  }
});

test("masks that hide different things can't be compared", () => {
  expect(compareMasks(keep(2, 0), keep(0, 2))).toBeUndefined();
  expect(compareMasks(keep(2, 0), keep(1, 1))).toBeUndefined();
  expect(compareMasks(band(10), band(20))).toBeUndefined();
  expect(compareMasks(band(10), band(10))).toBe("equal");
});
