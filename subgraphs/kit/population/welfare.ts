import { ANCHOR_ALLOWANCE } from "./anchors.ts";
import { addDays, REFERENCE_DAY } from "./days.ts";
import { type Household, householdsOf, type Member, type Population } from "./households.ts";
import { createRandom, pickWeighted, type Random, type Weighted } from "./random.ts";
import { streams } from "./streams.ts";

/**
 * A scheme of social security: Comprehensive Social Security Assistance, Old Age Allowance, Old Age Living Allowance, Normal and Higher
 * Disability Allowance. Source: Social Welfare Department, "Social Security" (https://www.swd.gov.hk/en/pubsvc/socsecu/).
 */
export type SchemeCode = "CSSA" | "OAA" | "OALA" | "NDA" | "HDA";

/** A scheme from which a person is paid, as the Social Welfare Department knows it. Synthetic. */
export interface SchemeRecord {
  readonly ref: string;
  readonly code: SchemeCode;
  readonly monthlyCents: number;
  /** ISO day of the first payment. */
  readonly since: string;
}

/** State of an application for an allowance; APPROVED is decided, and not yet paid. */
export type AllowanceStatus = "RECEIVED" | "VETTING" | "APPROVED" | "REFUSED";

/** An application for the Old Age Allowance. Synthetic. */
export interface AllowanceRecord {
  /** SW-OAA- and 7 digits, unique. */
  readonly number: string;
  readonly applicantRef: string;
  /** ISO day. */
  readonly submittedOn: string;
  readonly status: AllowanceStatus;
}

/** Amounts a month in Hong Kong dollars: made up, of the size of the real ones. */
const monthly: Readonly<Record<SchemeCode, readonly [min: number, max: number]>> = {
  CSSA: [2_600, 6_400],
  OAA: [1_600, 1_600],
  OALA: [4_200, 4_200],
  NDA: [2_100, 2_100],
  HDA: [4_200, 4_200],
};

const ALLOWANCE_AGE = 70;

/** Makes the schemes of all persons, in the order of the population. */
export function* schemesOf(population: Population): Generator<SchemeRecord, void, void> {
  for (const household of householdsOf(population)) {
    for (const member of household.members) yield* schemesOfMember(population, household, member);
  }
}

/** Makes the applications for the Old Age Allowance: persons of 70 or more who have no old-age scheme may apply. */
export function* allowancesOf(population: Population): Generator<AllowanceRecord, void, void> {
  let serial = 0;
  let hasAnchor = false;
  let anchorHead: Member | undefined;
  for (const household of householdsOf(population)) {
    anchorHead ??= household.members[0];
    for (const member of household.members) {
      if (member.age < ALLOWANCE_AGE || schemesOfMember(population, household, member).some(({ code }) => code !== "NDA")) continue;
      const random = createRandom(population.seed, streams.scheme, member.index, 1);
      if (hasAnchor && !random.chance(0.4)) continue;
      if (hasAnchor) serial += formatNumber(serial + 1) === ANCHOR_ALLOWANCE ? 2 : 1;
      const number = hasAnchor ? formatNumber(serial) : ANCHOR_ALLOWANCE;
      const submittedOn = addDays(REFERENCE_DAY, -random.whole(5, 240));
      yield { number, applicantRef: member.ref, submittedOn, status: hasAnchor ? pickWeighted(random, statuses) : "VETTING" };
      hasAnchor = true;
    }
  }
  // A tiny population may have nobody of the age: then a person who is too young applies.
  if (!hasAnchor && anchorHead !== undefined) {
    yield { number: ANCHOR_ALLOWANCE, applicantRef: anchorHead.ref, submittedOn: addDays(REFERENCE_DAY, -20), status: "VETTING" };
  }
}

const statuses: readonly [Weighted<AllowanceStatus>, ...Weighted<AllowanceStatus>[]] = [
  ["RECEIVED", 25],
  ["VETTING", 45],
  ["APPROVED", 24],
  ["REFUSED", 6],
];

function schemesOfMember({ seed }: Population, household: Household, { index, ref, age }: Member): readonly SchemeRecord[] {
  if (household.isAnchor) return [];
  const random = createRandom(seed, streams.scheme, index);
  const codes: SchemeCode[] = [];
  if (createRandom(seed, streams.scheme, household.index, 2).chance(household.tenure === "PUBLIC_RENT" ? 0.12 : 0.01)) codes.push("CSSA");
  else if (age >= 65) codes.push(...oldAgeCodes(household, age, random));
  if (random.chance(0.02)) codes.push(random.chance(0.85) ? "NDA" : "HDA");
  return codes.map((code) => ({
    ref,
    code,
    monthlyCents: amountOf(code, random),
    since: addDays(REFERENCE_DAY, -random.whole(30, 1_500)),
  }));
}

/** The Old Age Living Allowance is for those with little income and few assets; the other has no means test, and an older age. */
function oldAgeCodes(household: Household, age: number, random: Random): readonly SchemeCode[] {
  if (random.chance(household.tenure === "OWNER" ? 0.25 : 0.6)) return ["OALA"];
  return age >= ALLOWANCE_AGE && random.chance(0.6) ? ["OAA"] : [];
}

function amountOf(code: SchemeCode, random: Random): number {
  const [min, max] = monthly[code];
  return random.whole(min / 5, max / 5) * 500;
}

function formatNumber(serial: number): string {
  return `SW-OAA-${String(serial).padStart(7, "0")}`;
}
