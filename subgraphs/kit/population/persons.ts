import { ABSENCE_MONTHS, daysOfMonthBefore, monthsSince } from "./days.ts";
import { formatHkid, RESERVED_LETTERS } from "./hkid.ts";
import { type Household, householdsOf, type Member, type Population } from "./households.ts";
import { nameOf } from "./names.ts";
import { createPermutation } from "./permute.ts";
import { createRandom, pickWeighted, type Weighted } from "./random.ts";
import { streams } from "./streams.ts";

/** Right of a person to be in Hong Kong. */
export type ResidentStatus = "PERMANENT" | "RIGHT_TO_LAND" | "LIMITED_STAY" | "NON_RESIDENT";

/** A person as the Immigration Department knows one. Synthetic. */
export interface PersonRecord {
  readonly ref: string;
  /** Identity card number of the reserved block, such as QQ123456(0). */
  readonly hkid: string;
  readonly nameEn: string;
  /** Null for persons without a Chinese name. */
  readonly nameTc: string | null;
  /** ISO day. */
  readonly dateOfBirth: string;
  readonly sex: "F" | "M";
  readonly residentStatus: ResidentStatus;
  /** Days outside Hong Kong in each of the last 120 months before the reference day, the newest first. */
  readonly absences: Uint8Array;
}

const HKID_NUMBERS = 1_000_000;

/** Makes the Immigration Department's records. */
export function* personsOf(population: Population): Generator<PersonRecord, void, void> {
  const { seed } = population;
  const identityOf = createIdentities(seed);
  const monthDays = Array.from({ length: ABSENCE_MONTHS }, (_, month) => daysOfMonthBefore(month));
  for (const household of householdsOf(population)) {
    for (const member of household.members) {
      const { ref, dateOfBirth, sex } = member;
      yield {
        ref,
        ...identityOf(household, member),
        dateOfBirth,
        sex,
        residentStatus: statusOf(seed, household, member),
        absences: absencesOf(seed, { member, household, monthDays }),
      };
    }
  }
}

/** By what a person is known to departments. */
export type Identity = Pick<PersonRecord, "hkid" | "nameEn" | "nameTc">;

/** Makes the names and identity card numbers of a population, the same ones for every department. */
export function createIdentities(seed: number): (household: Household, member: Member) => Identity {
  const permute = createPermutation({ size: HKID_NUMBERS, key: [seed, streams.hkid] });
  return (household, { index, role, sex }) => {
    // A husband's or wife's own family name; the others share the head's.
    const familyIndex = household.index * 2 + (role === "SPOUSE" ? 1 : 0);
    const { en, tc } = nameOf({
      family: createRandom(seed, streams.name, 0, familyIndex),
      own: createRandom(seed, streams.name, 1, index),
      sex,
    });
    return { hkid: formatHkid(RESERVED_LETTERS, permute(index)), nameEn: en, nameTc: tc };
  };
}

const newcomerStatus: readonly [Weighted<ResidentStatus>, ...Weighted<ResidentStatus>[]] = [
  ["LIMITED_STAY", 60],
  ["RIGHT_TO_LAND", 15],
  ["PERMANENT", 20],
  ["NON_RESIDENT", 5],
];

function statusOf(seed: number, household: Household, { index, role }: Member): ResidentStatus {
  if (household.isAnchor) return role === "SPOUSE" ? "LIMITED_STAY" : "PERMANENT";
  const isNewcomers = createRandom(seed, streams.person, household.index, 1).chance(0.1);
  const own = createRandom(seed, streams.person, index, 2);
  if (isNewcomers) return pickWeighted(own, newcomerStatus);
  return own.chance(0.98) ? "PERMANENT" : "RIGHT_TO_LAND";
}

/** Days away in an ordinary month, and how often a month has any. */
interface Habit {
  readonly daysMin: number;
  readonly daysMax: number;
  readonly monthShare: number;
}

const habits: readonly [Weighted<Habit>, ...Weighted<Habit>[]] = [
  [{ daysMin: 0, daysMax: 0, monthShare: 0 }, 10],
  [{ daysMin: 1, daysMax: 7, monthShare: 0.15 }, 52],
  [{ daysMin: 1, daysMax: 6, monthShare: 0.6 }, 26],
  [{ daysMin: 6, daysMax: 18, monthShare: 0.9 }, 9],
  [{ daysMin: 20, daysMax: 31, monthShare: 0.95 }, 3],
];
const anchorHabit: Habit = { daysMin: 2, daysMax: 6, monthShare: 0.7 };

function absencesOf(
  seed: number,
  of: { readonly member: Member; readonly household: Household; readonly monthDays: readonly number[] },
): Uint8Array {
  const random = createRandom(seed, streams.absence, of.member.index);
  const { daysMin, daysMax, monthShare } = of.household.isAnchor ? anchorHabit : pickWeighted(random, habits);
  const absences = new Uint8Array(ABSENCE_MONTHS);
  const months = Math.min(ABSENCE_MONTHS, monthsSince(of.member.dateOfBirth));
  for (let month = 0; month < months; month += 1) {
    if (random.chance(monthShare)) absences[month] = Math.min(of.monthDays[month] ?? 0, random.whole(daysMin, daysMax));
  }
  return absences;
}
