import { ANCHOR_APPLICATION } from "./anchors.ts";
import { addDays, REFERENCE_DAY } from "./days.ts";
import { districtWeights } from "./districts.ts";
import { type Household, householdsOf, type Population } from "./households.ts";
import { INCOME_YEARS, incomesOfMember } from "./incomes.ts";
import { createRandom, pickWeighted, type Random, type Weighted } from "./random.ts";
import { streams } from "./streams.ts";

/** State of an application for public rental housing. */
export type ApplicationStatus = "RECEIVED" | "VETTING" | "ELIGIBLE" | "OFFERED" | "CLOSED";

/** An application as the Housing Department knows one. Synthetic. */
export interface ApplicationRecord {
  /** HD-PRH- and 7 digits, unique. */
  readonly number: string;
  /** ISO day. */
  readonly submittedOn: string;
  readonly status: ApplicationStatus;
  /** Letter code of the district that the applicant prefers. */
  readonly district: string;
  /** Monthly income that the household declared, in cents: close to what the members earn. */
  readonly incomeCents: number;
  /** References of one to six members, the applicant first. */
  readonly memberRefs: readonly string[];
}

/** Makes the Housing Department's records; the anchors' comes first. */
export function* applicationsOf(population: Population): Generator<ApplicationRecord, void, void> {
  let serial = 0;
  for (const household of householdsOf(population)) {
    if (!household.isApplicant) continue;
    const random = createRandom(population.seed, streams.application, household.index);
    if (!household.isAnchor) serial += formatNumber(serial + 1) === ANCHOR_APPLICATION ? 2 : 1;
    yield {
      number: household.isAnchor ? ANCHOR_APPLICATION : formatNumber(serial),
      submittedOn: household.isAnchor ? "2026-05-18" : addDays(REFERENCE_DAY, -random.whole(1, 2_200)),
      status: household.isAnchor ? "VETTING" : pickWeighted(random, statuses),
      district: pickWeighted(random, districtWeights),
      incomeCents: declaredIncomeOf(population, household, random),
      memberRefs: household.members.map(({ ref }) => ref),
    };
  }
}

const statuses: readonly [Weighted<ApplicationStatus>, ...Weighted<ApplicationStatus>[]] = [
  ["RECEIVED", 15],
  ["VETTING", 30],
  ["ELIGIBLE", 40],
  ["OFFERED", 8],
  ["CLOSED", 7],
];

function formatNumber(serial: number): string {
  return `HD-PRH-${String(serial).padStart(7, "0")}`;
}

/** Declared to ten dollars; most declare within three per cent of what they earn, a few leave a third out. */
function declaredIncomeOf(population: Population, household: Household, random: Random): number {
  const latest = household.members
    .flatMap((member) => incomesOfMember(population, household, member))
    .filter(({ year }) => year === INCOME_YEARS.last)
    .reduce((sum, { assessableCents }) => sum + assessableCents, 0);
  const honesty = random.chance(0.04) ? 0.66 : 0.97 + random.share() * 0.06;
  return Math.round(((latest / 12) * (household.isAnchor ? 1 : honesty)) / 1_000) * 1_000;
}
