import { type Household, householdsOf, type Member, type Population } from "./households.ts";
import { createRandom, type Random } from "./random.ts";
import { streams } from "./streams.ts";

/** Years of assessment on record, each named by the year in which it begins. */
export const INCOME_YEARS = { first: 2021, last: 2025 } as const;

/** What the Inland Revenue Department knows of one person in one year of assessment. Synthetic. */
export interface IncomeRecord {
  readonly ref: string;
  readonly year: number;
  /** Assessable income in cents. */
  readonly assessableCents: number;
  /** Rent paid for the home as its tenant, in cents; 0 for all others. */
  readonly rentCents: number;
}

/** Makes the Inland Revenue Department's records: none for a year without income. */
export function* incomesOf(population: Population): Generator<IncomeRecord, void, void> {
  for (const household of householdsOf(population)) {
    for (const member of household.members) yield* incomesOfMember(population, household, member);
  }
}

/** Makes one person's records, the oldest first. */
export function incomesOfMember({ seed }: Population, household: Household, member: Member): readonly IncomeRecord[] {
  const random = createRandom(seed, streams.income, member.index);
  if (!(household.isAnchor && member.role === "HEAD") && !random.chance(workShareOf(member.age))) return [];
  const latestMonthly = latestMonthlyOf(household, random);
  const growth = 1.01 + random.share() * 0.05;
  const rentMonthly = rentMonthlyOf(seed, household, member);
  const records: IncomeRecord[] = [];
  for (let year = INCOME_YEARS.first; year <= INCOME_YEARS.last; year += 1) {
    const yearsBack = INCOME_YEARS.last - year;
    if (member.age - yearsBack <= 18) continue;
    const yearly = (latestMonthly * 12) / growth ** yearsBack;
    const rent = (rentMonthly * 12) / 1.02 ** yearsBack;
    records.push({ ref: member.ref, year, assessableCents: toCents(yearly), rentCents: toCents(rent) });
  }
  return records;
}

function workShareOf(age: number): number {
  if (age < 18) return 0;
  if (age < 25) return 0.45;
  if (age < 60) return 0.82;
  return age < 70 ? 0.35 : 0.04;
}

/**
 * Hong Kong dollars a month. Three even shares multiplied make many small and a few large incomes. Applicants for public rental housing earn
 * within or near the Housing Authority's income limits.
 */
function latestMonthlyOf(household: Household, random: Random): number {
  const spread = random.share() + random.share() + random.share();
  if (household.isAnchor) return 17_800;
  if (household.isApplicant) return 8_000 + spread * 4_500;
  const base = household.tenure === "OWNER" ? 13_000 : 11_000;
  return base + spread ** 2.2 * (household.tenure === "PUBLIC_RENT" ? 2_000 : 6_500);
}

function rentMonthlyOf(seed: number, household: Household, { role }: Member): number {
  if (household.tenure !== "PRIVATE_RENT" || role !== "HEAD") return 0;
  const random = createRandom(seed, streams.income, household.index, 1);
  return household.isApplicant ? random.whole(4_200, 9_500) : random.whole(8_000, 24_000);
}

/** Whole dollars, as returns are filed. */
function toCents(dollars: number): number {
  return Math.round(dollars) * 100;
}
