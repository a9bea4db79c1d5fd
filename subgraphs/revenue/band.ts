/** Band of the net chargeable income of a year in Hong Kong dollars. */
export type IncomeBand = "NONE" | "UNDER_120K" | "FROM_120K_TO_240K" | "FROM_240K_TO_480K" | "OVER_480K";

/** A year's amounts in cents. */
export interface YearAmounts {
  readonly assessableCents: bigint;
  /** Rent paid for the home as its tenant. */
  readonly rentCents: bigint;
}

/**
 * Greatest deduction for domestic rents in a year, in cents: HK$100,000 from the year of assessment 2022/23 on.
 * Source: Inland Revenue Ordinance (Cap. 112), Part 4A, deduction for domestic rents.
 */
const RENT_DEDUCTION_CENTS_MAX = 10_000_000n;

/** Upper bounds in cents, exclusive. */
const bands = [
  ["UNDER_120K", 12_000_000n],
  ["FROM_120K_TO_240K", 24_000_000n],
  ["FROM_240K_TO_480K", 48_000_000n],
] as const;

/**
 * The band of a year's income less the deduction for domestic rents, which is open only to those who own no domestic property.
 * Other deductions and the allowances are not on record here, so they are not taken off.
 *
 * @param year The latest year on record; undefined for a person without any income.
 * @param ownsDomesticProperty The Land Registry's answer; without one no band can be said.
 */
export function bandOf(year: YearAmounts | undefined, ownsDomesticProperty: boolean | null | undefined): IncomeBand | null {
  if (typeof ownsDomesticProperty !== "boolean") return null;
  if (year === undefined) return "NONE";
  const net = year.assessableCents - (ownsDomesticProperty ? 0n : least(year.rentCents, RENT_DEDUCTION_CENTS_MAX));
  if (net <= 0n) return "NONE";
  return bands.find(([, below]) => net < below)?.[0] ?? "OVER_480K";
}

function least(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}
