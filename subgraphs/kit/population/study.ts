import { ANCHOR_STUDY } from "./anchors.ts";
import { addDays, REFERENCE_DAY } from "./days.ts";
import { type Household, householdsOf, type Population } from "./households.ts";
import { createRandom, pickWeighted, type Random, type Weighted } from "./random.ts";
import { streams } from "./streams.ts";

/** Level of a school. */
export type SchoolLevel = "KINDERGARTEN" | "PRIMARY" | "SECONDARY";

/** State of an application for student finance. */
export type StudyStatus = "RECEIVED" | "VETTING" | "APPROVED" | "REFUSED";

/** An application for student finance as the Education Bureau knows one. Synthetic. */
export interface StudyRecord {
  /** ED-SFA- and 7 digits, unique. */
  readonly number: string;
  /** ISO day. */
  readonly submittedOn: string;
  readonly status: StudyStatus;
  /** The school's level and district, and which of these schools it is: a share from 0 to below 1. */
  readonly school: { readonly level: SchoolLevel; readonly district: string; readonly share: number };
  readonly studentRef: string;
  readonly applicantRef: string;
  /** References of the whole household, the applicant first. */
  readonly memberRefs: readonly string[];
}

/** Ages in full years at which children mostly are in kindergarten, primary and secondary school. */
const ages = { from: 3, primary: 6, secondary: 12, until: 19 } as const;

/** Makes the Education Bureau's applications; the anchors' comes first. */
export function* studiesOf(population: Population): Generator<StudyRecord, void, void> {
  let serial = 0;
  for (const household of householdsOf(population)) {
    const random = createRandom(population.seed, streams.study, household.index);
    if (!appliesForStudy(household, random)) continue;
    if (!household.isAnchor) serial += formatNumber(serial + 1) === ANCHOR_STUDY ? 2 : 1;
    yield { number: household.isAnchor ? ANCHOR_STUDY : formatNumber(serial), ...studyOf(household, random) };
  }
}

function studyOf({ members, isAnchor, district }: Household, random: Random): Omit<StudyRecord, "number"> {
  const student = members.find((member) => member.role === "CHILD" && isOfSchoolAge(member.age)) ?? members[0];
  return {
    submittedOn: isAnchor ? "2026-09-07" : addDays(REFERENCE_DAY, -random.whole(10, 150)),
    status: isAnchor ? "VETTING" : pickWeighted(random, statuses),
    school: { level: levelOf(student.age), district, share: random.share() },
    studentRef: student.ref,
    applicantRef: members[0].ref,
    memberRefs: members.map(({ ref }) => ref),
  };
}

/** Three in ten families with children at school apply, fewer of those who own their home. The anchors always do. */
function appliesForStudy({ members, tenure, isAnchor }: Household, random: Random): boolean {
  const hasPupil = members.some(({ role, age }) => role === "CHILD" && isOfSchoolAge(age));
  return isAnchor || (hasPupil && random.chance(tenure === "OWNER" ? 0.12 : 0.45));
}

function isOfSchoolAge(age: number): boolean {
  return age >= ages.from && age < ages.until;
}

function levelOf(age: number): SchoolLevel {
  if (age < ages.primary) return "KINDERGARTEN";
  return age < ages.secondary ? "PRIMARY" : "SECONDARY";
}

const statuses: readonly [Weighted<StudyStatus>, ...Weighted<StudyStatus>[]] = [
  ["RECEIVED", 20],
  ["VETTING", 45],
  ["APPROVED", 28],
  ["REFUSED", 7],
];

function formatNumber(serial: number): string {
  return `ED-SFA-${String(serial).padStart(7, "0")}`;
}
